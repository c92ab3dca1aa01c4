import { assert } from '#contracts/assert.ts';
import { draft } from '#contracts/envelope.ts';
import type { EventPayload, PostingKind } from '#contracts/event-kinds.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { checkBalanced, type Account, type PostingLine } from '#contracts/posting.ts';
import { Expiry } from '../observe/expiry.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { SerialBook, type Place } from '../post/serial-book.ts';
import type { Bin, GoodsKind } from './bin.ts';
import { Containment } from './containment.ts';
import { LeftBook } from './left-book.ts';
import { QuantityBook } from './quantity-book.ts';
import type { TaskBook } from './task-book.ts';
import { draftFields, type Turn } from './turn.ts';

/** One end of a transfer; `unit` is the outermost handling unit there, or ''. */
export interface Side {
  readonly account: Account;
  readonly unit: string;
}

/** So much of one kind of goods from one account to another: two lines that sum to zero. */
export interface Transfer extends GoodsKind {
  readonly quantity: number;
  readonly serials?: readonly string[];
  /** EPCs that the lines name though the book has nothing of them move. */
  readonly named?: readonly string[];
  readonly from: Side;
  readonly to: Side;
}

type Posted = EventPayload<PostingKind>;
type Discrepancy = NonNullable<Posted['discrepancies']>[number];

/** What a posting says beside its lines. */
export type Statement = Pick<
  Posted,
  'by' | 'document' | 'evidence' | 'inferred' | 'transfer' | 'unit'
> & {
  readonly discrepancies?: readonly Discrepancy[];
  /** Of an adjustment or a hold. */
  readonly reason?: string;
};

type PostingFollower = (
  turn: Turn,
  kind: PostingKind,
  transfers: readonly Transfer[],
  of: Statement,
) => void;

export interface OpenConflict {
  readonly epc: string;
  readonly zone: string;
  readonly openedAtMs: number;
}

/** An event carries at most 2000 lines and stays far below what a batch holds. */
const maxTransfers = 500;
/** A conflict is shown until the serial is posted again, at most this long. */
const conflictShownMs = 24 * 3_600_000;
/** What is in a unit that was shipped is known for this long: tags blink, and goods come back. */
const goneKeptMs = 24 * 3_600_000;

/**
 * The site's stock as this gateway's postings have it: quantities, serials, handling units. All
 * postings go through `post`, so that the books are the sum of the lines at any point.
 */
export class StockBook {
  readonly quantities = new QuantityBook();
  readonly containment = new Containment();
  readonly #serials = new SerialBook();
  /** Owner and lot of a serial, where they are not the default owner and no lot. */
  readonly #kinds = new KeyedStore<readonly [owner: string, lot: string]>('serial-kind');
  readonly #conflicts = new ExpiringStore<string>('conflict', conflictShownMs);
  readonly #left = new LeftBook();
  /** The quantities are kept along with the serials. */
  readonly #base = new KeyedStore<1>('stock-base');
  readonly #goneUnits = new Expiry(60_000);
  readonly #tasks: TaskBook;
  readonly #followers: PostingFollower[] = [];

  constructor(tasks: TaskBook) {
    this.#tasks = tasks;
  }

