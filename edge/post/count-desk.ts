import type { ActOf } from '#contracts/acts.ts';
import { draft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { defaultOwner } from '#contracts/ids.ts';
import type { StockStatus } from '#contracts/posting.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { goodsKey, zoneAccount, type Bin } from '../stock/bin.ts';
import type { Transfer } from '../stock/stock-book.ts';
import type { OpenTask } from '../stock/stock-view.ts';
import { draftFields } from '../stock/turn.ts';
import { fault, statementOf, type ActContext, type ActFault } from './act-context.ts';
import { unserialisedOf } from './draw-goods.ts';

type Count = ActContext<ActOf<'count'>>;
type CountLine = EventPayload<'stock.counted'>['lines'][number];
type CountResult = EventPayload<'stock.counted'>['result'];

/** What a recount is compared with. */
type Counted = {
  readonly person: string;
  readonly task: string;
  /** The variance by account key, of the lines that varied. */
  readonly variance: readonly (readonly [key: string, quantity: number])[];
  readonly zone: string;
};

/** What was counted longer ago cannot be checked by a recount any more. */
const recountWithinMs = 7 * 24 * 3_600_000;
/** In this time the same goods of a zone are tolerated to be less once, and to be more once. */
const toleratedOnceInMs = 30 * 24 * 3_600_000;

/**
 * Blind counts against the book. A variance within the item's tolerance is adjusted, once in a
 * month each way, so that small ones do not add up; beyond it a recount is asked for, and only what
 * two counts find alike is adjusted; all of it within the limits of who counted last; else somebody
 * with more rights must look. Variances, not figures, are compared: goods may have moved in
 * between, in the zone and in the book alike.
 */
export class CountDesk {
  readonly #counts = new ExpiringStore<Counted>('count', recountWithinMs);
  /** `zone \n goods \n direction` of what was tolerated, whoever counted it. */
  readonly #tolerated = new ExpiringStore<1>('count-tolerated', toleratedOnceInMs);

  count(ctx: Count): ActFault | undefined {
    const { act, turn } = ctx;
    const before = act.recountOf === undefined ? undefined : this.#counts.get(act.recountOf);
    const wrong = wrongRecount(ctx, before);
    if (wrong !== undefined) return wrong;
    const lines = compare(ctx);
    if (lines.length > 2000) return fault('too-large', `${lines.length} accounts`);
    const varied = lines.filter((line) => line.counted !== line.booked);
    const result = this.#judge(ctx, varied, before);
    const payload = {
      by: ctx.by,
      lines,
      ...(act.recountOf === undefined ? {} : { recountOf: act.recountOf }),
      result,
      zone: act.zone,
    };
    turn.out.push(draft('stock.counted', payload, draftFields(turn)));
    if (result === 'tolerated' || result === 'confirmed') adjustTo(ctx, varied);
    if (result === 'tolerated') {
      for (const line of varied) this.#tolerated.keep(driftKey(act.zone, line), 1, turn.nowMs);
    }
    this.#follow(ctx, varied, result, before);
    return undefined;
  }

  /** Whether a recount can still be compared with that count. */
  knows(act: string): boolean {
    return this.#counts.get(act) !== undefined;
  }

  tick(nowMs: number): void {
    this.#counts.expire(nowMs);
    this.#tolerated.expire(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    this.#counts.drainDirty(rows);
    this.#tolerated.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = [this.#counts, this.#tolerated].find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined;
  }

  #judge(ctx: Count, varied: readonly CountLine[], before: Counted | undefined): CountResult {
    if (varied.length === 0) return 'agrees';
    const { lease, turn, use } = ctx;
    const adjusted = varied.map((line) => {
      return [line.item, Math.abs(line.counted - line.booked)] as const;
    });
    const isAllowed =
      varied.every((line) => isAdjustable(ctx, line)) &&
      use.check(turn.site, lease, adjusted) === undefined;
    const isConfirmed = before !== undefined && isSame(before.variance, varianceOf(varied));
    if (isConfirmed) return isAllowed ? 'confirmed' : 'review';
    return isAllowed && this.#isTolerable(ctx, varied) ? 'tolerated' : 'recount';
  }

  /** All goods within their tolerance, in all their accounts together, and for the first time. */
  #isTolerable({ act, turn }: Count, varied: readonly CountLine[]): boolean {
    const off = new Map<string, number>();
    for (const line of varied) {
      const key = kindKey(line);
      off.set(key, (off.get(key) ?? 0) + Math.abs(line.counted - line.booked));
    }
    return varied.every((line) => {
      const tolerance = turn.site.items.policyOf(line.item)?.countTolerance ?? 0;
      if ((off.get(kindKey(line)) ?? 0) > tolerance) return false;
      return this.#tolerated.get(driftKey(act.zone, line)) === undefined;
    });
  }

  /** What an earlier count of the same goods asked for is asked for anew, once. */
  #supersede(ctx: Count, type: OpenTask['task']): void {
    const { act, books, turn } = ctx;
    for (const task of books.tasks.all()) {
      if (task.task !== type || task.id === act.task || !coversTask(ctx, task)) continue;
      books.tasks.close(turn, task.id, 'superseded');
      if (task.act !== undefined) this.#counts.forget(task.act);
    }
  }

  /** Closes what the recount was asked for, and opens what comes next. */
  #follow(
    ctx: Count,
    varied: readonly CountLine[],
    result: CountResult,
    before: Counted | undefined,
  ): void {
    const { act, by, books, turn } = ctx;
    if (before !== undefined && act.recountOf !== undefined) {
      if (before.task !== act.task) books.tasks.close(turn, before.task, 'done', by);
      this.#counts.forget(act.recountOf);
    }
    if (result !== 'recount' && result !== 'review') return;
    this.#supersede(ctx, result === 'recount' ? 'recount' : 'approve-variance');
    const [first] = varied;
    const item = varied.every((line) => line.item === first?.item) ? first?.item : undefined;
    const task = books.tasks.open(turn, {
      ...(item === undefined ? {} : { item }),
      act: act.id,
      reason: result === 'recount' ? differenceWords(varied) : varianceWords(varied),
      task: result === 'recount' ? 'recount' : 'approve-variance',
      zone: act.zone,
    });
    if (result === 'review') return;
    const variance = varianceOf(varied);
    const { person } = act;
    this.#counts.keep(act.id, { person, task, variance, zone: act.zone }, turn.nowMs);
  }
}

