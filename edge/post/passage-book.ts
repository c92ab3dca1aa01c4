import { draft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { DoorPassing, DoorView } from '../stock/stock-view.ts';
import type { TaskBook } from '../stock/task-book.ts';
import { draftFields, type Saying, type Turn } from '../stock/turn.ts';
import { independentOf, isSettled, judgeSources } from './judge-sources.ts';
import { PassageScans, type IsOf } from './passage-scans.ts';

type Reconciled = EventPayload<'stock.reconciled'>;
type Last = { readonly reconciled: Reconciled; readonly task: string };
type Way = 'in' | 'out' | '';

/** What went through a portal in one direction since the last passage ended. */
type Passage = {
  /** So many of `read` are on no document, by themselves. */
  readonly besides?: number;
  readonly counted: number;
  readonly documents: readonly string[];
  /** What open documents expect of loose goods, and in units; absent: none speaks of it. */
  readonly expected?: number;
  readonly expectedInUnits?: number;
  /** Items or units that are known to pass, so that scans of them are of this passage. */
  readonly goods?: readonly string[];
  /** A unit was seen too little of: what units hold says nothing. */
  readonly isDoubtful?: boolean;
  /** Its policy has something of it tagged: antennas should have read it. */
  readonly isTagged?: boolean;
  readonly lastMs: number;
  /** Documents whose loose goods are in `expected`. */
  readonly openOf?: readonly string[];
  readonly read: number;
  /** So many of `read` are things in units. */
  readonly readInUnits?: number;
  readonly startedMs: number;
  /** What the units hold that were seen well enough. */
  readonly units?: number;
};

const none = { counted: 0, documents: [], lastMs: 0, read: 0 };
const ways = ['in', 'out', ''] as const;
const maxDocuments = 20;
const mostGoods = 200;

/**
 * A door that never goes quiet ends a passage all the same: from the first on where it is quiet for
 * a third of the usual time and no unit is under way, at the second anyhow.
 */
const longMs = 5 * 60_000;
const longestMs = 2 * longMs;

export const defaultQuorumPermille = 600;
export const defaultSettleMs = 15_000;

/** Whether pieces at a portal are tagged items or the units they come in: as its counter counts. */
export function portalCounts({ countedPortals }: SiteModel, portal: string): 'items' | 'units' {
  return [...countedPortals.values()].find((one) => one.portal === portal)?.counts ?? 'items';
}

/** Pieces as one source has them. A counter does not know a direction. */
export interface Piece {
  readonly portal: string;
  readonly direction: Way;
  readonly source: 'rfid' | 'counter' | 'document' | 'unit';
  readonly pieces: number;
  /** The item or unit that passes. */
  readonly goods?: string | undefined;
  readonly isInUnit?: boolean;
  /** The document that expects it. */
  readonly document?: string | undefined;
  /** `pieces` is all that the document still expects of loose goods, to be taken once. */
  readonly isOpenQuantity?: boolean;
  /** No document names it, though it is a thing that documents name. */
  readonly isOnNone?: boolean;
  readonly isTagged?: boolean;
}

/**
 * Sums up, for each portal and direction, how many pieces each source saw in one go, and compares
 * them when it ends: what agrees and how sure that is, and a task where they differ. Says nothing
 * where only one source took part.
 */
export class PassageBook {
  readonly #tasks: TaskBook;
  readonly #passages = new KeyedStore<Passage>('passage');
  readonly #scans = new PassageScans();
  /** By portal: what was compared last, and the task that it left; empty: none. */
  readonly #last = new KeyedStore<Last>('passage-last');

  constructor(tasks: TaskBook) {
    this.#tasks = tasks;
  }

  /** @param nowMs when the source saw it: what was seen before the passage began is not of it */
  add(nowMs: number, piece: Piece): void {
    const { portal, direction } = piece;
    const key = `${portal}\n${direction}`;
    const before = this.#passages.get(key) ?? { ...none, startedMs: nowMs };
    if (nowMs < before.startedMs) return;
    this.#passages.set(
      key,
      withPiece({ ...before, lastMs: Math.max(before.lastMs, nowMs) }, piece),
    );
  }

  /** Somebody received or shipped such goods there: what passes, and what scans are of it. */
  bind(nowMs: number, portal: string, direction: 'in' | 'out', goods: readonly string[]): void {
    for (const one of goods.slice(0, mostGoods)) {
      this.add(nowMs, { portal, direction, source: 'rfid', pieces: 0, goods: one });
    }
  }

  /** A unit was seen too little of to stand for what it holds. */
  doubt(portal: string, direction: 'in' | 'out'): void {
    const key = `${portal}\n${direction}`;
    const before = this.#passages.get(key);
    if (before !== undefined) this.#passages.set(key, { ...before, isDoubtful: true });
  }

  /** A code was read by a scanner at the portal, or in the zone behind it. */
  scan(
    site: SiteModel,
    nowMs: number,
    { portal, code, isAtPortal }: { portal: string; code: ScannedCode; isAtPortal: boolean },
  ): void {
    this.#scans.add(nowMs, portal, code, isAtPortal);
    if (!isAtPortal) return;
    const direction = wayThrough(site, portal);
    this.add(nowMs, { portal, direction, source: 'rfid', pieces: 0 });
  }

  /** Compares what has ended. @param isUnderWay whether a unit at the portal may still be seen whole */
  tick(
    site: SiteModel,
    nowMs: number,
    out: Turn['out'],
    isUnderWay: (portal: string) => boolean = () => false,
  ): void {
    this.#scans.tick(nowMs, (portal, goods, isAt) => this.#isOfAny(portal, goods, isAt));
    const settleMs = site.posting.settleMs ?? defaultSettleMs;
    if (this.#passages.size === 0) return;
    const portals = new Set([...this.#passages.keys()].map((key) => key.split('\n')[0] ?? ''));
    for (const portal of [...portals].sort()) {
      const all = ways.flatMap((way) => this.#passages.get(`${portal}\n${way}`) ?? []);
      const quietMs = nowMs - Math.max(...all.map(({ lastMs }) => lastMs));
      const isQuiet = quietMs >= settleMs;
      const lastingMs = nowMs - Math.min(...all.map(({ startedMs }) => startedMs));
      const isUnit = !isQuiet && isUnderWay(portal);
      const isLong = lastingMs >= Math.max(longMs, settleMs) && quietMs * 3 >= settleMs && !isUnit;
      const isLongest = lastingMs >= Math.max(longestMs, 2 * settleMs);
      if (!isQuiet && !isLong && !isLongest) continue;
      const turn: Turn = { site, nowMs, at: arrivalAt(nowMs), out };
      this.#end(turn, portal, isQuiet ? 'quiet' : isUnit ? 'cut-in-unit' : 'cut');
    }
  }

  /** What goes through each portal now, and what was compared there last. */
  doors(portals: SiteModel['portals']): DoorView[] {
    return [...portals].map(([portal, zone]) => {
      const { reconciled: last, task = '' } = this.#last.get(portal) ?? {};
      return {
        portal,
        zone,
        passing: ways.flatMap((direction): DoorPassing[] => {
          const passage = this.#passages.get(`${portal}\n${direction}`);
          if (passage === undefined) return [];
          const { documents, startedMs, lastMs } = passage;
          const scanned = this.#scans.piecesOf(portal, isOfPassage(passage));
          const sources = sourcesOf(passage, { counted: passage.counted, scanned });
          const seen = sources.filter(({ units }) => units > 0);
          return [{ direction, documents, lastMs, sources: seen, startedMs }];
        }),
        ...(last === undefined ? {} : { last }),
        ...(task === '' ? {} : { task }),
      };
    });
  }

  drainDirty(rows: StateRow[]): void {
    this.#passages.drainDirty(rows);
    this.#scans.drainDirty(rows);
    this.#last.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (this.#scans.restore(machine, key, value)) return true;
    const store = [this.#passages, this.#last].find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined;
  }

  #end(turn: Turn, portal: string, how: Ending): void {
    const { site } = turn;
    const taken = ways.map((way) => this.#passages.get(`${portal}\n${way}`));
    const [inwards, outwards, counter] = taken;
    for (const way of ways) this.#passages.set(`${portal}\n${way}`, undefined);
    const isCounted = [...site.countedPortals.values()].some((one) => one.portal === portal);
    const counted = isCounted ? (counter?.counted ?? 0) : undefined;
    const first = wayThrough(site, portal);
    const second = first === 'in' ? 'out' : 'in';
    const isAlone = inwards === undefined && outwards === undefined;
    // The usual way has the scans of goods that went both ways.
    for (const way of [first, second] as const) {
      const passage = (way === 'in' ? inwards : outwards) ?? (isAlone ? counter : undefined);
      if (passage === undefined || (isAlone && way === second)) continue;
      const isOf = isOfPassage(passage);
      const scanned = this.#scans.piecesOf(portal, isOf);
      this.#scans.forget(portal, isOf);
      const canRead = hasAntennas(site, portal);
      // A counter does not know the way: what it saw while goods went both ways says nothing.
      const isTheirs = !hasPassed(way === 'in' ? outwards : inwards);
      const beside = { counted: isTheirs ? counted : undefined, scanned, how, canRead };
      const sources = sourcesOf(passage, beside);
      this.#compare(turn, portal, way, { passage, sources, how });
    }
  }

  #compare(
    turn: Turn,
    portal: string,
    direction: 'in' | 'out',
    { passage, sources, how }: Ended,
  ): void {
    if (independentOf(sources).length < 2) return;
    const { documents, startedMs: startedAt, lastMs: endedAt } = passage;
    const besides = documents.length === 0 ? 0 : (passage.besides ?? 0);
    // As many pieces as a document expects are not these pieces where some of them are on none.
    const asked = sources.filter(({ source }) => besides === 0 || source !== 'document');
    const { units, agreed, certainty } = judgeSources(asked);
    const payload: Reconciled = {
      agreed,
      ...(besides === 0 ? {} : { besides }),
      certaintyPermille: certainty,
      direction,
      ...(documents.length === 0 ? {} : { documents: documents.slice(0, maxDocuments) }),
      endedAt,
      portal,
      sources,
      startedAt,
      units,
    };
    turn.out.push(draft('stock.reconciled', payload, draftFields(turn)));
    const quorum = turn.site.posting.unitQuorumPermille ?? defaultQuorumPermille;
    // One open question is enough for a door that is busy all day.
    const open = this.#last.get(portal)?.task ?? '';
    const isAsked = how !== 'quiet' && this.#tasks.get(open) !== undefined;
    const before = isAsked ? open : '';
    // What was still expected of it has come, and all that saw it say so.
    if (isSettled(payload, quorum) && agreed.includes('document')) {
      for (const document of documents) endReconciling(this.#tasks, turn, document);
    }
    const task = isSettled(payload, quorum) ? before : before || this.#ask(turn, payload);
    this.#last.set(portal, { reconciled: payload, task });
  }

  #ask(turn: Turn, { besides, direction, documents = [], portal, sources }: Reconciled): string {
    const figures = sources.map((one) => `${one.source} ${one.units}`);
    const reason = [...figures, ...(besides === undefined ? [] : [`${besides} on no document`])];
    const zone = turn.site.portals.get(portal);
    const [document] = documents;
    // What a document's goods left open so far is asked anew with what came since.
    if (document !== undefined) endReconciling(this.#tasks, turn, document);
    return this.#tasks.open(turn, {
      ...(document === undefined ? {} : { document }),
      reason: `${portal} ${direction}: ${reason.join(', ')}`.slice(0, 120),
      task: 'reconcile',
      ...(zone === undefined ? {} : { zone }),
    });
  }

  #isOfAny(portal: string, goods: string, isAt: boolean): boolean {
    return ways.some((way) => {
      const passage = this.#passages.get(`${portal}\n${way}`);
      return passage !== undefined && isOfPassage(passage)(goods, isAt);
    });
  }
}

/** The one question that is open about what came of a document is answered, or asked anew. */
export function endReconciling(tasks: TaskBook, turn: Saying, document: string): void {
  for (const one of tasks.all()) {
    if (one.task === 'reconcile' && one.document === document) {
      tasks.close(turn, one.id, 'superseded');
    }
  }
}

/** How a passage ended: by itself, or cut while goods go on, perhaps in the middle of a unit. */
type Ending = 'quiet' | 'cut' | 'cut-in-unit';

interface Ended {
  readonly passage: Passage;
  readonly sources: Reconciled['sources'];
  readonly how: Ending;
}

function withPiece(before: Passage, piece: Piece): Passage {
  const { source, pieces, document = '', goods = '' } = piece;
  const { documents, expected = 0, expectedInUnits = 0, goods: known = [], openOf = [] } = before;
  const isTaken = source === 'document' && piece.isOpenQuantity === true;
  const isFirst = isTaken && openOf.length < maxDocuments && !openOf.includes(document);
  const isMore = goods !== '' && known.length < mostGoods && !known.includes(goods);
  const isNew = document !== '' && documents.length < maxDocuments && !documents.includes(document);
  return {
    ...before,
    counted: before.counted + (source === 'counter' ? pieces : 0),
    documents: isNew ? [...documents, document].sort() : documents,
    ...(isMore ? { goods: [...known, goods] } : {}),
    ...(piece.isTagged === true ? { isTagged: true } : {}),
    ...(isFirst ? { expected: expected + pieces, openOf: [...openOf, document] } : {}),
    ...(source === 'document' && !isTaken ? { expectedInUnits: expectedInUnits + pieces } : {}),
    read: before.read + (source === 'rfid' ? pieces : 0),
    ...(piece.isOnNone === true ? { besides: (before.besides ?? 0) + pieces } : {}),
    ...(source === 'rfid' && piece.isInUnit === true
      ? { readInUnits: (before.readInUnits ?? 0) + pieces }
      : {}),
    ...(source === 'unit' ? { units: (before.units ?? 0) + pieces } : {}),
  };
}

/** A scanner at the portal itself reads what passes; another may read anything that lies about. */
function isOfPassage({ goods = [] }: Passage): IsOf {
  return (one, isAtPortal) => isAtPortal || goods.includes(one);
}

/** Something was read, and not only meant to pass. */
function hasPassed(passage: Passage | undefined): boolean {
  return passage !== undefined && passage.read + (passage.units ?? 0) > 0;
}

interface Beside {
  readonly counted: number | undefined;
  readonly scanned: number | undefined;
  readonly how?: Ending;
  readonly canRead?: boolean;
}

/**
 * The sources that took part, with what each of them has. A counter always does; tags do that were
 * read, or that antennas should have read while the counter saw something. A document says what it
 * expects, as long as more of that cannot still come.
 */
function sourcesOf(passage: Passage, beside: Beside): Reconciled['sources'] {
  const { expected, expectedInUnits, isDoubtful, isTagged, read, readInUnits = 0, units } = passage;
  const { counted, scanned, how = 'quiet', canRead = false } = beside;
  const isKnown = expected !== undefined || expectedInUnits !== undefined;
  const isWhole = how === 'quiet' || (how === 'cut' && expected === undefined);
  const isRead = read > 0 || (canRead && isTagged === true && (counted ?? 0) > 0);
  const inferred = units === undefined ? read : units + read - readInUnits;
  const isInferred = inferred !== read && isDoubtful !== true && how !== 'cut-in-unit';
  return [
    ...(counted === undefined ? [] : [{ source: 'counter' as const, units: counted }]),
    ...(isKnown && isWhole
      ? [{ source: 'document' as const, units: (expected ?? 0) + (expectedInUnits ?? 0) }]
      : []),
    ...(isRead ? [{ source: 'rfid' as const, units: read }] : []),
    ...(scanned === undefined ? [] : [{ source: 'scan' as const, units: scanned }]),
    ...(isInferred ? [{ source: 'unit' as const, units: inferred }] : []),
  ];
}

/** A scanner that stands at the portal reads no tags. */
const scannerProfiles: readonly string[] = ['http-scanner', 'mqtt-scanner'];

function hasAntennas({ devices }: SiteModel, portal: string): boolean {
  return [...devices.values()].some(({ antennas, profileId }) => {
    if (scannerProfiles.includes(profileId)) return false;
    return [...antennas.values()].some((one) => one.portal === portal);
  });
}

function wayThrough({ portals, zones }: SiteModel, portal: string): 'in' | 'out' {
  return zones.get(portals.get(portal) ?? '')?.status === 'shipping' ? 'out' : 'in';
}
