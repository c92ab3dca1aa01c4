import type { Static, TSchema } from 'typebox';
import { actFlagged, actKept, actRefused, personRevoked } from './kinds/act-kinds.ts';
import {
  excursionEnded,
  excursionFound,
  excursionStarted,
  goodsLeft,
  lotsExposed,
} from './kinds/climate-kinds.ts';
import {
  deviceFaultCleared,
  deviceFaultRaised,
  deviceHeard,
  deviceQuarantined,
  deviceSilent,
} from './kinds/device-kinds.ts';
import { documentClosed, documentOpened, documentProgressed } from './kinds/document-kinds.ts';
import { evidenceLost, evidencePruned, evidenceSealed } from './kinds/evidence-kinds.ts';
import {
  bookRestored,
  clockAccepted,
  clockDoubted,
  clockStepped,
  clockTrusted,
  configApplied,
  configOverridden,
  configOverrideEnded,
  configRefused,
  entrySetAside,
  gatewayStarted,
  intakeHeld,
  intakeResumed,
  keyRotated,
  uplinkLost,
  uplinkRestored,
} from './kinds/gateway-kinds.ts';
import { inputChanged } from './kinds/input-kinds.ts';
import {
  counterAdvanced,
  deviceGap,
  machineAlarmCleared,
  machineAlarmRaised,
  machineStateChanged,
} from './kinds/plc-kinds.ts';
import { scanRead } from './kinds/scan-kinds.ts';
import {
  stockAdjusted,
  stockConflict,
  stockCounted,
  stockHeld,
  stockPosted,
  stockReconciled,
  stockRegrouped,
  stockReleased,
  stockSwept,
  taskClosed,
  taskOpened,
} from './kinds/stock-kinds.ts';
import { portalPassed, tagAppeared, tagDeparted, tagMoved } from './kinds/tag-kinds.ts';
import { transferMatched, transferSent } from './kinds/transfer-kinds.ts';
import { unitObserved, unitPacked, unitUnpacked } from './kinds/unit-kinds.ts';

/** How a kind is said in EPCIS 2.0 and CBV 2.0; null where the standard has no word for it. */
interface EpcisTerm {
  readonly type: 'ObjectEvent' | 'AggregationEvent' | 'TransactionEvent';
  readonly action: 'ADD' | 'OBSERVE' | 'DELETE';
  readonly bizStep: string;
  readonly disposition?: string;
}

interface KindEntry {
  /** The newest version; older ones are read through upcasters. */
  readonly version: number;
  /** Whether a payload says what only the newest version can. */
  readonly isNew?: IsNew;
  readonly payload: TSchema;
  readonly epcis: EpcisTerm | null;
  /** The payload carries ledger lines, and these must balance. */
  readonly posts: boolean;
}

type IsNew = (payload: Readonly<Record<string, unknown>>) => boolean;

function observed<P extends TSchema>(payload: P, epcis: EpcisTerm | null = null) {
  return { version: 1, payload, epcis, posts: false } as const;
}

function posted<P extends TSchema>(payload: P, epcis: EpcisTerm) {
  return { version: 1, payload, epcis, posts: true } as const;
}

/** A second version of a kind, which can say more than the first. */
function second(isNew: IsNew) {
  return { version: 2, isNew } as const;
}

/** Of acts that have to do with transfers between gateways. */
const transferRefusals: readonly unknown[] = [
  'unknown-transfer',
  'not-on-transfer',
  'unknown-gateway',
];

const seen = { type: 'ObjectEvent', action: 'OBSERVE' } as const;
const aggregated = { type: 'AggregationEvent' } as const;