/** Whether a count of these items of a zone (absent: all) says anew what a task says of it. */
function coversTask({ act }: Count, { item, zone }: Pick<OpenTask, 'item' | 'zone'>): boolean {
  if (zone !== act.zone) return false;
  return act.items === undefined || (item !== undefined && act.items.includes(item));
}

function wrongRecount(
  { act, books, turn }: Count,
  before: Counted | undefined,
): ActFault | undefined {
  if (act.recountOf === undefined) return undefined;
  // The task outlived the count that it is of: this one is a first count again.
  const task = act.task === undefined ? undefined : books.tasks.get(act.task);
  if (before === undefined && task?.act === act.recountOf && task.zone === act.zone) {
    return undefined;
  }
  if (before === undefined || before.zone !== act.zone)
    return fault('unknown-count', act.recountOf);
  const mustBeOther = (turn.site.posting.recountBy ?? 'other') === 'other';
  return mustBeOther && before.person === act.person
    ? fault('same-person', 'somebody else must recount')
    : undefined;
}

/**
 * Counted figures beside booked ones. What a person did not tell apart (statuses, and units where
 * no line of that kind names one) is compared together, and stands under the account with most;
 * first goes what was told apart, in whatever order it came.
 */
function compare({ act, books, turn }: Count): CountLine[] {
  const zoneStatus = turn.site.zones.get(act.zone)?.status ?? 'available';
  const named = new Set(
    act.found.flatMap((one) => (one.handlingUnit === undefined ? [] : [kindKey(one)])),
  );
  const counted = new Map<string, { kind: CountKind; quantity: number }>();
  for (const one of act.found) {
    const kind = { ...kindOf(one), status: one.status, unit: one.handlingUnit ?? '' };
    const key = `${goodsKey(kind)}\n${kind.unit}\n${kind.status ?? ''}`;
    const quantity = (counted.get(key)?.quantity ?? 0) + one.quantity;
    counted.set(key, { kind, quantity });
  }
  const isAsked = ({ item }: Bin): boolean => act.items === undefined || act.items.includes(item);
  const booked = books.stock.quantities.where((bin) => bin.zone === act.zone && isAsked(bin));
  const left = new Set(booked);
  const lines: CountLine[] = [];
  const rank = ({ kind }: { kind: CountKind }) => (kind.status === undefined ? 1 : 0);
  for (const { kind, quantity } of [...counted.values()].sort((a, b) => rank(a) - rank(b))) {
    const isByUnit = named.has(goodsKey(kind));
    const fitting = booked.filter(
      (entry) =>
        left.has(entry) &&
        goodsKey(entry[0]) === goodsKey(kind) &&
        (kind.status === undefined || kind.status === entry[0].status) &&
        (!isByUnit || entry[0].unit === kind.unit),
    );
    for (const entry of fitting) left.delete(entry);
    const [most] = fitting.toSorted(([, a], [, b]) => b - a);
    const { status, unit } = most?.[0] ?? { status: kind.status ?? zoneStatus, unit: kind.unit };
    const sum = fitting.reduce((total, [, one]) => total + one, 0);
    lines.push(lineOf({ ...kind, zone: act.zone, status, unit }, sum, quantity));
  }
  for (const [bin, quantity] of left) lines.push(lineOf(bin, quantity, 0));
  return lines.sort((a, b) => (lineKey(a) < lineKey(b) ? -1 : 1));
}

