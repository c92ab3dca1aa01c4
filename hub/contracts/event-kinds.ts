import type { Static, TSchema } from 'typebox';
import { excursionEnded, excursionStarted } from './kinds/climate-kinds.ts';
import { deviceHeard, deviceQuarantined, deviceSilent } from './kinds/device-kinds.ts';
import {
  configApplied,
  gatewayStarted,
  intakeHeld,
  intakeResumed,
  uplinkLost,
  uplinkRestored,
} from './kinds/gateway-kinds.ts';
import { counterAdvanced, deviceGap, machineStateChanged } from './kinds/plc-kinds.ts';
import { stockConflict, stockPosted, taskOpened } from './kinds/stock-kinds.ts';
import { portalPassed, tagAppeared, tagDeparted, tagMoved } from './kinds/tag-kinds.ts';

/** How a kind is said in EPCIS 2.0 and CBV 2.0; null where the standard has no word for it. */
interface EpcisTerm {
  readonly type: 'ObjectEvent' | 'AggregationEvent' | 'TransactionEvent';
  readonly action: 'ADD' | 'OBSERVE' | 'DELETE';
  readonly bizStep: string;
  readonly disposition?: string;
}

interface KindEntry {
  /** The version that is written today; older ones are read through upcasters. */
  readonly version: number;
  readonly payload: TSchema;
  readonly epcis: EpcisTerm | null;
  /** The payload carries ledger lines, and these must balance. */
  readonly posts: boolean;
}

function observed<P extends TSchema>(payload: P, epcis: EpcisTerm | null = null) {
  return { version: 1, payload, epcis, posts: false } as const;
}

function posted(epcis: EpcisTerm) {
  return { version: 1, payload: stockPosted, epcis, posts: true } as const;
}

const seen = { type: 'ObjectEvent', action: 'OBSERVE' } as const;

/** The one registry of event kinds: name → version, payload schema, EPCIS term. */
export const eventKinds = {
  'tag.appeared': observed(tagAppeared, { ...seen, bizStep: 'storing' }),
  'tag.moved': observed(tagMoved, { ...seen, bizStep: 'entering_exiting' }),
  'tag.departed': observed(tagDeparted, { ...seen, bizStep: 'departing' }),
  'portal.passed': observed(portalPassed, { ...seen, bizStep: 'entering_exiting' }),
  'counter.advanced': observed(counterAdvanced),
  'machine.state-changed': observed(machineStateChanged),
  'climate.excursion-started': observed(excursionStarted, { ...seen, bizStep: 'sensor_reporting' }),
  'climate.excursion-ended': observed(excursionEnded, { ...seen, bizStep: 'sensor_reporting' }),
  'device.silent': observed(deviceSilent),
  'device.heard': observed(deviceHeard),
  'device.gap': observed(deviceGap),
  'device.quarantined': observed(deviceQuarantined),
  'gateway.started': observed(gatewayStarted),
  'gateway.config-applied': observed(configApplied),
  'gateway.uplink-lost': observed(uplinkLost),
  'gateway.uplink-restored': observed(uplinkRestored),
  'gateway.intake-held': observed(intakeHeld),
  'gateway.intake-resumed': observed(intakeResumed),
  'stock.received': posted({ ...seen, bizStep: 'receiving', disposition: 'in_progress' }),
  'stock.moved': posted({ ...seen, bizStep: 'storing', disposition: 'sellable_accessible' }),
  'stock.shipped': posted({ ...seen, bizStep: 'shipping', disposition: 'in_transit' }),
  'stock.conflict': observed(stockConflict),
  'task.opened': observed(taskOpened),
} as const satisfies Record<string, KindEntry>;

export type EventKind = keyof typeof eventKinds;
export type EventPayload<K extends EventKind> = Static<(typeof eventKinds)[K]['payload']>;

/** The kinds whose payload carries ledger lines. */
export type PostingKind = {
  [K in EventKind]: (typeof eventKinds)[K]['posts'] extends true ? K : never;
}[EventKind];

export function isEventKind(kind: string): kind is EventKind {
  return Object.hasOwn(eventKinds, kind);
}

export function isPostingKind(kind: EventKind): kind is PostingKind {
  return eventKinds[kind].posts;
}
