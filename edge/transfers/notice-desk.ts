import { draft } from '#contracts/envelope.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { laneEnds } from '#contracts/posting.ts';
import type {
  ComingNotice,
  ElsewhereNotice,
  MissingNotice,
  SettledNotice,
  TransferNotice,
} from '#contracts/transfers.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import { sourcePermille } from '../post/certainty.ts';
import { defaultQuorumPermille } from '../post/passage-book.ts';
import { goodsKey, zoneAccount, type GoodsKind } from '../stock/bin.ts';
import type { StockBook, Transfer } from '../stock/stock-book.ts';
import type { TaskBook } from '../stock/task-book.ts';
import { draftFields, type Turn } from '../stock/turn.ts';
import type { TransferredLine } from './transfer-book.ts';
import type { Leaving } from './sent-goods.ts';
import type { TransferDesk } from './transfer-desk.ts';

/** Where readers have a thing now, and what to do with one that they had before word of it came. */
export interface Sights {
  zoneOf(epc: string): string | undefined;
  /** As if it were seen there now. */
  seen(turn: Turn, epc: string, zone: string): void;
}

type Asked = readonly [task: string, quantity: number];

/** Another gateway took it in. */
type Claim = readonly [gateway: string, site: string, takenMs: number];

const askAgainMs = 30 * 24 * 3_600_000;
/** Tags are believed to be there for a while after the last read. */
const leastPatienceMs = 60_000;

/**
 * What the hub tells of goods between gateways, judged by this gateway's own book: what is coming
 * from another one, and what another one has that the book still has here.
 */
export class NoticeDesk {
  readonly #stock: StockBook;
  readonly #tasks: TaskBook;
  readonly #transfers: TransferDesk;
  readonly #sights: Sights;
  /** EPC or outermost unit → who has it, as long as readers here have it too. */
  readonly #claims = new KeyedStore<Claim>('transfer-claim');
  /** `gateway \n goods \n since` → what somebody was asked about goods that left nowhere. */
  readonly #asked = new ExpiringStore<Asked>('transfer-asked', askAgainMs);

  constructor(stock: StockBook, tasks: TaskBook, transfers: TransferDesk, sights: Sights) {
    this.#stock = stock;
    this.#tasks = tasks;
    this.#transfers = transfers;
    this.#sights = sights;
    stock.onPosted((turn, kind, transfers) => {
      if (kind === 'stock.shipped') for (const one of transfers) this.#left(turn, one);
    });
  }

  take(site: SiteModel, notices: readonly TransferNotice[], nowMs: number, out: Turn['out']): void {
    const turn: Turn = { site, nowMs, at: arrivalAt(nowMs), out };
    for (const notice of notices) {
      switch (notice.type) {
        case 'coming':
          this.#coming(turn, notice);
          break;
        case 'elsewhere':
          this.#elsewhere(turn, notice);
          break;
        case 'missing':
          this.#missing(turn, notice);
          break;
        case 'settled':
          this.#settled(turn, notice);
      }
    }
    this.#answerClaims(turn);
  }

