import type { EventDraft } from '#contracts/envelope.ts';
import { isPostingKind } from '#contracts/event-kinds.ts';
import type { Account, PostingLine } from '#contracts/posting.ts';
import type { SiteConfig } from '../../../config/gateway-config.ts';
import type { IntakeBody, IntakeEntry } from '../../../intake/intake-entry.ts';
import { StandingObserver } from '../../standing-observer.ts';
import { bootBody, configBody, startMs } from '../test-site.ts';
import { dockSite, doorReader, outsideSite, zoneOfDoor, doorCount } from './dock-site.ts';
import { announcementOf, type DockWorld, type WorldReport } from './dock-world.ts';
import type { SaidMove } from './move-score.ts';

export interface GatewaySaid {
  /** By `portal.passed` and `tag.moved`. */
  readonly observed: readonly SaidMove[];
  /** By ledger lines, those of a handling unit for each thing in it. */
  readonly posted: readonly SaidMove[];
  readonly kinds: ReadonlyMap<string, number>;
  /** Spent in the observer. */
  readonly busyMs: number;
}

/** What differs from what `gateway init` writes. */
export interface DockPolicies {
  readonly observe?: Partial<SiteConfig['observe']>;
  readonly posting?: Partial<SiteConfig['posting']>;
}

interface GatewayAsked {
  readonly announced?: boolean | undefined;
  readonly policies?: DockPolicies | undefined;
  readonly stopwatch?: (() => number) | undefined;
}

/** So long after the last report the gateway is asked what it has to say. */
const afterS = 90;
/** What a report takes to the gateway. */
const sentAfterS = 0.05;

/**
 * What the gateway's own observers and poster say of a world: every report is a message in the
 * format of Zebra's IoT Connector, decoded by the device codec, in an intake entry.
 *
 * @param asked `announced`: a document told of the pallets before they came; `stopwatch`:
 *   milliseconds; what the observer takes is not measured without it
 */
export function gatewayMoves(
  world: DockWorld,
  { announced = false, policies = {}, stopwatch = () => 0 }: GatewayAsked = {},
): GatewaySaid {
  const gateway = new Gateway(world, stopwatch);
  const site: SiteConfig = {
    ...dockSite,
    observe: { ...dockSite.observe, ...policies.observe },
    posting: { ...dockSite.posting, ...policies.posting },
  };
  const first: IntakeBody[] = [bootBody, configBody(site)];
  if (announced && world.units.length > 0) {
    first.push({ type: 'document', origin: 'rest', document: announcementOf(world) });
  }
  for (const entry of gatewayEntries(world, first)) gateway.take(entry);
  return gateway;
}

/** The intake entries of a world: `first`, then its reports, with a tick at every second. */
export function* gatewayEntries(
  world: DockWorld,
  first: readonly IntakeBody[],
): Generator<IntakeEntry> {
  const numbers = new Map<string, number>();
  let pos = 0;
  const entry = (atS: number, body: IntakeBody): IntakeEntry => {
    pos += 1;
    return { pos, receivedAtMs: startMs + Math.round(atS * 1000), body };
  };
  let second = 0;
  for (const body of first) yield entry(0, body);
  for (const report of world.reports) {
    for (; second < report.sentS; second += 1) yield entry(second, { type: 'tick' });
    const number = (numbers.get(report.device) ?? 0) + 1;
    numbers.set(report.device, number);
    yield entry(report.sentS + sentAfterS, messageOf(report, number));
  }
  for (; second < world.endS + afterS; second += 1) yield entry(second, { type: 'tick' });
}

class Gateway implements GatewaySaid {
  readonly observed: SaidMove[] = [];
  readonly posted: SaidMove[] = [];
  readonly kinds = new Map<string, number>();
  busyMs = 0;
  readonly #observer = new StandingObserver([]);
  readonly #stopwatch: () => number;
  /** Unit → what the book has in it. */
  readonly #contents: ReadonlyMap<string, Set<string>>;
  readonly #unitOf: ReadonlyMap<string, Set<string>>;

  constructor({ units }: DockWorld, stopwatch: () => number) {
    this.#stopwatch = stopwatch;
    this.#contents = new Map(units.map(({ unit, epcs }) => [unit, new Set(epcs)]));
    this.#unitOf = new Map(
      [...this.#contents.values()].flatMap((inside) => [...inside].map((epc) => [epc, inside])),
    );
  }

  take(entry: IntakeEntry): void {
    const before = this.#stopwatch();
    const { drafts } = this.#observer.step(entry);
    this.#observer.takeDirty();
    this.busyMs += this.#stopwatch() - before;
    for (const draft of drafts) this.#note(draft, (entry.receivedAtMs - startMs) / 1000);
  }

  #note({ kind, payload }: EventDraft, atS: number): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    if (kind === 'tag.moved') {
      const { epc, fromZone, zone } = payload as Record<'epc' | 'fromZone' | 'zone', string>;
      this.observed.push({ epc, from: fromZone, to: zone, atS });
    }
    if (kind === 'portal.passed') {
      const { epc, portal, direction } = payload as Record<'epc' | 'portal' | 'direction', string>;
      const zone = zoneOfPortal.get(portal) ?? '';
      const [from, to] = direction === 'in' ? [outsideSite, zone] : [zone, outsideSite];
      this.observed.push({ epc, from, to, atS });
    }
    if (!isPostingKind(kind)) return;
    const { lines, unit } = payload as { lines: PostingLine[]; unit?: string };
    const from = lines.find(({ quantity }) => quantity < 0);
    const to = lines.find(({ quantity }) => quantity > 0);
    if (from === undefined || to === undefined) return;
    const places = { from: placeOfAccount(from.account), to: placeOfAccount(to.account) };
    if (places.from === places.to) return;
    const epcs = unit === undefined ? (to.serials ?? []) : (this.#contents.get(unit) ?? new Set());
    for (const epc of epcs) {
      this.posted.push({ epc, ...places, atS });
      // What is posted by itself is in its unit no more.
      if (unit === undefined) this.#unitOf.get(epc)?.delete(epc);
    }
  }
}

const zoneOfPortal = new Map(
  Array.from({ length: doorCount }, (_, door) => [doorReader(door), zoneOfDoor(door)]),
);

function placeOfAccount(account: Account): string {
  return account.type === 'zone' ? account.zone : outsideSite;
}

const encoder = new TextEncoder();

function messageOf(report: WorldReport, eventNum: number): IntakeBody {
  const { epc, antenna, reads, peakDbm, readS, device } = report;
  const readMs = startMs + Math.floor(readS * 1000);
  const json = JSON.stringify({
    type: 'CUSTOM',
    timestamp: new Date(readMs).toISOString().replace('Z', '+0000'),
    data: { idHex: epc.toLowerCase(), antenna, reads, eventNum, peakRssi: peakDbm },
  });
  return { type: 'message', device, channel: 'data', qos: 1, payload: encoder.encode(json) };
}
