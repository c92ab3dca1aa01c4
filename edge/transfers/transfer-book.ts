import type { StockStatus } from '#contracts/posting.ts';
import { Expiry } from '../observe/expiry.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { StateRow } from '../observe/state-row.ts';
import { goodsKey, type GoodsKind } from '../stock/bin.ts';

/** So much of one kind that left: loose, or in an outermost unit; '' where it is loose. */
export type TransferredLine = {
  readonly owner: string;
  readonly item: string;
  readonly lot: string;
  /** As much as was sent. */
  readonly quantity: number;
  /** What it keeps wherever it goes. */
  readonly status: StockStatus | '';
  readonly unit: string;
};

/** Goods between two gateways. Sent from here its name is `x…`; what comes has the name of whose it is. */
export type Transfer = {
  /** 0 while something of it is on its way. */
  readonly closedMs: number;
  readonly isOwn: boolean;
  readonly lane: string;
  readonly lines: readonly TransferredLine[];
  /** The gateway at the other end, and its site. */
  readonly other: string;
  readonly site: string;
  readonly sentMs: number;
  /** That somebody looks for it; '' while nobody was asked to. */
  readonly task: string;
  /** Where it was meant to go; ''  where nobody said. */
  readonly toZone: string;
};

/** What is known of a thing that is on its way. */
export interface OnItsWay {
  readonly transfer: string;
  readonly isOwn: boolean;
  readonly lane: string;
  readonly line: TransferredLine;
}

/** What is over is remembered for this long, so that the same word does not begin it again. */
const keptMs = 90 * 24 * 3_600_000;

/** What is between this gateway and others: sent from here, or told by the hub to be coming. */
export class TransferBook {
  readonly #transfers = new KeyedStore<Transfer>('transfer');
  /** `transfer \n line` → base units that are still on their way. */
  readonly #left = new KeyedStore<number>('transfer-left');
  /** EPC or outermost unit → its transfer and line. */
  readonly #things = new KeyedStore<readonly [transfer: string, line: number]>('transfer-thing');
  readonly #expiry = new Expiry(3_600_000);
  readonly #open = new Set<string>();
  readonly #thingsOf = new Map<string, Set<string>>();

  get(id: string): Transfer | undefined {
    return this.#transfers.get(id);
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** The longest on their way first. */
  open(): [id: string, transfer: Transfer][] {
    return [...this.#open]
      .flatMap((id): [string, Transfer][] => {
        const transfer = this.#transfers.get(id);
        return transfer === undefined ? [] : [[id, transfer]];
      })
      .sort(([a, one], [b, other]) => one.sentMs - other.sentMs || (a < b ? -1 : 1));
  }

  begin(id: string, transfer: Transfer): void {
    this.#transfers.set(id, transfer);
    for (const [index, { quantity }] of transfer.lines.entries()) {
      this.#left.set(`${id}\n${index}`, quantity);
    }
    this.#open.add(id);
  }

  setTask(id: string, task: string): void {
    const transfer = this.#transfers.get(id);
    if (transfer !== undefined) this.#transfers.set(id, { ...transfer, task });
  }

  /** A thing that its own name leads to. */
  expect(thing: string, id: string, line: number): void {
    this.forget(thing);
    this.#things.set(thing, [id, line]);
    this.#index(thing, id);
  }

  forget(thing: string): void {
    const [id] = this.#things.get(thing) ?? [];
    if (id === undefined) return;
    this.#things.set(thing, undefined);
    const things = this.#thingsOf.get(id);
    things?.delete(thing);
    if (things?.size === 0) this.#thingsOf.delete(id);
  }

  ofThing(thing: string): OnItsWay | undefined {
    const [id, index] = this.#things.get(thing) ?? [];
    const transfer = id === undefined ? undefined : this.#transfers.get(id);
    const line = index === undefined ? undefined : transfer?.lines[index];
    if (id === undefined || transfer === undefined || line === undefined) return undefined;
    const { isOwn, lane } = transfer;
    return { transfer: id, isOwn, lane, line };
  }

  /** Units and EPCs of a transfer that are still on their way, sorted. */
  thingsOf(id: string): string[] {
    return [...(this.#thingsOf.get(id) ?? [])].sort();
  }

  leftOf(id: string, line: number): number {
    return this.#left.get(`${id}\n${line}`) ?? 0;
  }

  /** The lines of such goods, in that unit or loose. */
  linesOf(id: string, kind: GoodsKind, unit: string): [index: number, line: TransferredLine][] {
    const key = goodsKey(kind);
    return [...(this.#transfers.get(id)?.lines ?? []).entries()].filter(
      ([, line]) => line.unit === unit && goodsKey(line) === key,
    );
  }

  /** So much of such goods is on its way no more. @returns as `close`, if that was the last of it. */
  take(
    id: string,
    kind: GoodsKind,
    unit: string,
    quantity: number,
    nowMs: number,
  ): readonly string[] | undefined {
    let rest = quantity;
    for (const [index] of this.linesOf(id, kind, unit)) {
      const before = this.leftOf(id, index);
      const taken = Math.min(rest, before);
      this.#left.set(`${id}\n${index}`, before === taken ? undefined : before - taken);
      rest -= taken;
    }
    const { lines = [] } = this.#transfers.get(id) ?? {};
    return lines.every((_, at) => this.leftOf(id, at) === 0) ? this.close(id, nowMs) : undefined;
  }

  /**
   * Nothing of it is on its way, whatever was known.
   *
   * @returns units and EPCs that were still expected; undefined: it was over already.
   */
  close(id: string, nowMs: number): readonly string[] | undefined {
    const transfer = this.#transfers.get(id);
    if (transfer === undefined || !this.#open.delete(id)) return undefined;
    this.#transfers.set(id, { ...transfer, closedMs: nowMs });
    for (const at of transfer.lines.keys()) this.#left.set(`${id}\n${at}`, undefined);
    const things = this.thingsOf(id);
    for (const thing of things) this.forget(thing);
    this.#expiry.add(id, nowMs + keptMs);
    return things;
  }

  tick(nowMs: number): void {
    for (const id of this.#expiry.take(nowMs, this.#dueOf)) this.#transfers.set(id, undefined);
  }

  drainDirty(rows: StateRow[]): void {
    for (const store of [this.#transfers, this.#left, this.#things]) store.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const stores = [this.#transfers, this.#left, this.#things] as const;
    const store = stores.find((one) => one.machine === machine);
    store?.restore(key, value);
    if (store === this.#things) this.#index(key, this.#things.get(key)?.[0] ?? '');
    if (store !== this.#transfers) return store !== undefined;
    if (this.#transfers.get(key)?.closedMs === 0) this.#open.add(key);
    else this.#expiry.add(key, this.#dueOf(key) ?? 0);
    return true;
  }

  #index(thing: string, id: string): void {
    const things = this.#thingsOf.get(id);
    if (things === undefined) this.#thingsOf.set(id, new Set([thing]));
    else things.add(thing);
  }

  readonly #dueOf = (id: string): number | undefined => {
    const closedMs = this.#transfers.get(id)?.closedMs ?? 0;
    return closedMs === 0 ? undefined : closedMs + keptMs;
  };
}
