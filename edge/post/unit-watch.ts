import { draft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import type { DocumentBook } from '../documents/document-book.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { Statement, StockBook } from '../stock/stock-book.ts';
import type { UnitSeen } from '../stock/stock-view.ts';
import type { TaskBook } from '../stock/task-book.ts';
import { draftFields, type Turn } from '../stock/turn.ts';
import { certaintyPermille, jointPermille, sourcePermille } from './certainty.ts';
import {
  defaultQuorumPermille,
  defaultSettleMs,
  portalCounts,
  type PassageBook,
} from './passage-book.ts';
import type { UnitPostings } from './unit-postings.ts';

/** Where things of a unit were seen: through a portal, or in a zone. */
export interface UnitSight {
  readonly kind: 'in' | 'out' | 'unclear' | 'zone';
  /** The portal, or the zone. */
  readonly place: string;
  readonly unit: string;
  /** The thing of the unit that was read; undefined: the unit's own tag or label. */
  readonly epc: string | undefined;
  readonly reads: number;
  /** A scanner read it: one scan is as good as the reads that a policy asks for. */
  readonly isScan: boolean;
}

/** What was seen of one unit at one place since it went quiet there last. */
type Gathered = {
  readonly device: string;
  /** Posted already; more reads only add to what is said at the end. */
  readonly done: boolean;
  readonly lastMs: number;
  readonly of: number;
  readonly scanned: boolean;
  readonly tagReads: number;
};

/** What was seen of a unit last; `unread` are serials, at most 100. */
type Last = {
  readonly atMs: number;
  readonly of: number;
  readonly place: string;
  readonly seen: number;
  readonly unread: readonly string[];
};

const lastKeptMs = 30 * 24 * 3_600_000;
const mostUnread = 100;

/** The same question about a unit at the same place is asked once in this time. */
const askAgainMs = 24 * 3_600_000;

/**
 * Gathers reads of things that are in one handling unit until the unit can be believed where they
 * were read: all of them or its own tag at once, a quorum of them when nothing more comes; the rest
 * is inferred. Fewer open a question, and nothing is posted.
 */
export class UnitWatch {
  readonly #stock: StockBook;
  readonly #documents: DocumentBook;
  readonly #tasks: TaskBook;
  readonly #postings: UnitPostings;
  readonly #passages: PassageBook;
  readonly #gathered = new KeyedStore<Gathered>('unit-sight');
  /** `sight \n EPC`, for what was read of a sight that is gathered. */
  readonly #reads = new KeyedStore<1>('unit-read');
  readonly #asked = new ExpiringStore<true>('unit-asked', askAgainMs);
  readonly #last = new ExpiringStore<Last>('unit-last', lastKeptMs);
  readonly #readBy = new Map<string, Set<string>>();

  constructor(
    stock: StockBook,
    documents: DocumentBook,
    tasks: TaskBook,
    postings: UnitPostings,
    passages: PassageBook,
  ) {
    this.#stock = stock;
    this.#documents = documents;
    this.#tasks = tasks;
    this.#postings = postings;
    this.#passages = passages;
  }

  see(turn: Turn, { kind, place, unit, epc, reads, isScan }: UnitSight): void {
    const root = this.#stock.containment.rootOf(unit);
    const key = `${kind}\n${place}\n${root}`;
    const before = this.#gathered.get(key);
    if (before === undefined && this.#isThere(turn.site, kind, place, root)) return;
    if (epc !== undefined) this.#note(key, epc);
    const isOwnTag = epc === undefined && unit === root;
    const now: Gathered = {
      device: turn.device ?? '',
      done: before?.done ?? false,
      lastMs: turn.nowMs,
      of: before?.of ?? this.#stock.containment.serialCountOf(root),
      scanned: before?.scanned === true || (isOwnTag && isScan),
      tagReads: (before?.tagReads ?? 0) + (isOwnTag && !isScan ? reads : 0),
    };
    this.#gathered.set(key, now);
    const isAll = now.of > 0 && this.#seen(key) === now.of;
    // Its tag may be heard louder next door: where it came in, what is on it has a say first.
    const isNew = kind === 'zone' && this.#stock.containment.get(root)?.zone === '';
    const isTagged = now.scanned || (!isNew && isConfirmed(turn.site, now));
    if (!now.done && (isAll || isTagged) && kind !== 'unclear') this.#trust(turn, key, now);
  }

  /** Ends what has gone quiet. */
  tick(site: SiteModel, nowMs: number, out: Turn['out']): void {
    this.#asked.expire(nowMs);
    this.#last.expire(nowMs);
    const settleMs = site.posting.settleMs ?? defaultSettleMs;
    const quiet = [...this.#gathered.entries()]
      .filter(([, { lastMs }]) => nowMs - lastMs >= settleMs)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, state] of quiet) {
      const { device } = state;
      const turn: Turn = { site, nowMs, at: arrivalAt(nowMs), out, ...(device && { device }) };
      this.#settle(turn, key, state);
    }
  }

  /** Whether things of a unit were read at a portal that may still be seen whole. */
  isUnderWay(portal: string): boolean {
    return [...this.#gathered.entries()].some(([key, { done }]) => {
      return !done && key.split('\n')[1] === portal && !key.startsWith('zone\n');
    });
  }

  drainDirty(rows: StateRow[]): void {
    this.#gathered.drainDirty(rows);
    this.#reads.drainDirty(rows);
    this.#asked.drainDirty(rows);
    this.#last.drainDirty(rows);
  }

  /** What was seen of a unit when it was seen last. */
  lastSeen(unit: string): UnitSeen | undefined {
    return this.#last.get(unit);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#asked.machine) this.#asked.restore(key, value);
    else if (machine === this.#last.machine) this.#last.restore(key, value);
    else if (machine === this.#gathered.machine) this.#gathered.restore(key, value);
    else if (machine === this.#reads.machine) {
      this.#reads.restore(key, value);
      const cut = key.lastIndexOf('\n');
      this.#index(key.slice(0, cut), key.slice(cut + 1));
    } else return false;
    return true;
  }

  /** The unit is where it was seen: nothing to gather. */
  #isThere({ portals }: SiteModel, kind: string, place: string, root: string): boolean {
    const { zone = '', goneMs = 0 } = this.#stock.containment.get(root) ?? {};
    if (kind === 'zone') return zone === place || goneMs !== 0;
    return kind === 'in' ? zone !== '' && zone === portals.get(place) : goneMs !== 0;
  }

  #settle(turn: Turn, key: string, state: Gathered): void {
    const [kind = '', place = '', root = ''] = key.split('\n');
    // A person packed it into another unit, or broke it up: what was seen before says nothing now.
    if (this.#stock.containment.get(root)?.parent !== '') {
      this.#forget(key);
      return;
    }
    const seen = this.#seen(key);
    const quorum = turn.site.posting.unitQuorumPermille ?? defaultQuorumPermille;
    const isEnough = state.of > 0 && seen * 1000 >= state.of * quorum;
    // A document makes up for thin reads of the unit's own tag, as it does for those of a serial.
    const isExpected =
      state.tagReads > 0 &&
      turn.site.posting.documents !== 'ignore' &&
      this.#documentOf(kind, root) !== undefined;
    const isTold = isEnough || isExpected || isConfirmed(turn.site, state);
    const isTrusted = state.done || (isTold && kind !== 'unclear');
    if (isTrusted && !state.done) this.#trust(turn, key, state);
    const observed: EventPayload<'unit.observed'> = {
      ...(kind === 'in' || kind === 'out' ? { direction: kind } : {}),
      of: state.of,
      ...(kind === 'zone' ? {} : { portal: place }),
      seen,
      tagSeen: state.scanned || state.tagReads > 0,
      trusted: isTrusted,
      unit: root,
      ...(kind === 'zone' ? { zone: place } : {}),
    };
    turn.out.push(draft('unit.observed', observed, { ...draftFields(turn), handlingUnit: root }));
    if (!isTrusted) this.#ask(turn, kind, place, root, `${seen} of ${state.of} seen`);
    if (!isTrusted && (kind === 'in' || kind === 'out')) this.#passages.doubt(place, kind);
    const unread = this.#unread(key, root);
    this.#last.keep(root, { atMs: state.lastMs, of: state.of, place, seen, unread }, turn.nowMs);
    this.#forget(key);
  }

  #trust(turn: Turn, key: string, state: Gathered): void {
    const [kind = '', place = '', root = ''] = key.split('\n');
    this.#endOthers(root);
    this.#gathered.set(key, { ...state, done: true });
    const zone = kind === 'zone' ? place : turn.site.portals.get(place);
    const known = this.#stock.containment.get(root);
    const status = zone === undefined ? undefined : turn.site.zones.get(zone)?.status;
    if (zone === undefined || status === undefined || known?.parent !== '') return;
    const { receive, move, ship } = turn.site.posting;
    const said = this.#statement(key, state);
    this.#corroborate(turn, kind, place, root, state);
    const isHere = known.zone !== '';
    if (kind === 'out') {
      if (!isHere) return;
      const gateway = turn.site.portalsTo.get(place);
      if (ship !== 'post') this.#ask(turn, kind, place, root, 'ship-policy');
      else if (gateway === undefined) this.#postings.ship(turn, root, said);
      else if (!this.#postings.send(turn, root, { gateway }, said)) {
        this.#ask(turn, kind, place, root, 'too large to be sent as one');
      }
    } else if (!isHere) {
      if (kind === 'zone' && this.#trustArrival(turn, root)) this.#trust(turn, key, state);
      else if (receive === 'task') this.#ask(turn, kind, place, root, 'receive-policy');
      else {
        const as = this.#isProved(turn.site, known.document) ? status : 'unverified';
        this.#postings.receive(turn, root, zone, as, said);
      }
    } else if (known.zone === zone) return;
    else if (kind === 'in') this.#ask(turn, kind, place, root, `booked in ${known.zone}`);
    else if (move === 'task') this.#ask(turn, kind, place, root, 'move-policy');
    else {
      const as = move === 'unverified' ? 'unverified' : undefined;
      this.#postings.move(turn, root, zone, as, said);
    }
  }

  /** Where else presence had the unit was before this, and moves it no more. */
  #endOthers(root: string): void {
    for (const [key, state] of this.#gathered.entries()) {
      if (state.done || !key.startsWith('zone\n') || !key.endsWith(`\n${root}`)) continue;
      this.#gathered.set(key, { ...state, done: true });
    }
  }

  /** A pallet may be in the next zone before its pass is summed up: then that comes first. */
  #trustArrival(turn: Turn, root: string): boolean {
    for (const key of [...this.#gathered.keys()].sort()) {
      const state = this.#gathered.get(key);
      if (state === undefined || state.done) continue;
      if (!key.startsWith('in\n') || !key.endsWith(`\n${root}`)) continue;
      this.#trust(turn, key, state);
      return this.#stock.containment.get(root)?.zone !== '';
    }
    return false;
  }

  #isProved({ posting }: SiteModel, document: string): boolean {
    if (posting.receive === 'unverified') return false;
    return posting.documents !== 'require' || this.#documents.isOpen(document);
  }

  #statement(key: string, state: Gathered): Statement {
    const [kind = '', place = '', root = ''] = key.split('\n');
    const seen = this.#seen(key);
    const on = this.#documentOf(kind, root);
    const agreeing = [
      state.scanned ? sourcePermille.scan : certaintyPermille(Math.max(seen, state.tagReads)),
      ...(seen > 1 ? [sourcePermille.unit] : []),
      ...(on === undefined ? [] : [sourcePermille.document]),
    ];
    return {
      evidence: {
        agreed: [
          ...(seen + state.tagReads === 0 ? [] : [whereOf(kind, place)]),
          `unit:${root}`,
          ...(state.scanned ? [`scan:${state.device}`] : []),
          ...(on === undefined ? [] : [`document:${on}`]),
        ],
        certaintyPermille: jointPermille(agreeing),
      },
      ...(seen > 0 ? { inferred: { of: state.of, seen } } : {}),
    };
  }

  #documentOf(kind: string, root: string): string | undefined {
    if (kind === 'out') return this.#documents.ofUnit('shipment', root)?.id;
    const { document = '', zone = '' } = this.#stock.containment.get(root) ?? {};
    return zone === '' && this.#documents.isOpen(document) ? document : undefined;
  }

  /** What the unit holds, and the document says of it, stands beside what was read at the portal. */
  #corroborate(
    { site }: Turn,
    kind: string,
    portal: string,
    root: string,
    { of, lastMs }: Gathered,
  ): void {
    if (kind !== 'in' && kind !== 'out') return;
    const isByUnit = portalCounts(site, portal) === 'units';
    const pieces = isByUnit ? 1 : of;
    if (pieces === 0) return;
    const piece = { portal, direction: kind, pieces } as const;
    const goods = isByUnit ? root : undefined;
    this.#passages.add(lastMs, { ...piece, source: 'unit', goods });
    const document = this.#documentOf(kind, root);
    if (document === undefined) return;
    this.#passages.add(lastMs, { ...piece, source: 'document', document, isTagged: !isByUnit });
  }

  #ask(turn: Turn, kind: string, place: string, unit: string, why: string): void {
    const zone = kind === 'zone' ? place : turn.site.portals.get(place);
    if (!this.#asked.keepOnce(`${kind}\n${place}\n${unit}`, true, turn.nowMs)) return;
    const task = kind === 'zone' ? 'verify-containment' : 'verify-movement';
    const reason = kind === 'unclear' ? 'direction-unclear' : why;
    this.#tasks.open(turn, { reason, task, unit, ...(zone === undefined ? {} : { zone }) });
  }

  #unread(key: string, root: string): string[] {
    const { containment } = this.#stock;
    const read = this.#readBy.get(key) ?? new Set();
    const serials = containment.tree(root).flatMap((unit) => containment.serialsIn(unit));
    return serials.filter((epc) => !read.has(epc)).slice(0, mostUnread);
  }

  #seen(key: string): number {
    return this.#readBy.get(key)?.size ?? 0;
  }

  #note(key: string, epc: string): void {
    this.#reads.set(`${key}\n${epc}`, 1);
    this.#index(key, epc);
  }

  #index(key: string, epc: string): void {
    const epcs = this.#readBy.get(key);
    if (epcs === undefined) this.#readBy.set(key, new Set([epc]));
    else epcs.add(epc);
  }

  #forget(key: string): void {
    for (const epc of this.#readBy.get(key) ?? []) this.#reads.set(`${key}\n${epc}`, undefined);
    this.#readBy.delete(key);
    this.#gathered.set(key, undefined);
  }
}

/** Whether the unit's own tag was read as often as a posting asks for. */
function isConfirmed({ posting }: SiteModel, { tagReads }: Gathered): boolean {
  return tagReads >= posting.confirmReads;
}

function whereOf(kind: string, place: string): string {
  return kind === 'zone' ? `presence:${place}` : `portal:${place}`;
}
