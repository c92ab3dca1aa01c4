import { draft } from '#contracts/envelope.ts';
import type { EventPayload, PostingKind } from '#contracts/event-kinds.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import { ZoneWarmth } from '../observe/zone-warmth.ts';
import { binKey, binOf, type GoodsKind } from '../stock/bin.ts';
import { LotStays, type LotStay } from '../stock/lot-stays.ts';
import type { Side, StockBook, Transfer } from '../stock/stock-book.ts';
import { draftFields, type Turn } from '../stock/turn.ts';
import { sourcePermille } from './certainty.ts';
import { departureOf, GoodsLeft, type Departure } from './goods-left.ts';
import { holdTransfers, holdZone, isUsable } from './hold-zone.ts';
import { PastExcursions, type PastRead, type PastSpan } from './past-excursions.ts';

type Excursion = Pick<
  EventPayload<'climate.excursion-ended'>,
  'bound' | 'limit' | 'measure' | 'startedAt' | 'zone'
>;
/** When its goods are to be held, and whether that is done. */
type Hold = { readonly dueMs: number; readonly isHeld: boolean; readonly excursion: Excursion };
/** What came into a zone that is out of its limits, and is not on hold yet. */
type Arrival = { readonly quantity: number; readonly serials: readonly string[] };

const lotsPerEvent = 500;
/** These change nothing about where goods are. */
const inPlace: readonly PostingKind[] = ['stock.held', 'stock.released'];

/**
 * What a climate excursion means for goods. Perishable ones in the zone go on quality hold, as soon
 * as it has lasted for the zone's `holdAfterMs`, and so do those that come in until it ends; what a
 * person releases meanwhile stays released. When it ends, `climate.lots-exposed` says of each lot
 * how warm it had it since it came.
 */
export class ClimateWatch {
  readonly #stock: StockBook;
  readonly #warmth = new ZoneWarmth();
  readonly #stays = new LotStays(this.#warmth);
  /** By zone, measure and bound. */
  readonly #holds = new KeyedStore<Hold>('climate-hold');
  readonly #arrivals = new KeyedStore<Arrival>('climate-arrival');
  readonly #past = new PastExcursions();
  readonly #gone = new GoodsLeft();
  /** Of the last entry that was looked at. */
  #nowMs = 0;

  constructor(stock: StockBook) {
    this.#stock = stock;
    stock.onPosted((turn, kind, transfers) => this.#posted(turn, kind, transfers));
  }

  /** @param milliC thousandths of a °C @param atMs as far as the sensor can be believed */
  temperature(zone: string, sensor: string, milliC: number, atMs: number, nowMs: number): void {
    this.#nowMs = nowMs;
    const isFirst = !this.#warmth.has(zone);
    this.#warmth.read(zone, sensor, milliC, Math.min(atMs, nowMs));
    if (isFirst) this.#stays.begin(zone, this.#stock.quantities, nowMs);
  }

  /** Sensors that are elsewhere from now on warm a zone no longer. */
  keepSensors(isIn: (sensor: string, zone: string) => boolean, nowMs: number): void {
    this.#warmth.keepSensors(isIn, nowMs);
  }

  /** A sensor tells that its zone was out of a limit at a time that is over. */
  past(turn: Turn, read: PastRead): void {
    this.#past.read(read, turn.nowMs);
  }

  started(turn: Turn, excursion: Excursion): void {
    const { holdAfterMs = 0 } = turn.site.zones.get(excursion.zone) ?? {};
    const hold = { dueMs: turn.nowMs + holdAfterMs, isHeld: false, excursion };
    this.#holds.set(keyOf(excursion), hold);
    this.#holdDue(turn);
  }

  ended(turn: Turn, excursion: Excursion): void {
    const key = keyOf(excursion);
    if (this.#holds.get(key) === undefined) return;
    this.#holds.set(key, undefined);
    if (!this.#isHeld(excursion.zone)) {
      for (const bin of this.#arrivals.keys()) {
        if (binOf(bin).zone === excursion.zone) this.#arrivals.set(bin, undefined);
      }
    }
    const isPerishable = (kind: GoodsKind) => turn.site.items.isPerishable(kind);
    const fits = (zone: string, kind: GoodsKind) => zone === excursion.zone && isPerishable(kind);
    this.#sayExposed(turn, excursion, this.#stays.where(fits, turn.nowMs));
  }

  /** Once a second. */
  tick(site: SiteModel, nowMs: number, out: Turn['out']): void {
    this.#nowMs = nowMs;
    const turn = { site, nowMs, at: arrivalAt(nowMs), out };
    for (const span of this.#past.due(nowMs)) this.#sayPast(turn, span);
    if (this.#holds.size === 0) return;
    this.#holdDue(turn);
    this.#holdArrivals(turn);
  }

  /** Perishable or not; as of the last entry or second. */
  lots(fits: (zone: string, kind: GoodsKind) => boolean): LotStay[] {
    return this.#stays.where(fits, this.#nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    for (const part of this.#parts()) part.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#holds.machine) this.#holds.restore(key, value);
    else if (machine === this.#arrivals.machine) this.#arrivals.restore(key, value);
    else
      return [this.#warmth, this.#stays, this.#past, this.#gone].some((part) =>
        part.restore(machine, key, value),
      );
    return true;
  }

  #parts() {
    return [
      this.#warmth,
      this.#stays,
      this.#past,
      this.#gone,
      this.#holds,
      this.#arrivals,
    ] as const;
  }

  #isHeld(zone: string): boolean {
    for (const [, { isHeld, excursion }] of this.#holds.entries()) {
      if (isHeld && excursion.zone === zone) return true;
    }
    return false;
  }

  #holdDue(turn: Turn): void {
    const due = [...this.#holds.entries()]
      .filter(([, { dueMs, isHeld }]) => !isHeld && dueMs <= turn.nowMs)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, hold] of due) {
      this.#holds.set(key, { ...hold, isHeld: true });
      const { zone } = hold.excursion;
      holdZone(this.#stock, turn, zone, {
        reason: 'climate',
        evidence: evidenceOf(zone),
        fits: (bin) => turn.site.items.isPerishable(bin),
      });
    }
  }