  /**
   * Ends a restore. Earlier releases kept serials alone: there each of them is one of its item.
   */
  resume(): void {
    if (this.#base.get('') !== undefined) return;
    for (const [epc, [zone, status]] of this.#serials.entries()) {
      this.#base.set('', 1);
      const named = decodeEpc(epc);
      if (named.scheme !== 'sgtin') continue;
      const kind = this.kindOf(epc, named.gtin14);
      this.quantities.add({ ...kind, zone, status, unit: '' }, 1);
    }
  }

  /** Where a serial is: its own place, or that of the outermost unit it is in. */
  placeOf(epc: string, item: string): Place | undefined {
    const unit = this.containment.unitOfSerial(epc);
    if (unit === undefined) return this.#serials.placeOf(epc);
    const root = this.containment.rootOf(unit);
    const zone = this.containment.get(root)?.zone ?? '';
    if (zone === '') return undefined;
    const [bin] = this.binsInUnit(root, this.kindOf(epc, item));
    return bin === undefined ? undefined : [zone, bin.status];
  }

  /** Serials that are in no unit. */
  looseSerials(): MapIterator<[epc: string, place: Place]> {
    return this.#serials.entries();
  }

  /** Of a serial that is in no unit. */
  loosePlaceOf(epc: string): Place | undefined {
    return this.#serials.placeOf(epc);
  }

  /** Whether a posting of the last days took it off the site. */
  hasLeft(epc: string): boolean {
    return this.#left.has(epc);
  }

  /** The loose serials in an account, sorted. Looks at all of them. */
  serialsIn({ zone, status, owner, item, lot }: Bin): string[] {
    const found: string[] = [];
    for (const [epc, place] of this.#serials.entries()) {
      if (place[0] !== zone || place[1] !== status) continue;
      const named = decodeEpc(epc);
      if (named.scheme !== 'sgtin' || named.gtin14 !== item) continue;
      const kind = this.kindOf(epc, item);
      if (kind.owner === owner && kind.lot === lot) found.push(epc);
    }
    return found.sort();
  }

  isKnownSerial(epc: string): boolean {
    const isLoose = this.#serials.placeOf(epc) !== undefined;
    return isLoose || this.containment.unitOfSerial(epc) !== undefined;
  }

  /** A serial is in its unit no more; where it is then is the caller's to post. */
  takeOut(epc: string, unit: string, kind: GoodsKind): void {
    this.containment.takeSerial(epc);
    this.containment.addGoods(unit, kind, -1);
  }

  kindOf(epc: string, item: string): GoodsKind {
    const [owner, lot] = this.#kinds.get(epc) ?? [defaultOwner, ''];
    return { owner, item, lot };
  }

  /** A thing of another box's book, which posted it. */
  putLoose(epc: string, kind: GoodsKind, place: Place): void {
    this.#base.set('', 1);
    this.#serials.put(epc, place);
    this.noteKind(epc, kind);
  }

  noteKind(epc: string, { owner, lot }: Pick<GoodsKind, 'owner' | 'lot'>): void {
    const isDefault = owner === defaultOwner && lot === '';
    this.#kinds.set(epc, isDefault ? undefined : [owner, lot]);
  }

  /** The accounts of one kind of goods in a unit, those with most in them first. */
  binsInUnit(root: string, { owner, item, lot }: GoodsKind): Bin[] {
    return this.quantities
      .ofUnit(root)
      .filter(([bin]) => bin.item === item && bin.lot === lot && bin.owner === owner)
      .sort(([, a], [, b]) => b - a)
      .map(([bin]) => bin);
  }

  /** Where an outermost unit is from now on; '' when it has gone. */
  placeUnit(root: string, zone: string, nowMs: number): void {
    const state = this.containment.get(root);
    if (state === undefined) return;
    const goneMs = zone === '' ? nowMs : 0;
    this.containment.put(root, { ...state, goneMs, zone });
    if (zone === '') this.#goneUnits.add(root, goneMs + goneKeptMs);
  }

  /** Forgets a unit that holds nothing of the site's, with all that is in it. */
  forgetUnit(root: string): void {
    for (const unit of this.containment.tree(root)) {
      for (const epc of this.containment.serialsIn(unit)) this.#kinds.set(epc, undefined);
    }
    this.containment.forget(root);
  }

  /** Has a follower told of every posting, after it. */
  onPosted(follow: PostingFollower): void {
    this.#followers.push(follow);
  }

  /** Says transfers as events of one kind and applies them. */
  post(turn: Turn, kind: PostingKind, transfers: readonly Transfer[], of: Statement): void {
    for (let at = 0; at < transfers.length; at += maxTransfers) {
      this.#postSome(turn, kind, transfers.slice(at, at + maxTransfers), of);
    }
  }

  /** Says that a serial which another account holds was seen here too. */
  conflict(turn: Turn, epc: string, claimedZone: string, heldBy: string): void {
    if (heldBy === 'customer' && this.#conflicts.get(epc) === claimedZone) return;
    this.#conflicts.keep(epc, claimedZone, turn.nowMs);
    turn.out.push(draft('stock.conflict', { claimedZone, epc, heldBy }, draftFields(turn)));
  }

  /** In order of their EPCs. */
  openConflicts(): OpenConflict[] {
    return [...this.#conflicts.entries()]
      .map(([epc, zone, openedAtMs]) => ({ epc, zone, openedAtMs }))
      .sort((a, b) => (a.epc < b.epc ? -1 : 1));
  }

  tick(nowMs: number): void {
    this.#conflicts.expire(nowMs);
    this.#left.expire(nowMs);
    for (const unit of this.#goneUnits.take(nowMs, this.#forgetUnitAtMs)) this.forgetUnit(unit);
  }

  drainDirty(rows: StateRow[]): void {
    this.#serials.drainDirty(rows);
    this.quantities.drainDirty(rows);
    this.containment.drainDirty(rows);
    this.#kinds.drainDirty(rows);
    this.#conflicts.drainDirty(rows);
    this.#left.drainDirty(rows);
    this.#base.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === SerialBook.machine) this.#serials.restore(key, value);
    else if (machine === QuantityBook.machine) this.quantities.restore(key, value);
    else if (machine === this.#kinds.machine) this.#kinds.restore(key, value);
    else if (machine === this.#base.machine) this.#base.restore(key, value);
    else if (machine === this.#conflicts.machine) this.#conflicts.restore(key, value);
    else if (machine === this.#left.machine) this.#left.restore(key, value);
    else {
      const isMine = this.containment.restore(machine, key, value);
      const forgetAtMs = machine === Containment.unitMachine && this.#forgetUnitAtMs(key);
      if (typeof forgetAtMs === 'number') this.#goneUnits.add(key, forgetAtMs);
      return isMine;
    }
    return true;
  }

  readonly #forgetUnitAtMs = (unit: string): number | undefined => {
    const goneMs = this.containment.get(unit)?.goneMs ?? 0;
    return goneMs === 0 ? undefined : goneMs + goneKeptMs;
  };

  #postSome(turn: Turn, kind: PostingKind, transfers: readonly Transfer[], of: Statement): void {
    const { by, discrepancies = [], document, evidence, inferred, reason, transfer, unit } = of;
    this.#base.set('', 1);
    const found = new Set(discrepancies);
    const lines: PostingLine[] = [];
    for (const one of transfers) {
      if (this.#apply(turn, one)) found.add('negative-balance');
      const isOut = kind === 'stock.shipped' && one.to.account.type !== 'transit';
      if (isOut && isHeld(one.from)) found.add('on-hold');
      lines.push(lineOf(one, one.from, -1), lineOf(one, one.to, 1));
    }
    assert(checkBalanced(lines).ok, 'a posting balances');
    // In the order of canonical text, which then need not be sorted.
    const payload = {
      ...(by === undefined ? {} : { by }),
      ...(found.size === 0 ? {} : { discrepancies: [...found].sort() }),
      ...(document === undefined ? {} : { document }),
      evidence,
      ...(inferred === undefined ? {} : { inferred }),
      lines,
      ...(reason === undefined ? {} : { reason }),
      ...(transfer === undefined ? {} : { transfer }),
      ...(unit === undefined ? {} : { unit }),
    };
    const [first] = transfers;
    const isOneOwner = transfers.every(({ owner }) => owner === first?.owner);
    const owner = isOneOwner && first !== undefined ? first.owner : defaultOwner;
    const fields = { ...draftFields(turn), owner };
    const said = unit === undefined ? fields : { ...fields, handlingUnit: unit };
    turn.out.push(draft(kind, payload as Posted, said));
    this.#settleSerials(turn, transfers);
    for (const follow of this.#followers) follow(turn, kind, transfers, of);
  }

  /** @returns whether an account of the site went below zero. */
  #apply(turn: Turn, { from, to, serials, quantity, ...kind }: Transfer): boolean {
    const balance = this.#add(from, kind, -quantity);
    this.#add(to, kind, quantity);
    if (serials !== undefined && turn.site.items.keepsSerials(kind.item)) {
      for (const epc of serials) this.#putSerial(epc, to, kind);
    }
    return balance < 0;
  }

  #add({ account, unit }: Side, kind: GoodsKind, quantity: number): number {
    if (account.type !== 'zone') return 0;
    const { zone, status } = account;
    const { owner, item, lot } = kind;
    return this.quantities.add({ zone, status, owner, item, lot, unit }, quantity);
  }

  #putSerial(epc: string, { account, unit }: Side, kind: GoodsKind): void {
    const isInside = account.type === 'zone';
    const isLoose = isInside && unit === '';
    this.#serials.put(epc, isLoose ? [account.zone, account.status] : undefined);
    if (isInside) this.noteKind(epc, kind);
    else this.#kinds.set(epc, undefined);
  }

  /** A serial that is posted answers what was open about it, unless it is still in doubt. */
  #settleSerials(turn: Turn, transfers: readonly Transfer[]): void {
    for (const { serials = [], to } of transfers) {
      const isInDoubt = to.account.type === 'zone' && to.account.status === 'unverified';
      for (const epc of serials) {
        this.#conflicts.forget(epc);
        if (to.account.type === 'customer') this.#left.keep(epc, turn.nowMs);
        else this.#left.forget(epc);
        if (!isInDoubt) this.#tasks.supersede(turn, epc);
      }
    }
  }
}

function isHeld({ account }: Side): boolean {
  if (account.type !== 'zone') return false;
  return account.status === 'quality-hold' || account.status === 'quarantine';
}

/** Keys in the order of canonical text. */
function lineOf(
  { item, lot, named, owner, quantity, serials = named }: Transfer,
  { account, unit }: Side,
  sign: 1 | -1,
): PostingLine {
  const head = unit === '' ? { account, item } : { account, handlingUnit: unit, item };
  const what = lot === '' ? head : { ...head, lot };
  const line = { ...what, owner, quantity: sign * quantity };
  return serials === undefined ? line : { ...line, serials: [...serials] };
}
