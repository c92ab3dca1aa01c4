import Type from 'typebox';
import type { Static } from 'typebox';
import {
  isEventKind,
  isPostingKind,
  type EventKind,
  type EventPayload,
  type PostingKind,
} from './event-kinds.ts';
import { itemNumber, lotNumber, unitId } from './goods.ts';
import { defaultOwner } from './ids.ts';
import { taskOpened } from './kinds/stock-kinds.ts';
import { stockStatus, type PostingLine } from './posting.ts';
import {
  rememberedAct,
  rememberedRevocation,
  rememberedScan,
  rememberedUse,
} from './remembered.ts';
import { closed, epc, name } from './schema.ts';

/**
 * The book of a gateway as its journal tells it: what lies in which account, where single things
 * are, what is in which handling unit, what is left to do. A gateway keeps its book as it posts; this
 * is the same book from the events alone, so that a box in the place of a dead one can go on.
 */

const ofGoods = { item: itemNumber, lot: Type.Optional(lotNumber), owner: name };

/** An account that does not sum to zero. `unit` is the outermost handling unit. */
const bookedAccount = closed({
  ...ofGoods,
  quantity: Type.Integer(),
  status: stockStatus,
  unit: Type.Optional(unitId),
  zone: name,
});

/** A single thing that is in no unit. */
const bookedSerial = closed({ ...ofGoods, epc, status: stockStatus, zone: name });

/** A handling unit that is here, with what is directly in it; goods count its serials in. */
const bookedUnit = closed({
  goods: Type.Array(closed({ ...ofGoods, quantity: Type.Integer() })),
  parent: Type.Optional(unitId),
  /** Without owner and lot: those of the unit's goods of that item. */
  serials: Type.Array(closed({ epc, lot: Type.Optional(lotNumber), owner: Type.Optional(name) })),
  unit: unitId,
  /** Of an outermost one. */
  zone: Type.Optional(name),
});

const { id: _id, ...taskProperties } = taskOpened.properties;
const bookedTask = closed(taskProperties);

/** So much of a book as travels and is taken in as one. */
export const bookRows = closed({
  accounts: Type.Array(bookedAccount),
  /** The oldest first, as are scans: what is remembered longest. */
  acts: Type.Optional(Type.Array(rememberedAct)),
  revocations: Type.Optional(Type.Array(rememberedRevocation)),
  scans: Type.Optional(Type.Array(rememberedScan)),
  serials: Type.Array(bookedSerial),
  tasks: Type.Array(bookedTask),
  units: Type.Array(bookedUnit),
  uses: Type.Optional(Type.Array(rememberedUse)),
});
export type BookRows = Static<typeof bookRows>;
export type BookedAccount = BookRows['accounts'][number];
export type BookedSerial = BookRows['serials'][number];
export type BookedUnit = BookRows['units'][number];
export type BookedTask = BookRows['tasks'][number];

interface Kind {
  readonly owner: string;
  readonly item: string;
  readonly lot: string;
}

interface Unit {
  parent: string;
  /** Of an outermost one; '' where it left, or was never here. */
  zone: string;
  /** It left, and what was in it may be another thing when it comes again. */
  gone: boolean;
  /** Quantity by kind. */
  readonly goods: Map<string, number>;
  readonly serials: Set<string>;
  /** Directly in it. */
  readonly units: Set<string>;
}

/** Where a single thing is: loose in an account, or directly in a unit. */
type Serial =
  | { readonly kind: Kind; readonly zone: string; readonly status: string }
  | { readonly kind: Kind | undefined; readonly unit: string };

/** A unit that left is remembered for a day, as at the gateway: tags blink, and goods come back. */
const goneKeptMs = 25 * 3_600_000;

/** The kinds that change a book; others need not be read. */
export const bookKinds: readonly EventKind[] = [
  'stock.received',
  'stock.moved',
  'stock.shipped',
  'stock.adjusted',
  'stock.held',
  'stock.released',
  'stock.regrouped',
  'unit.packed',
  'unit.unpacked',
  'task.opened',
  'task.closed',
  'gateway.book-restored',
];

/** A book that follows a journal, event by event, in the order of the journal. */
export class SiteBook {
  readonly #accounts = new Map<string, number>();
  readonly #serials = new Map<string, Serial>();
  readonly #units = new Map<string, Unit>();
  readonly #tasks = new Map<string, BookedTask>();
  /** Units that left, the first one first, and when. */
  readonly #left = new Map<string, number>();