interface CountKind {
  readonly owner: string;
  readonly item: string;
  readonly lot: string;
  readonly status: StockStatus | undefined;
  readonly unit: string;
}

function kindOf(of: { readonly owner?: string; readonly item: string; readonly lot?: string }) {
  return { owner: of.owner ?? defaultOwner, item: of.item, lot: of.lot ?? '' };
}

function kindKey(of: Parameters<typeof kindOf>[0]): string {
  return goodsKey(kindOf(of));
}

function lineOf(
  { item, lot, owner, status, unit }: Bin,
  booked: number,
  counted: number,
): CountLine {
  return {
    booked,
    counted,
    ...(unit === '' ? {} : { handlingUnit: unit }),
    item,
    ...(lot === '' ? {} : { lot }),
    owner,
    status,
  };
}

function lineKey({ item, lot = '', owner, status, handlingUnit = '' }: CountLine): string {
  return `${item}\n${lot}\n${owner}\n${status}\n${handlingUnit}`;
}

/** Says nothing that somebody who is to count again must not know. */
function differenceWords({ length }: readonly CountLine[]): string {
  return length === 1
    ? 'one account differs from the book'
    : `${length} accounts differ from the book`;
}

/** What whoever approves decides about; the floor page hides it from those who counted. */
function varianceWords(varied: readonly CountLine[]): string {
  const all = varied.map((line) => {
    const off = line.counted - line.booked;
    return `${line.item} ${off > 0 ? '+' : ''}${off}`;
  });
  const words = `${differenceWords(varied)}: ${all.join(', ')}`;
  return words.length <= 120 ? words : `${words.slice(0, 119).toWellFormed()}…`;
}

function varianceOf(varied: readonly CountLine[]): [key: string, quantity: number][] {
  return varied.map((line) => [lineKey(line), line.counted - line.booked]);
}

function isSame(a: Counted['variance'], b: Counted['variance']): boolean {
  return (
    a.length === b.length &&
    a.every(([key, quantity], index) => b[index]?.[0] === key && b[index][1] === quantity)
  );
}

/** A figure does not say which serial is missing, nor what of a unit: somebody must look. */
function isAdjustable({ act, turn, books }: Count, line: CountLine): boolean {
  const { items } = turn.site;
  const { item, lot = '', owner, status, handlingUnit } = line;
  if (handlingUnit !== undefined || items.needsSerials(item, 'inside')) return false;
  if (lot === '' && items.needsLot(item)) return false;
  const less = line.booked - line.counted;
  const bin: Bin = { zone: act.zone, status, owner, item, lot, unit: '' };
  return less <= unserialisedOf(books.stock, bin);
}

/** Lots apart, statuses not: what is missing in one is not excused by the other. */
function driftKey(zone: string, line: CountLine): string {
  return `${zone}\n${kindKey(line)}\n${line.counted < line.booked ? 'less' : 'more'}`;
}

/** Posts the variance, and takes it off the lease's limits. */
function adjustTo(ctx: Count, varied: readonly CountLine[]): void {
  const { act, books, lease, turn, use } = ctx;
  const transfers = varied.map((line): Transfer => {
    const { item, owner, status } = line;
    const more = line.counted - line.booked;
    const outside = { account: { type: 'count-variance' }, unit: '' } as const;
    const inside = { account: zoneAccount(act.zone, status), unit: '' };
    return {
      item,
      owner,
      lot: line.lot ?? '',
      quantity: Math.abs(more),
      from: more > 0 ? outside : inside,
      to: more > 0 ? inside : outside,
    };
  });
  use.note(
    turn.site,
    lease,
    transfers.map(({ item, quantity }) => [item, quantity] as const),
  );
  books.stock.post(turn, 'stock.adjusted', transfers, { ...statementOf(ctx), reason: 'count' });
}