/** The one registry of event kinds: name → version, payload schema, EPCIS term. */
export const eventKinds = {
  'tag.appeared': observed(tagAppeared, { ...seen, bizStep: 'storing' }),
  'tag.moved': observed(tagMoved, { ...seen, bizStep: 'entering_exiting' }),
  'tag.departed': observed(tagDeparted, { ...seen, bizStep: 'departing' }),
  'portal.passed': observed(portalPassed, { ...seen, bizStep: 'entering_exiting' }),
  'counter.advanced': observed(counterAdvanced),
  'machine.state-changed': observed(machineStateChanged),
  'machine.alarm-raised': observed(machineAlarmRaised),
  'machine.alarm-cleared': observed(machineAlarmCleared),
  'scan.read': observed(scanRead),
  'input.changed': observed(inputChanged),
  'climate.excursion-started': observed(excursionStarted, { ...seen, bizStep: 'sensor_reporting' }),
  'climate.excursion-ended': observed(excursionEnded, { ...seen, bizStep: 'sensor_reporting' }),
  'climate.excursion-found': observed(excursionFound, { ...seen, bizStep: 'sensor_reporting' }),
  'climate.goods-left': observed(goodsLeft, { ...seen, bizStep: 'sensor_reporting' }),
  'climate.lots-exposed': observed(lotsExposed, { ...seen, bizStep: 'sensor_reporting' }),
  'device.silent': observed(deviceSilent),
  'device.heard': observed(deviceHeard),
  'device.gap': observed(deviceGap),
  'device.quarantined': observed(deviceQuarantined),
  'device.fault-raised': observed(deviceFaultRaised),
  'device.fault-cleared': observed(deviceFaultCleared),
  'gateway.started': observed(gatewayStarted),
  'gateway.config-applied': observed(configApplied),
  'gateway.config-refused': observed(configRefused),
  'gateway.config-overridden': observed(configOverridden),
  'gateway.config-override-ended': observed(configOverrideEnded),
  'gateway.uplink-lost': observed(uplinkLost),
  'gateway.uplink-restored': observed(uplinkRestored),
  'gateway.intake-held': observed(intakeHeld),
  'gateway.intake-resumed': observed(intakeResumed),
  'gateway.entry-set-aside': observed(entrySetAside),
  'gateway.clock-accepted': observed(clockAccepted),
  'gateway.clock-doubted': observed(clockDoubted),
  'gateway.clock-stepped': observed(clockStepped),
  'gateway.clock-trusted': observed(clockTrusted),
  'gateway.key-rotated': observed(keyRotated),
  'gateway.book-restored': observed(bookRestored),
  'evidence.sealed': observed(evidenceSealed),
  'evidence.pruned': observed(evidencePruned),
  'evidence.lost': observed(evidenceLost),
  'stock.received': {
    ...posted(stockPosted, { ...seen, bizStep: 'receiving', disposition: 'in_progress' }),
    ...second(({ transfer }) => transfer !== undefined),
  },
  'stock.moved': posted(stockPosted, {
    ...seen,
    bizStep: 'storing',
    disposition: 'sellable_accessible',
  }),
  'stock.shipped': posted(stockPosted, { ...seen, bizStep: 'shipping', disposition: 'in_transit' }),
  'stock.adjusted': posted(stockAdjusted, { ...seen, bizStep: 'stock_taking' }),
  'stock.held': posted(stockHeld, {
    ...seen,
    bizStep: 'holding',
    disposition: 'sellable_not_accessible',
  }),
  'stock.released': posted(stockReleased, {
    ...seen,
    bizStep: 'inspecting',
    disposition: 'sellable_accessible',
  }),
  'stock.regrouped': posted(stockRegrouped, { ...seen, bizStep: 'packing' }),
  'stock.rebooked': posted(stockPosted, { ...seen, bizStep: 'receiving' }),
  'stock.counted': observed(stockCounted, { ...seen, bizStep: 'cycle_counting' }),
  'stock.swept': observed(stockSwept, { ...seen, bizStep: 'cycle_counting' }),
  'stock.reconciled': {
    ...observed(stockReconciled),
    ...second(({ besides }) => besides !== undefined),
  },
  'stock.conflict': observed(stockConflict),
  'unit.packed': observed(unitPacked, { ...aggregated, action: 'ADD', bizStep: 'packing' }),
  'unit.unpacked': observed(unitUnpacked, {
    ...aggregated,
    action: 'DELETE',
    bizStep: 'unpacking',
  }),
  'unit.observed': observed(unitObserved, {
    ...aggregated,
    action: 'OBSERVE',
    bizStep: 'entering_exiting',
  }),
  'document.opened': observed(documentOpened),
  'document.progressed': observed(documentProgressed),
  'document.closed': observed(documentClosed),
  'act.refused': {
    ...observed(actRefused),
    ...second(({ code }) => transferRefusals.includes(code)),
  },
  'act.flagged': observed(actFlagged),
  'act.kept': observed(actKept),
  'person.revoked': observed(personRevoked),
  'transfer.sent': observed(transferSent, { ...seen, bizStep: 'departing' }),
  'transfer.matched': observed(transferMatched),
  'task.opened': { ...observed(taskOpened), ...second(({ task }) => task === 'verify-transfer') },
  'task.closed': observed(taskClosed),
} as const satisfies Record<string, KindEntry>;

export type EventKind = keyof typeof eventKinds;
export type EventPayload<K extends EventKind> = Static<(typeof eventKinds)[K]['payload']>;

/** The kinds whose payload carries ledger lines. */
export type PostingKind = {
  [K in EventKind]: (typeof eventKinds)[K]['posts'] extends true ? K : never;
}[EventKind];

/**
 * The version that an event is written in: the oldest that can say it, so that a hub of the release
 * before parks what it cannot read, and takes in all else of the kind.
 */
export function versionOf(kind: EventKind, payload: Readonly<Record<string, unknown>>): number {
  const { isNew, version }: KindEntry = eventKinds[kind];
  return isNew === undefined || isNew(payload) ? version : version - 1;
}

export function isEventKind(kind: string): kind is EventKind {
  return Object.hasOwn(eventKinds, kind);
}

export function isPostingKind(kind: EventKind): kind is PostingKind {
  return eventKinds[kind].posts;
}