  #holdArrivals(turn: Turn): void {
    const arrived = [...this.#arrivals.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, { quantity, serials }] of arrived) {
      this.#arrivals.set(key, undefined);
      const bin = binOf(key);
      // Some of it may have gone on by now.
      const here = serials.filter((epc) => {
        const [zone, status] = this.#stock.loosePlaceOf(epc) ?? [];
        return zone === bin.zone && status === bin.status;
      });
      const gone = serials.length - here.length;
      const present = Math.min(quantity - gone, this.#stock.quantities.quantityIn(bin));
      const transfers = holdTransfers(bin, present, here.slice(0, Math.max(0, present)));
      const said = { evidence: evidenceOf(bin.zone), reason: 'climate' };
      this.#stock.post(turn, 'stock.held', transfers, said);
    }
  }

  #posted(turn: Turn, kind: PostingKind, transfers: readonly Transfer[]): void {
    if (this.#warmth.size === 0 && this.#holds.size === 0) return;
    if (inPlace.includes(kind)) return;
    for (const transfer of transfers) {
      const [from, to] = [zoneOf(transfer.from), zoneOf(transfer.to)];
      if (from === to) {
        this.#regrouped(turn, transfer);
        continue;
      }
      if (from !== undefined) this.#left(turn, from, transfer);
      if (to === undefined) continue;
      this.#stays.change(to, transfer, transfer.quantity, turn.nowMs);
      this.#arrived(turn, transfer);
    }
  }

