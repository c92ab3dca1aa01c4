import type { StockPage, StockQuery } from '#contracts/api/stock-api.ts';
import type { ConsoleClock } from '../../console-clock.ts';
import type { ApiProblem } from '../../data/api-problem.ts';
import type { StockData } from '../../data/stock-data.ts';
import { Listeners } from '../../listeners.ts';
import type { GridSource } from '../../ui/grid-column.ts';
import { comparePages, stockLines, type StockLine } from './stock-model.ts';

export type StockFilter = Omit<StockQuery, 'offset' | 'limit'>;
export type StockTotals = Pick<StockPage, 'total' | 'totalQuantity' | 'completeness'>;

const pageSize = 100;
/** Announcements within this time cost one refresh. */
const coalesceMs = 1000;

interface Fresh {
  readonly totals: StockTotals;
  readonly pages: ReadonlyMap<number, readonly StockLine[]>;
}

/**
 * The pages of one query, fetched as the grid asks and kept current. New values go in place at
 * once; where rows would come, go or move while somebody is at the grid, they wait in `pending`.
 */
export class StockPages {
  readonly changed = new Listeners();
  readonly filter: StockFilter;
  readonly #clock: ConsoleClock;
  readonly #data: StockData;
  /** Somebody points at a row or has the focus in the grid. */
  readonly #held: () => boolean;
  #pages = new Map<number, readonly StockLine[]>();
  #waiting: Fresh | undefined;
  #cancelTimer: (() => void) | undefined;
  #refreshing = false;
  #again = false;
  #stopped = false;
  totals: StockTotals | undefined;
  problem: ApiProblem | undefined;
  /** Rows that changed but wait for the person to let them move. */
  pending = 0;
  source: GridSource<StockLine> = { pageSize, size: 0, page: () => [] };

  constructor(clock: ConsoleClock, data: StockData, filter: StockFilter, held: () => boolean) {
    this.#clock = clock;
    this.#data = data;
    this.filter = filter;
    this.#held = held;
  }

  /** What is shown is what the hub said last, and nothing was announced since. */
  get settled(): boolean {
    const known = this.totals !== undefined && this.problem === undefined;
    return known && !this.#refreshing && !this.#cancelTimer && this.#waiting === undefined;
  }

  async start(): Promise<void> {
    await this.#fetchPage(0);
    this.#show();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  /** Stock changed somewhere: look again soon. */
  announced(): void {
    if (this.#refreshing) this.#again = true;
    else {
      this.#cancelTimer ??= this.#clock.after(coalesceMs, () => {
        this.#cancelTimer = undefined;
        void this.#refresh();
      });
    }
  }

  /** Lets the waiting rows in. */
  applyPending(): void {
    if (this.#waiting === undefined) return;
    this.#apply(this.#waiting);
  }

  /** Every row at hand, for finding one by its key. */
  find(key: string): StockLine | undefined {
    for (const lines of this.#pages.values()) {
      const found = lines.find((line) => line.key === key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  lines(): readonly StockLine[] {
    return [...this.#pages.values()].flat();
  }

  async #fetchPage(index: number): Promise<readonly StockLine[]> {
    const answer = await this.#data.page({
      ...this.filter,
      offset: index * pageSize,
      limit: pageSize,
    });
    if (!answer.ok) {
      this.problem = answer.problem;
      this.#tell();
      return [];
    }
    const lines = stockLines(answer.value);
    this.#pages.set(index, lines);
    this.problem = undefined;
    this.totals ??= answer.value;
    return lines;
  }

  /** The pages last asked for are what somebody sees; others are fetched again when scrolled to. */
  async #refresh(): Promise<void> {
    this.#refreshing = true;
    const indexes = this.#pages.size === 0 ? [0] : [...this.#pages.keys()].slice(-2);
    const answers = await Promise.all(
      indexes.map((index) =>
        this.#data.page({ ...this.filter, offset: index * pageSize, limit: pageSize }),
      ),
    );
    this.#refreshing = false;
    if (this.#stopped) return;
    const pages = new Map<number, readonly StockLine[]>();
    let totals: StockTotals | undefined;
    for (const [at, answer] of answers.entries()) {
      if (!answer.ok) {
        this.problem = answer.problem;
        this.#tell();
        return;
      }
      pages.set(indexes[at] ?? 0, stockLines(answer.value));
      totals = answer.value;
    }
    this.problem = undefined;
    if (totals !== undefined) this.#take({ totals, pages });
    if (this.#again) {
      this.#again = false;
      this.announced();
    }
  }

  #take(fresh: Fresh): void {
    let moved = this.totals !== undefined && fresh.totals.total !== this.totals.total;
    let changed = 0;
    for (const [index, lines] of fresh.pages) {
      const difference = comparePages(this.#pages.get(index) ?? [], lines);
      moved ||= !difference.sameRows;
      changed += difference.changed;
    }
    if (moved && this.#held() && this.lines().length > 0) {
      this.#waiting = fresh;
      this.pending = Math.max(changed, 1);
      this.#tell();
      return;
    }
    this.#apply(fresh);
  }

  #apply(fresh: Fresh): void {
    this.#pages = new Map(fresh.pages);
    this.totals = fresh.totals;
    this.#waiting = undefined;
    this.pending = 0;
    this.#show();
  }

  /** A new source object is what makes the grid draw again. */
  #show(): void {
    this.source = {
      pageSize,
      size: this.totals?.total ?? 0,
      page: (index) => this.#pageAtHand(index) ?? this.#fetchPage(index),
    };
    this.#tell();
  }

  /** What the grid asks for is what it shows: it moves to the end, so that a refresh keeps it. */
  #pageAtHand(index: number): readonly StockLine[] | undefined {
    const lines = this.#pages.get(index);
    if (lines === undefined) return undefined;
    this.#pages.delete(index);
    this.#pages.set(index, lines);
    return lines;
  }

  #tell(): void {
    if (!this.#stopped) this.changed.tell();
  }
}