  tick(site: SiteModel, nowMs: number, out: Turn['out']): void {
    this.#asked.expire(nowMs);
    if (this.#claims.size > 0) this.#answerClaims({ site, nowMs, at: arrivalAt(nowMs), out });
  }

  drainDirty(rows: StateRow[]): void {
    this.#claims.drainDirty(rows);
    this.#asked.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = [this.#claims, this.#asked].find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined;
  }

  #coming(turn: Turn, notice: ComingNotice): void {
    const { book } = this.#transfers;
    const { from, lane, lines, sentAtMs, toZone = '', transfer: id, units = [] } = notice;
    // What this gateway sent it knows itself, and better; a box in its place does not.
    const isOwn = from.gateway === turn.site.gateway;
    if (book.get(isOwn ? this.#nameOf(turn, id, sentAtMs) : id) !== undefined) return;
    const goesTo = {
      gateway: laneEnds(lane)?.to ?? '',
      site: turn.site.elsewhere.get(toZone)?.site,
    };
    const other = isOwn ? goesTo : from;
    book.begin(id, {
      closedMs: 0,
      isOwn,
      lane,
      lines: lines.map(({ item, lot = '', owner, quantity, status, unit = '' }) => {
        return { owner, item, lot, quantity, status: status ?? '', unit };
      }),
      other: other.gateway,
      site: other.site ?? turn.site.id,
      sentMs: sentAtMs,
      task: '',
      toZone,
    });
    const present: string[] = [];
    this.#comingUnits(turn, id, units);
    if (isOwn) {
      this.#transfers.watch(id, sentAtMs);
      // Readers may have them for a while after they left.
      for (const { parent, unit } of units) {
        const isAway = parent === undefined && this.#stock.containment.get(unit)?.zone === '';
        if (isAway) this.#stock.placeUnit(unit, '', turn.nowMs);
      }
    }
    for (const [index, line] of lines.entries()) {
      if (line.unit !== undefined) continue;
      const { item, lot = '', owner, quantity, serials } = line;
      const kind = { owner, item, lot };
      if (serials === undefined) this.#comingGoods(turn, id, kind, quantity);
      for (const epc of serials ?? []) {
        if (this.#isHere(turn, id, epc, kind, '')) continue;
        // It may have been the last that was open.
        if (!book.isOpen(id)) return;
        book.expect(epc, id, index);
        present.push(epc);
      }
    }
    for (const epc of [...present, ...units.flatMap(({ serials }) => serials)]) {
      const zone = this.#sights.zoneOf(epc);
      if (zone !== undefined && book.ofThing(epc)?.transfer === id) {
        this.#sights.seen(turn, epc, zone);
      }
    }
  }

  /** Loose goods that no name leads to: as many as came from there without word of it. */
  #comingGoods(turn: Turn, id: string, kind: GoodsKind, quantity: number): void {
    const { book, came } = this.#transfers;
    const lane = book.get(id)?.lane ?? '';
    const here = Math.min(quantity, came.quantityOf(lane, kind));
    if (here === 0) return;
    came.addGoods(lane, kind, -here);
    this.#transfers.match(turn, id, { ...kind, quantity: here, unit: '' }, [], [lane, '']);
  }

  /** A thing of it is here already. @returns false for one that is yet to come. */
  #isHere(turn: Turn, id: string, epc: string, kind: GoodsKind, unit: string): boolean {
    const { came } = this.#transfers;
    if (!this.#stock.isKnownSerial(epc)) return false;
    const place = this.#stock.placeOf(epc, kind.item);
    if (place === undefined) return false;
    const from = came.fromOf(epc);
    const lane = this.#transfers.book.get(id)?.lane ?? '';
    if (from === undefined) this.#stock.conflict(turn, epc, place[0], `transit:${lane}`);
    else {
      came.forget(epc);
      this.#transfers.match(turn, id, { ...kind, quantity: 1, unit }, [epc], from);
    }
    return true;
  }

  #comingUnits(turn: Turn, id: string, units: NonNullable<ComingNotice['units']>): void {
    const { containment } = this.#stock;
    const lines = this.#transfers.book.get(id)?.lines ?? [];
    const fresh = new Set<string>();
    for (const { parent, unit } of units) {
      const state = containment.get(unit);
      const root = containment.get(containment.rootOf(unit));
      if (root !== undefined && root.zone !== '') {
        if (parent === undefined) this.#unitIsHere(turn, id, unit);
        continue;
      }
      if (state !== undefined && root?.goneMs !== 0) this.#stock.forgetUnit(unit);
      else if (state !== undefined) continue;
      const isIn = parent !== undefined && fresh.has(parent);
      containment.put(unit, { document: '', goneMs: 0, parent: isIn ? parent : '', zone: '' });
      fresh.add(unit);
    }
    const expected = units.filter(({ unit }) => fresh.has(unit));
    // What is here by itself is not expected with its unit.
    const missing = expected.map((one) => ({ ...one, serials: this.#fill(turn, id, one, lines) }));
    const known = units.filter(({ unit }) => {
      return !fresh.has(unit) && containment.get(unit)?.zone === '';
    });
    if (this.#transfers.book.isOpen(id)) this.#transfers.expectUnits(id, [...missing, ...known]);
  }

  /** Puts into a unit what is yet to come in it. @returns its serials among that. */
  #fill(
    turn: Turn,
    id: string,
    { goods, serials, unit }: NonNullable<ComingNotice['units']>[number],
    lines: readonly TransferredLine[],
  ): string[] {
    const { containment } = this.#stock;
    const kinds = goods.map(({ item, lot = '', owner, quantity }) => {
      return { kind: { owner, item, lot }, quantity };
    });
    for (const { kind, quantity } of kinds) containment.addGoods(unit, kind, quantity);
    return serials.filter((epc) => {
      const named = decodeEpc(epc);
      const item = named.scheme === 'sgtin' ? named.gtin14 : '';
      const kind = kinds.find((one) => one.kind.item === item)?.kind;
      if (kind === undefined) return false;
      const sentIn = lines.find((line) => goodsKey(line) === goodsKey(kind))?.unit ?? unit;
      if (this.#isHere(turn, id, epc, kind, sentIn)) {
        containment.addGoods(unit, kind, -1);
        return false;
      }
      containment.putSerial(epc, unit);
      this.#stock.noteKind(epc, kind);
      return true;
    });
  }

  /** A whole unit that came in before word of it. */
  #unitIsHere(turn: Turn, id: string, unit: string): void {
    const { book, came } = this.#transfers;
    const from = came.fromOf(unit);
    if (from === undefined) return;
    came.forget(unit);
    for (const line of book.get(id)?.lines ?? []) {
      if (line.unit !== unit) continue;
      const { status: _status, ...what } = line;
      this.#transfers.match(turn, id, what, [], from[0] === '' ? ['', unit] : from);
    }
  }

  /** What was seen here since then is here: the hub will hear of that, too. */
  #elsewhere({ nowMs }: Turn, { epcs, gateway, seenAtMs, site, units }: ElsewhereNotice): void {
    const { came } = this.#transfers;
    for (const thing of [...epcs, ...units]) {
      if (this.#transfers.hasSent(thing) || came.seenMs(thing) > seenAtMs) continue;
      this.#claims.set(thing, [gateway, site, nowMs]);
    }
  }

  /** What another gateway has is not here: it leaves, unless readers here go on to see it. */
  #answerClaims(turn: Turn): void {
    const { nowMs, site } = turn;
    const patienceMs = Math.max(leastPatienceMs, 2 * site.observe.absentAfterMs);
    const found = new Map<string, string[]>();
    for (const thing of [...this.#claims.keys()].sort()) {
      const claim = this.#claims.get(thing);
      if (claim === undefined) continue;
      const [gateway, ofSite, takenMs] = claim;
      const seenIn = this.#sights.zoneOf(thing);
      if (seenIn !== undefined && nowMs - takenMs < patienceMs) continue;
      this.#claims.set(thing, undefined);
      if (seenIn !== undefined) this.#doubt(turn, thing, gateway, seenIn);
      else {
        const key = `${gateway}\n${ofSite}`;
        found.set(key, [...(found.get(key) ?? []), thing]);
      }
    }
    for (const [key, things] of found) {
      const [gateway = '', ofSite = ''] = key.split('\n');
      this.#leave(turn, { gateway, ...(ofSite === site.id ? {} : { site: ofSite }) }, things);
    }
  }

  /** Seen here and taken in there: one of them is wrong. */
  #doubt(turn: Turn, epc: string, gateway: string, zone: string): void {
    const reason = `taken in by ${gateway}, and still read here`;
    this.#tasks.open(turn, { epc, reason, task: 'verify-movement', zone });
  }

  #leave(
    turn: Turn,
    to: { readonly gateway: string; readonly site?: string },
    things: readonly string[],
  ): void {
    const { containment } = this.#stock;
    const { document: certaintyPermille } = sourcePermille;
    const said = { evidence: { agreed: [`gateway:${to.gateway}`], certaintyPermille } };
    const quorum = turn.site.posting.unitQuorumPermille ?? defaultQuorumPermille;
    const seenIn = new Map<string, string[]>();
    const loose: Leaving[] = [];
    for (const thing of things) {
      const unit = containment.get(thing) === undefined ? containment.unitOfSerial(thing) : thing;
      if (unit !== undefined) {
        const root = containment.rootOf(unit);
        if (containment.get(root)?.zone === '') continue;
        seenIn.set(root, [...(seenIn.get(root) ?? []), thing]);
        continue;
      }
      const one = this.#looseOf(thing);
      if (one !== undefined) loose.push(one);
    }
    for (const [root, seen] of seenIn) {
      const of = containment.serialCountOf(root);
      const isWhole = seen.includes(root) || seen.length * 1000 >= of * quorum;
      if (isWhole && this.#transfers.sendUnit(turn, root, to, said)) continue;
      for (const thing of seen) loose.push(...this.#takenOut(turn, thing));
    }
    if (loose.length > 0) this.#transfers.send(turn, to, loose, said);
  }

  #looseOf(epc: string): Leaving | undefined {
    const place = this.#stock.loosePlaceOf(epc);
    const named = decodeEpc(epc);
    if (place === undefined || named.scheme !== 'sgtin') return undefined;
    const from = { account: zoneAccount(...place), unit: '' };
    return { ...this.#stock.kindOf(epc, named.gtin14), quantity: 1, serials: [epc], from };
  }

  /** A single thing left the unit that the book has it in. */
  #takenOut(turn: Turn, epc: string): Leaving[] {
    const { containment } = this.#stock;
    const parent = containment.unitOfSerial(epc);
    const named = decodeEpc(epc);
    if (parent === undefined || named.scheme !== 'sgtin') return [];
    const kind = this.#stock.kindOf(epc, named.gtin14);
    const root = containment.rootOf(parent);
    const zone = containment.get(root)?.zone ?? '';
    const [bin] = this.#stock.binsInUnit(root, kind);
    if (bin === undefined) return [];
    this.#stock.takeOut(epc, parent, kind);
    const dissolved = containment.isEmpty(parent);
    const payload = { dissolved, parent, serials: [epc], ...(zone === '' ? {} : { zone }) };
    const { item, lot, owner } = kind;
    const goods = {
      item,
      ...(lot === '' ? {} : { lot }),
      ...(owner === defaultOwner ? {} : { owner }),
      quantity: 1,
    };
    const fields = { ...draftFields(turn), handlingUnit: parent };
    turn.out.push(draft('unit.unpacked', { ...payload, goods: [goods] }, fields));
    if (dissolved) this.#stock.forgetUnit(parent);
    const from = { account: zoneAccount(bin.zone, bin.status), unit: root };
    return [{ ...kind, quantity: 1, serials: [epc], from }];
  }

  /** Another gateway says that goods came from here, and the journal has nothing of it. */
  #missing(turn: Turn, notice: MissingNotice): void {
    const { gateway, item, lot = '', owner, quantity } = notice;
    const kind = { owner, item, lot };
    const isOnItsWay = this.#transfers.book.open().some(([id, { isOwn, other }]) => {
      return isOwn && other === gateway && this.#transfers.book.linesOf(id, kind, '').length > 0;
    });
    const key = `${gateway}\n${goodsKey(kind)}\n${notice.sinceMs}`;
    const [before = '', asked] = this.#asked.get(key) ?? [];
    if (isOnItsWay || asked === quantity) return;
    this.#tasks.close(turn, before, 'superseded');
    const reason = `${gateway} took in ${quantity} from here, and nothing says that they left`;
    const task = this.#tasks.open(turn, { item, reason, task: 'verify-transfer' });
    this.#asked.keep(key, [task, quantity], turn.nowMs);
  }

  /** What somebody was asked about has left: of what is missing still, the hub tells anew. */
  #left(turn: Turn, { to: { account }, ...kind }: Transfer): void {
    if (account.type !== 'transit') return;
    const begin = `${laneEnds(account.lane)?.to ?? ''}\n${goodsKey(kind)}\n`;
    for (const [key, [task]] of this.#asked.entries()) {
      if (key.startsWith(begin)) this.#tasks.close(turn, task, 'superseded');
    }
  }

  #settled(turn: Turn, { sentAtMs, transfer }: SettledNotice): void {
    this.#transfers.settle(turn, this.#nameOf(turn, transfer, sentAtMs));
  }

  /** What this gateway sent has a short name here; numbers begin anew with another box. */
  #nameOf({ site }: Turn, transfer: string, sentAtMs: number): string {
    const own = transfer.slice(transfer.lastIndexOf('/') + 1);
    const isOwn =
      transfer.startsWith(`${site.gateway}/`) && this.#transfers.book.get(own)?.sentMs === sentAtMs;
    return isOwn ? own : transfer;
  }
}