  /** A lot that leaves while its zone is out of limits would be missed when that ends. */
  #left(turn: Turn, zone: string, transfer: Transfer): void {
    const { quantity, ...kind } = transfer;
    const stay = this.#stays.stayOf(zone, kind, turn.nowMs);
    if (turn.site.items.isPerishable(kind)) {
      const at = { zone, leftMs: turn.nowMs, sinceMs: stay?.sinceMs };
      this.#gone.add(departureOf(transfer, at));
    }
    this.#stays.change(zone, kind, -quantity, turn.nowMs);
    const isLast = this.#stays.stayOf(zone, kind, turn.nowMs) === undefined;
    if (stay === undefined || !isLast || !turn.site.items.isPerishable(kind)) return;
    const open = [...this.#holds.entries()]
      .filter(([, { excursion }]) => excursion.zone === zone)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, { excursion }] of open) this.#sayExposed(turn, excursion, [stay]);
  }

  #arrived(turn: Turn, { quantity, serials = [], to, owner, item, lot }: Transfer): void {
    const { account, unit } = to;
    if (account.type !== 'zone' || !this.#isHeld(account.zone)) return;
    const bin = { zone: account.zone, status: account.status, owner, item, lot, unit };
    if (!isUsable(bin) || !turn.site.items.isPerishable(bin)) return;
    const before = this.#arrivals.get(binKey(bin)) ?? { quantity: 0, serials: [] };
    const isFollowed = unit === '' && turn.site.items.keepsSerials(item);
    this.#arrivals.set(binKey(bin), {
      quantity: before.quantity + quantity,
      serials: isFollowed ? [...before.serials, ...serials] : before.serials,
    });
  }

  /** Goods that just came are held where they are by then: packed, taken out, or told apart. */
  #regrouped(turn: Turn, { quantity, serials, from, to, owner, item, lot }: Transfer): void {
    if (from.account.type !== 'zone' || to.account.type !== 'zone') return;
    const kind = { owner, item, lot };
    const { zone } = from.account;
    const key = binKey({ zone, status: from.account.status, unit: from.unit, ...kind });
    const before = this.#arrivals.get(key);
    if (before === undefined) return;
    const named = (serials ?? []).filter((epc) => before.serials.includes(epc));
    const isByName = serials !== undefined && before.serials.length > 0;
    const other = Math.min(
      quantity - (isByName ? serials.length : 0),
      before.quantity - (isByName ? before.serials.length : 0),
    );
    const moved = (isByName ? named.length : 0) + Math.max(0, other);
    const rest = {
      quantity: before.quantity - moved,
      serials: before.serials.filter((epc) => !named.includes(epc)),
    };
    this.#arrivals.set(key, rest.quantity > 0 ? rest : undefined);
    const went = isByName ? named : serials;
    const list = went === undefined ? {} : { serials: went.slice(0, moved) };
    if (moved > 0) this.#arrived(turn, { ...kind, quantity: moved, ...list, from, to });
  }

  /** Goods that were there then, as far as is known, go on hold as they would have at the time. */
  #sayPast(turn: Turn, past: PastSpan): void {
    const { sensor, bound, limit, measure, zone, ...span } = past;
    const { fromMs: from, toMs: to, readings, worst } = span;
    const payload = { bound, from, limit, measure, readings, sensor, to, worst, zone };
    turn.out.push(draft('climate.excursion-found', payload, draftFields(turn)));
    const { holdAfterMs = 0 } = turn.site.zones.get(zone) ?? {};
    if (to - from < holdAfterMs) return;
    holdZone(this.#stock, turn, zone, {
      reason: 'climate',
      evidence: evidenceOf(zone),
      fits: (bin) => {
        const sinceMs = this.#stays.stayOf(zone, bin, turn.nowMs)?.sinceMs ?? -Infinity;
        return turn.site.items.isPerishable(bin) && sinceMs <= to;
      },
    });
    this.#sayGone(turn, past, this.#gone.during(zone, from, to, turn.nowMs));
  }

  /** What was there and has left is named, and held where it is by now. */
  #sayGone(turn: Turn, past: PastSpan, gone: readonly Departure[]): void {
    const { bound, fromMs: from, limit, measure, sensor, toMs: to, zone } = past;
    const { holds, leftSite } = this.#gone.followed(gone, this.#stock);
    const all = [
      ...gone.map((one) => goneLotOf(one)),
      ...leftSite.map((one) => goneLotOf(one, one.zone)),
    ];
    const parts = Math.ceil(all.length / lotsPerEvent);
    for (let part = 1; part <= parts; part += 1) {
      const lots = all.slice((part - 1) * lotsPerEvent, part * lotsPerEvent);
      const payload = { bound, from, limit, lots, measure, part, parts, sensor, to, zone };
      turn.out.push(draft('climate.goods-left', payload, draftFields(turn)));
    }
    const said = { evidence: evidenceOf(zone), reason: 'climate' };
    this.#stock.post(turn, 'stock.held', holds, said);
  }

  /** Of temperature alone: nothing of the kind is known for humidity. */
  #sayExposed(turn: Turn, excursion: Excursion, stays: readonly LotStay[]): void {
    if (excursion.measure !== 'temperature') return;
    const { bound, limit, measure, startedAt, zone } = excursion;
    const parts = Math.ceil(stays.length / lotsPerEvent);
    for (let part = 1; part <= parts; part += 1) {
      const lots = stays.slice((part - 1) * lotsPerEvent, part * lotsPerEvent).map(exposureOf);
      const payload = { bound, limit, lots, measure, part, parts, startedAt, zone };
      turn.out.push(draft('climate.lots-exposed', payload, draftFields(turn)));
    }
  }
}

function keyOf({ zone, measure, bound }: Excursion): string {
  return `${zone}/${measure}/${bound}`;
}

function zoneOf({ account }: Side): string | undefined {
  return account.type === 'zone' ? account.zone : undefined;
}

function evidenceOf(zone: string) {
  return { agreed: [`climate:${zone}`], certaintyPermille: sourcePermille.climate };
}

function exposureOf(stay: LotStay): EventPayload<'climate.lots-exposed'>['lots'][number] {
  const { coveredMs, item, lot, meanKineticMilliC, owner, quantity, sinceMs: since } = stay;
  return {
    coveredMs,
    item,
    ...(lot === '' ? {} : { lot }),
    ...(meanKineticMilliC === undefined ? {} : { meanKineticMilliC }),
    owner,
    quantity,
    since,
  };
}

function goneLotOf(
  of: Departure,
  fromZone?: string,
): EventPayload<'climate.goods-left'>['lots'][number] {
  const { item, leftMs: leftAt, lot, owner, quantity, toZone } = of;
  const since = fromZone === undefined ? of.sinceMs : undefined;
  return {
    ...(fromZone !== undefined && { fromZone }),
    item,
    leftAt,
    ...(lot === '' ? {} : { lot }),
    owner,
    quantity,
    ...(since !== undefined && { since }),
    ...(toZone !== undefined && { toZone }),
  };
}
