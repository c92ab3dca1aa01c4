import { draft } from '#contracts/envelope.ts';
import type { PostingKind } from '#contracts/event-kinds.ts';
import { laneOf, type Account, type StockStatus } from '#contracts/posting.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { Expiry } from '../observe/expiry.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import { zoneAccount, type GoodsKind } from '../stock/bin.ts';
import { sourcePermille } from '../post/certainty.ts';
import type { Statement, StockBook, Transfer } from '../stock/stock-book.ts';
import type { TaskBook } from '../stock/task-book.ts';
import { draftFields, type Turn } from '../stock/turn.ts';
import { CameBook } from './came-book.ts';
import {
  byHold,
  chunks,
  goodsSaid,
  inParts,
  lineOf,
  merged,
  most,
  saidLine,
  unitsIn,
  type Leaving,
  type Sent,
  type SentLine,
  type SentUnit,
} from './sent-goods.ts';
import { TransferBook } from './transfer-book.ts';

/** The other end of a transfer. */
export interface Destination {
  readonly gateway: string;
  /** Of another site. */
  readonly site?: string;
  readonly zone?: string;
}

/** What something that comes in is taken from, instead of the supplier. */
export interface Source {
  readonly account: Account;
  /** The outermost unit that it left in. */
  readonly unit: string;
  readonly transfer?: string;
  /** As it was sent. */
  readonly kind?: GoodsKind;
  /** What it keeps: a hold of its own. */
  readonly keeps?: StockStatus;
}

export const defaultTransferWithinMs = 24 * 3_600_000;

/**
 * Goods between this gateway and others. Each leg is posted by the gateway whose zone it touches,
 * whether or not it has heard of the other: out of a zone into the lane, out of the lane into a zone.
 */
export class TransferDesk {
  readonly book = new TransferBook();
  readonly came = new CameBook();
  readonly #stock: StockBook;
  readonly #tasks: TaskBook;
  readonly #due = new Expiry(60_000);
  #pos = 0;
  #sent = 0;
  #withinMs = defaultTransferWithinMs;

  constructor(stock: StockBook, tasks: TaskBook) {
    this.#stock = stock;
    this.#tasks = tasks;
    stock.onPosted((turn, kind, transfers, of) => this.#posted(turn, kind, transfers, of));
  }

  /** A new intake entry is at work. */
  begin(pos: number): void {
    this.#pos = pos;
    this.#sent = 0;
  }

  configure({ posting }: SiteModel): void {
    this.#withinMs = posting.transferWithinMs ?? defaultTransferWithinMs;
    const own = this.book.open().filter(([, { isOwn, task }]) => isOwn && task === '');
    this.#due.rebuild(
      own.map(([id]) => id),
      this.#dueOf,
    );
  }

  /** Loose goods leave for another gateway. */
  send(turn: Turn, to: Destination, leaving: readonly Leaving[], of: Statement): void {
    const account = this.#laneTo(turn, to);
    for (const some of chunks(inParts(leaving), most.lines)) {
      const transfers = some.map((one) => ({ ...one, to: { account, unit: '' } }));
      this.#stock.post(turn, 'stock.shipped', transfers, of);
      const lines = some.map((one) => lineOf(turn.site, one, ''));
      const id = this.#say(turn, to, { lines }, of);
      for (const [index, { serials = [] }] of some.entries()) {
        for (const epc of serials) this.book.expect(epc, id, index);
      }
    }
  }

