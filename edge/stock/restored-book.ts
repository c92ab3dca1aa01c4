import { draft } from '#contracts/envelope.ts';
import { defaultOwner } from '#contracts/ids.ts';
import type { BookRows } from '#contracts/site-book.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import type { BookOrigin, IntakeBody } from '../intake/intake-entry.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { GoodsKind } from './bin.ts';
import type { StockBook } from './stock-book.ts';
import type { TaskBook } from './task-book.ts';
import { draftFields, type Saying } from './turn.ts';

type Part = Extract<IntakeBody, { type: 'book-restored' }>;
type Taken = {
  readonly accounts: number;
  readonly acts?: number;
  readonly scans?: number;
  readonly serials: number;
  readonly units: number;
};

const nothing: Taken = { accounts: 0, serials: 0, units: 0 };

/**
 * Takes in the book of the box before this one. Nothing is posted: at the hub it stands already.
 * Whatever that box still saw and nobody heard of makes every zone one to be counted.
 */
export class RestoredBook {
  readonly #stock: StockBook;
  readonly #tasks: TaskBook;
  /** Of the parts so far. */
  readonly #taken = new KeyedStore<Taken>('restored-book');

  constructor(stock: StockBook, tasks: TaskBook) {
    this.#stock = stock;
    this.#tasks = tasks;
  }

  take(site: SiteModel | undefined, { origin, rows }: Part, turn: Saying): void {
    const { accounts, acts = [], scans = [], serials, units } = rows;
    this.#putAccounts(rows);
    this.#putSerials(site, rows);
    this.#putUnits(rows);
    const before = this.#taken.get('') ?? nothing;
    const inUnits = units.reduce((sum, unit) => sum + unit.serials.length, 0);
    const taken = {
      accounts: before.accounts + accounts.length,
      acts: (before.acts ?? 0) + acts.length,
      scans: (before.scans ?? 0) + scans.length,
      serials: before.serials + serials.length + inUnits,
      units: before.units + units.length,
    };
    this.#taken.set('', taken);
    if (origin !== undefined) this.#end(site, rows, origin, taken, turn);
  }

  drainDirty(rows: StateRow[]): void {
    this.#taken.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#taken.machine) return false;
    this.#taken.restore(key, value);
    return true;
  }

  #putAccounts({ accounts }: BookRows): void {
    for (const { item, lot = '', owner, quantity, status, unit = '', zone } of accounts) {
      this.#stock.quantities.add({ zone, status, owner, item, lot, unit }, quantity);
    }
  }

  /** Only of items that are followed one by one: others named theirs once, at a receipt. */
  #putSerials(site: SiteModel | undefined, { serials }: BookRows): void {
    for (const { epc, item, lot = '', owner, status, zone } of serials) {
      if (site?.items.keepsSerials(item) === false) continue;
      this.#stock.putLoose(epc, { owner, item, lot }, [zone, status]);
    }
  }

  #putUnits({ units }: BookRows): void {
    const { containment } = this.#stock;
    for (const { goods, parent = '', serials, unit, zone = '' } of units) {
      containment.put(unit, { document: '', goneMs: 0, parent, zone });
      const kinds = goods.map(({ item, lot = '', owner }) => ({ item, lot, owner }));
      for (const [index, { quantity }] of goods.entries()) {
        const kind = kinds[index];
        if (kind !== undefined) containment.addGoods(unit, kind, quantity);
      }
      for (const { epc, lot = '', owner } of serials) {
        containment.putSerial(epc, unit);
        const kind = owner === undefined ? kindIn(kinds, epc) : { owner, lot };
        if (kind !== undefined) this.#stock.noteKind(epc, kind);
      }
    }
  }

  #end(
    site: SiteModel | undefined,
    { tasks }: BookRows,
    { book, parent, uncertainFromMs, uncertainToMs }: BookOrigin,
    taken: Taken,
    turn: Saying,
  ): void {
    const zones = this.#zonesOf(site);
    // What asked for a recount is counted anew like everything else.
    const left = tasks.filter(({ task }) => task !== 'recount');
    const said = {
      ...taken,
      book,
      parent,
      recounts: zones.length,
      tasks: left.length,
      uncertainFrom: uncertainFromMs,
      uncertainTo: uncertainToMs,
    };
    turn.out.push(draft('gateway.book-restored', said, draftFields(turn)));
    for (const task of left) this.#tasks.open(turn, task);
    const from = `from ${iso(uncertainFromMs)} to ${iso(uncertainToMs)}`;
    const reason = `the box was replaced: unknown ${from}, with acts and scans of then`;
    for (const zone of zones) this.#tasks.open(turn, { reason, task: 'recount', zone });
  }

  /** Those of the site, and those in which the book has anything. */
  #zonesOf(site: SiteModel | undefined): string[] {
    const zones = new Set(site?.zones.keys());
    for (const [{ zone }] of this.#stock.quantities.where(() => true)) zones.add(zone);
    return [...zones].sort();
  }
}

/** A thing in a unit is of the unit's goods of its item; undefined where these are of several lots. */
function kindIn(kinds: readonly GoodsKind[], epc: string): Omit<GoodsKind, 'item'> | undefined {
  const named = decodeEpc(epc);
  if (named.scheme !== 'sgtin') return undefined;
  const fitting = kinds.filter(({ item }) => item === named.gtin14);
  const [only = { owner: defaultOwner, lot: '' }] = fitting;
  return fitting.length > 1 ? undefined : only;
}

/** To the second. */
function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