  /** @param atMs when the gateway took it in. */
  apply(kind: string, payload: unknown, atMs: number): void {
    if (!isEventKind(kind)) return;
    this.#forgetLeft(atMs);
    if (isPostingKind(kind)) this.#post(kind, payload as EventPayload<PostingKind>, atMs);
    else if (kind === 'unit.packed') this.#pack(payload as EventPayload<typeof kind>);
    else if (kind === 'unit.unpacked') this.#unpack(payload as EventPayload<typeof kind>);
    else if (kind === 'task.closed') this.#tasks.delete((payload as EventPayload<typeof kind>).id);
    // Ids of tasks begin anew with an epoch: what was left to do is opened again after this.
    else if (kind === 'gateway.book-restored') this.#tasks.clear();
    else if (kind === 'task.opened') {
      const { id, ...task } = payload as EventPayload<typeof kind>;
      if (id !== undefined) this.#tasks.set(id, task);
    }
  }

  /** All of it, in an order that does not depend on how it came about. Units that left are not in it. */
  rows(): BookRows {
    const units = [...this.#units].filter(([unit]) => this.#zoneOf(unit) !== '').sort(byKey);
    const here = new Set(units.map(([unit]) => unit));
    return {
      accounts: [...this.#accounts].sort(byKey).map(([key, quantity]) => accountOf(key, quantity)),
      serials: [...this.#serials].sort(byKey).flatMap(([one, of]) => looseOf(one, of)),
      tasks: [...this.#tasks].sort(byKey).map(([, task]) => task),
      units: units.map(([unit, state]) => this.#unitOf(unit, state, here)),
    };
  }

  #unitOf(unit: string, { goods, parent, serials, zone }: Unit, here: Set<string>): BookedUnit {
    return {
      goods: [...goods]
        .sort(byKey)
        .map(([key, quantity]) => ({ ...goodsOf(kindOf(key)), quantity })),
      ...(here.has(parent) ? { parent } : {}),
      serials: [...serials].sort().map((one) => {
        const kind = this.#serials.get(one)?.kind;
        if (kind === undefined) return { epc: one };
        return { epc: one, ...(kind.lot === '' ? {} : { lot: kind.lot }), owner: kind.owner };
      }),
      unit,
      ...(here.has(parent) ? {} : { zone }),
    };
  }

  /** The zone of the outermost unit; '' for one that left. */
  #zoneOf(unit: string): string {
    let at = this.#units.get(unit);
    while (at !== undefined && at.parent !== '') at = this.#units.get(at.parent);
    return at?.zone ?? '';
  }

  #post(kind: PostingKind, { lines, unit }: EventPayload<PostingKind>, atMs: number): void {
    if (kind === 'stock.shipped' && unit !== undefined) this.#depart(unit, atMs);
    // What was received or found into a unit was not packed.
    const isPutIn = unit === undefined && (kind === 'stock.received' || kind === 'stock.adjusted');
    for (const line of lines) {
      if (line.account.type === 'zone') this.#addTo(line.account, line);
      if (line.quantity > 0) this.#place(line, isPutIn);
    }
  }

  #addTo(
    { zone, status }: { readonly zone: string; readonly status: string },
    { handlingUnit = '', item, lot = '', owner, quantity }: PostingLine,
  ): void {
    const key = [zone, status, owner, item, lot, handlingUnit].join('\n');
    addTo(this.#accounts, key, quantity);
  }

  /** Where the goods of an incoming line are now. */
  #place(line: PostingLine, isPutIn: boolean): void {
    const { account, handlingUnit: root = '', lot = '', owner, item, serials = [] } = line;
    const kind = { owner, item, lot };
    if (account.type !== 'zone') {
      for (const one of serials) this.#takeOut(one, kind);
      return;
    }
    if (root === '') {
      const { zone, status } = account;
      for (const one of serials) {
        this.#takeOut(one, kind);
        this.#serials.set(one, { kind, zone, status });
      }
      return;
    }
    const unit = this.#known(root);
    // Lines name the outermost unit: one that came alone has left the unit with which it went.
    this.#units.get(unit.parent)?.units.delete(root);
    unit.parent = '';
    unit.zone = account.zone;
    this.#return(root);
    if (!isPutIn) return;
    addTo(unit.goods, keyOf(kind), line.quantity);
    for (const one of serials) {
      this.#takeOut(one, kind);
      this.#putIn(one, root, kind);
    }
  }

  #pack({ goods = [], parent, serials = [], units = [], zone }: EventPayload<'unit.packed'>): void {
    const into = this.#known(parent);
    if (into.gone) this.#empty(into);
    if (zone !== undefined && into.parent === '') into.zone = zone;
    for (const { item, lot = '', owner = defaultOwner, quantity } of goods) {
      addTo(into.goods, keyOf({ owner, item, lot }), quantity);
    }
    for (const one of serials) this.#putIn(one, parent, this.#serials.get(one)?.kind);
    for (const unit of units) this.#move(unit, parent, '');
  }