  /** A whole outermost unit leaves. @returns false for one that is too large to be told of. */
  sendUnit(turn: Turn, root: string, to: Destination, of: Statement): boolean {
    const units = unitsIn(this.#stock, root);
    const bins = this.#stock.quantities.ofUnit(root).filter(([, quantity]) => quantity > 0);
    if (units === undefined || bins.length > most.lines || bins.length === 0) return false;
    const account = this.#laneTo(turn, to);
    const transfers = bins.map(([{ zone, status, unit, ...kind }, quantity]): Transfer => ({
      ...kind,
      quantity,
      from: { account: zoneAccount(zone, status), unit },
      to: { account, unit },
    }));
    this.#stock.placeUnit(root, '', turn.nowMs);
    this.#stock.post(turn, 'stock.shipped', transfers, { ...of, unit: root });
    const lines = merged(transfers.map((one) => lineOf(turn.site, one, root)));
    const id = this.#say(turn, to, { lines, units }, of);
    this.expectUnits(id, units);
    return true;
  }

  /** Units that are on their way, with all that is in them. */
  expectUnits(id: string, units: readonly SentUnit[]): void {
    const { lines = [] } = this.book.get(id) ?? {};
    for (const { unit, serials } of units) {
      this.book.expect(unit, id, 0);
      for (const epc of serials) {
        const named = decodeEpc(epc);
        const item = named.scheme === 'sgtin' ? named.gtin14 : '';
        this.book.expect(
          epc,
          id,
          Math.max(
            0,
            lines.findIndex((line) => line.item === item),
          ),
        );
      }
    }
  }

  /** Whether a unit can be told of in one event. */
  canSend(root: string): boolean {
    return unitsIn(this.#stock, root) !== undefined;
  }

  /**
   * What a thing that comes in is taken from: what it is known to be on its way in, else the other
   * side of the door. Undefined: it is from the outside world, as far as is known here.
   */
  sourceOf(site: SiteModel, thing: string, portal?: string): Source | undefined {
    const known = this.book.ofThing(thing);
    if (known !== undefined) {
      const { lane, line, transfer } = known;
      const { item, lot, owner, status, unit } = line;
      const account: Account = { lane, type: 'transit' };
      const keeps = status === '' ? {} : { keeps: status };
      return { account, kind: { owner, item, lot }, unit, transfer, ...keeps };
    }
    const other = portal === undefined ? undefined : site.portalsTo.get(portal);
    return other === undefined ? undefined : { account: laneFrom(site, other), unit: '' };
  }

  /** What comes in a unit, parted by what it keeps: a hold of its own; '' for nothing. */
  asSent(
    id: string | undefined,
    kind: GoodsKind,
    unit: string,
    quantity: number,
  ): [quantity: number, keeps: StockStatus | ''][] {
    const parts: [number, StockStatus | ''][] = [];
    let rest = quantity;
    const lines = id === undefined ? [] : this.book.linesOf(id, kind, unit);
    for (const [index, { status }] of lines.toSorted(([, a], [, b]) => byHold(a, b))) {
      const part = Math.min(rest, this.book.leftOf(id ?? '', index));
      if (part > 0) parts.push([part, status]);
      rest -= part;
    }
    return rest > 0 ? [...parts, [rest, '']] : parts;
  }

  /** Whether it was sent to another gateway and has not come back. */
  hasSent(thing: string): boolean {
    return this.book.ofThing(thing)?.isOwn === true;
  }

  /** Where goods that go out there go. */
  beyond({ portalsTo }: SiteModel, portal: string): Destination | undefined {
    const gateway = portalsTo.get(portal);
    return gateway === undefined ? undefined : { gateway };
  }

  /** So much of a transfer turned out to be here: it came before anybody had told of it. */
  match(
    turn: Turn,
    id: string,
    what: GoodsKind & { readonly unit: string; readonly quantity: number },
    serials: readonly string[],
    [lane, unit]: readonly [lane: string, unit: string],
  ): void {
    const transfer = this.book.get(id);
    if (transfer === undefined) return;
    const { quantity, unit: sentIn, ...kind } = what;
    const areAllNamed = serials.length === quantity;
    if (lane === transfer.lane && unit === sentIn) {
      const of = goodsSaid(kind, quantity, sentIn);
      const line = areAllNamed ? { ...of, serials: [...serials] } : of;
      const payload = { lines: [line], transfer: id };
      turn.out.push(draft('transfer.matched', payload, draftFields(turn)));
      this.#arrived(turn, id, kind, sentIn, quantity);
      return;
    }
    const taken: Account = lane === '' ? { type: 'supplier' } : { lane, type: 'transit' };
    const account: Account = { lane: transfer.lane, type: 'transit' };
    const { document: certaintyPermille } = sourcePermille;
    const evidence = { agreed: [`gateway:${transfer.other}`], certaintyPermille };
    const sides = { from: { account, unit: sentIn }, to: { account: taken, unit } };
    const named = areAllNamed ? { named: serials } : {};
    const rebooked = { ...kind, quantity, ...named, ...sides };
    this.#stock.post(turn, 'stock.rebooked', [rebooked], { evidence, transfer: id });
  }

  /** Somebody looks for what was sent from here, once it should have arrived. */
  watch(id: string, sentMs: number): void {
    this.#due.add(id, sentMs + this.#withinMs);
  }

  /** Nothing of it is on its way any more. */
  settle(turn: Turn, id: string): void {
    this.#over(turn, id, this.book.close(id, turn.nowMs));
  }

  tick(site: SiteModel, nowMs: number, out: Turn['out']): void {
    this.book.tick(nowMs);
    this.came.tick(nowMs);
    const turn: Turn = { site, nowMs, at: arrivalAt(nowMs), out };
    for (const id of this.#due.take(nowMs, this.#dueOf).sort()) this.#ask(turn, id);
  }

  drainDirty(rows: StateRow[]): void {
    this.book.drainDirty(rows);
    this.came.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    return this.book.restore(machine, key, value) || this.came.restore(machine, key, value);
  }

  readonly #dueOf = (id: string): number | undefined => {
    const transfer = this.book.get(id);
    if (transfer === undefined || transfer.closedMs !== 0) return undefined;
    return transfer.task === '' ? transfer.sentMs + this.#withinMs : undefined;
  };

  /** Sent, and nobody has said for too long that it arrived. */
  #ask(turn: Turn, id: string): void {
    const transfer = this.book.get(id);
    const [first] = transfer?.lines ?? [];
    if (transfer === undefined || first === undefined) return;
    const { item, unit } = first;
    const left = transfer.lines.reduce((sum, _, index) => sum + this.book.leftOf(id, index), 0);
    const [thing = ''] = this.book.thingsOf(id);
    const isEpc = unit === '' && thing !== '' && transfer.lines.length === 1 && left === 1;
    const task = this.#tasks.open(turn, {
      ...(isEpc ? { epc: thing } : {}),
      item,
      reason: `${left} sent to ${transfer.other}: no word that they arrived`,
      task: 'verify-transfer',
      ...(unit === '' ? {} : { unit }),
    });
    this.book.setTask(id, task);
  }

  #laneTo({ site }: Turn, { gateway }: Destination): Account {
    return { lane: laneOf(site.gateway, gateway), type: 'transit' };
  }

  #say(
    turn: Turn,
    { gateway, site, zone }: Destination,
    { lines, units }: { lines: readonly SentLine[]; units?: readonly SentUnit[] },
    { by }: Statement,
  ): string {
    const id = `x${this.#pos}-${this.#sent}`;
    this.#sent += 1;
    const payload: Sent = {
      ...(by === undefined ? {} : { by }),
      id,
      lines: lines.map(saidLine),
      to: gateway,
      ...(site === undefined ? {} : { toSite: site }),
      ...(zone === undefined ? {} : { toZone: zone }),
      ...(units === undefined ? {} : { units: [...units] }),
    };
    turn.out.push(draft('transfer.sent', payload, draftFields(turn)));
    this.book.begin(id, {
      closedMs: 0,
      isOwn: true,
      lane: laneOf(turn.site.gateway, gateway),
      lines: lines.map(({ serials: _serials, ...line }) => line),
      other: gateway,
      site: site ?? turn.site.id,
      sentMs: turn.nowMs,
      task: '',
      toZone: zone ?? '',
    });
    this.watch(id, turn.nowMs);
    return id;
  }

  #posted(turn: Turn, kind: PostingKind, transfers: readonly Transfer[], of: Statement): void {
    if (kind !== 'stock.rebooked') this.#see(turn, transfers);
    if (kind === 'stock.rebooked' || kind === 'stock.received') {
      for (const one of transfers) this.#cameIn(turn, one, of);
    } else if (kind === 'stock.shipped') {
      for (const { serials = [], to } of transfers) {
        for (const thing of [...serials, to.unit]) this.came.forget(thing);
      }
    }
  }

  #cameIn(
    turn: Turn,
    { from, to, quantity, named, serials = named, ...of }: Transfer,
    said: Statement,
  ) {
    const kind: GoodsKind = { owner: of.owner, item: of.item, lot: of.lot };
    const things = serials ?? (to.unit === '' ? [] : [to.unit]);
    const { account } = from;
    if (account.type === 'transit' && said.transfer !== undefined) {
      this.#forgetThings(things);
      this.#arrived(turn, said.transfer, kind, from.unit, quantity);
      if (to.account.type !== 'zone') for (const thing of things) this.came.forget(thing);
      else for (const thing of things) this.came.keep(thing, [account.lane, from.unit], turn.nowMs);
    } else if (this.#isAlone(turn.site)) return;
    else if (account.type === 'supplier' || account.type === 'transit') {
      const lane = account.type === 'transit' ? account.lane : '';
      const taken = lane === '' ? '' : from.unit;
      for (const thing of things) this.came.keep(thing, [lane, taken], turn.nowMs);
      if (things.length === 0 && lane !== '') this.came.addGoods(lane, kind, quantity);
    }
  }

  /** It came through a door, wherever the book has it. */
  noteSeen({ site, at: [atMs], nowMs }: Turn, thing: string): void {
    if (this.#isAlone(site)) return;
    this.came.see(thing, atMs, nowMs);
    const unit = this.#stock.containment.unitOfSerial(thing);
    if (unit !== undefined) this.came.see(this.#stock.containment.rootOf(unit), atMs, nowMs);
  }

  #see({ site, at: [atMs], nowMs }: Turn, transfers: readonly Transfer[]): void {
    if (this.#isAlone(site)) return;
    for (const { serials = [], to } of transfers) {
      if (to.account.type !== 'zone') continue;
      for (const thing of serials) this.came.see(thing, atMs, nowMs);
      if (to.unit !== '') this.came.see(to.unit, atMs, nowMs);
    }
  }

  /** With what is in them. */
  #forgetThings(things: readonly string[]): void {
    const { containment } = this.#stock;
    for (const thing of things) {
      this.book.forget(thing);
      if (containment.get(thing) === undefined) continue;
      for (const unit of containment.tree(thing)) {
        for (const epc of containment.serialsIn(unit)) this.book.forget(epc);
      }
    }
  }

  #arrived(turn: Turn, id: string, kind: GoodsKind, unit: string, quantity: number): void {
    this.#over(turn, id, this.book.take(id, kind, unit, quantity, turn.nowMs));
  }

  /** @param things that were expected until now; undefined: it goes on */
  #over(turn: Turn, id: string, things: readonly string[] | undefined): void {
    if (things === undefined) return;
    const { task = '' } = this.book.get(id) ?? {};
    if (task !== '') this.#tasks.close(turn, task, 'superseded');
    for (const thing of things) {
      const unit = this.#stock.containment.get(thing);
      const isExpected = unit?.zone === '' && unit.parent === '' && unit.goneMs === 0;
      if (isExpected && unit.document === '') this.#stock.forgetUnit(thing);
    }
  }

  /** Nothing can come from another gateway: what came need not be remembered. */
  #isAlone({ elsewhere, portalsTo }: SiteModel): boolean {
    return elsewhere.size === 0 && portalsTo.size === 0;
  }
}

function laneFrom({ gateway }: SiteModel, other: string): Account {
  return { lane: laneOf(other, gateway), type: 'transit' };
}