  #unpack(of: EventPayload<'unit.unpacked'>): void {
    const { dissolved, goods = [], parent, serials = [], units = [], zone = '' } = of;
    const from = this.#known(parent);
    for (const { item, lot = '', owner = defaultOwner, quantity } of goods) {
      addTo(from.goods, keyOf({ owner, item, lot }), -quantity);
    }
    for (const one of serials) {
      from.serials.delete(one);
      this.#serials.delete(one);
    }
    for (const unit of units) this.#move(unit, '', zone);
    if (dissolved) this.#forget(parent);
  }

  #move(unit: string, parent: string, zone: string): void {
    const state = this.#known(unit);
    this.#units.get(state.parent)?.units.delete(unit);
    state.parent = parent;
    state.zone = zone;
    if (parent !== '') this.#known(parent).units.add(unit);
  }

  #forget(unit: string): void {
    const { parent } = this.#known(unit);
    this.#units.get(parent)?.units.delete(unit);
    this.#units.delete(unit);
  }

  #known(unit: string): Unit {
    let state = this.#units.get(unit);
    if (state === undefined) {
      const nothing = { goods: new Map(), serials: new Set<string>(), units: new Set<string>() };
      state = { parent: '', zone: '', gone: false, ...nothing };
      this.#units.set(unit, state);
    }
    return state;
  }

  #putIn(one: string, unit: string, kind: Kind | undefined): void {
    const before = this.#serials.get(one);
    if (before !== undefined && 'unit' in before) this.#units.get(before.unit)?.serials.delete(one);
    this.#known(unit).serials.add(one);
    this.#serials.set(one, { kind, unit });
  }

  /** A thing that shows up elsewhere by itself is in its unit no more. */
  #takeOut(one: string, kind: Kind): void {
    const before = this.#serials.get(one);
    this.#serials.delete(one);
    if (before === undefined || !('unit' in before)) return;
    const unit = this.#units.get(before.unit);
    if (unit?.serials.delete(one)) addTo(unit.goods, keyOf(kind), -1);
  }

  #depart(root: string, atMs: number): void {
    this.#known(root).zone = '';
    for (const unit of this.#tree(root)) this.#known(unit).gone = true;
    this.#left.delete(root);
    this.#left.set(root, atMs);
  }

  #return(root: string): void {
    if (!this.#left.delete(root)) return;
    for (const unit of this.#tree(root)) this.#known(unit).gone = false;
  }

  #empty(unit: Unit): void {
    for (const one of unit.serials) this.#serials.delete(one);
    unit.serials.clear();
    unit.goods.clear();
    unit.gone = false;
  }

  #forgetLeft(nowMs: number): void {
    for (const [root, leftMs] of this.#left) {
      if (nowMs - leftMs < goneKeptMs) return;
      this.#left.delete(root);
      for (const name of this.#tree(root)) {
        const unit = this.#units.get(name);
        if (unit?.gone !== true) continue;
        this.#empty(unit);
        this.#forget(name);
      }
    }
  }

  /** The unit and all within it. */
  #tree(root: string): string[] {
    const found = [root];
    for (const unit of found) found.push(...(this.#units.get(unit)?.units ?? []));
    return found;
  }
}

function addTo(sums: Map<string, number>, key: string, quantity: number): void {
  const sum = (sums.get(key) ?? 0) + quantity;
  if (sum === 0) sums.delete(key);
  else sums.set(key, sum);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function keyOf({ owner, item, lot }: Kind): string {
  return `${owner}\n${item}\n${lot}`;
}

function kindOf(key: string): Kind {
  const [owner = '', item = '', lot = ''] = key.split('\n');
  return { owner, item, lot };
}

function goodsOf({ item, lot, owner }: Kind) {
  return { item, ...(lot === '' ? {} : { lot }), owner };
}

function accountOf(key: string, quantity: number): BookedAccount {
  const [zone = '', status = '', owner = '', item = '', lot = '', unit = ''] = key.split('\n');
  return {
    ...goodsOf({ owner, item, lot }),
    quantity,
    status: status as BookedAccount['status'],
    ...(unit === '' ? {} : { unit }),
    zone,
  };
}

function looseOf(one: string, of: Serial): BookedSerial[] {
  if (!('zone' in of)) return [];
  const status = of.status as BookedSerial['status'];
  return [{ ...goodsOf(of.kind), epc: one, status, zone: of.zone }];
}
