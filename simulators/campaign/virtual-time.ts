import type { Clock, Timers } from '#contracts/time.ts';

/** Something that happens at a time. */
interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  /** It was called off: time does not stop for it. */
  isOff?: boolean;
}

/**
 * Time that moves from one happening to the next. Two at the same time run in the order in which
 * they were asked for, so that a run depends on its seed alone.
 */
export class VirtualTime {
  #nowMs = 0;
  #order = 0;
  #steps = 0;
  readonly #heap: Happening[] = [];

  /** Milliseconds since the run began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** @returns what calls it off. */
  at(atMs: number, run: () => void): () => void {
    this.#order += 1;
    const happening: Happening = { atMs: Math.max(atMs, this.#nowMs), order: this.#order, run };
    push(this.#heap, happening);
    return () => {
      happening.isOff = true;
    };
  }

  after(waitMs: number, run: () => void): () => void {
    return this.at(this.#nowMs + waitMs, run);
  }

  /** Runs all that happens until then, and every promise that it settles. */
  async runUntil(untilMs: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.atMs > untilMs) break;
      pop(this.#heap);
      if (next.isOff === true) continue;
      this.#nowMs = next.atMs;
      this.#steps += 1;
      next.run();
      await settled();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

/** All promises that can go on have gone on: ticks wait until no microtask is left. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** The time of one machine: its wall clock may be wrong, it may stand still, it may die. */
export class MachineTime implements Clock, Timers {
  readonly #time: VirtualTime;
  readonly #failed: (error: unknown) => void;
  #life = 0;
  #offsetMs: number;
  /** Nothing of it runs before. */
  #busyUntilMs = 0;

  /** @param failed hears what escapes from what runs here */
  constructor(time: VirtualTime, startMs: number, failed: (error: unknown) => void) {
    this.#time = time;
    this.#offsetMs = startMs;
    this.#failed = failed;
  }

  nowMs(): number {
    return Math.floor(this.#time.nowMs + this.#offsetMs);
  }

  monotonicMs(): number {
    return this.#time.nowMs;
  }

  /** The wall clock is set. */
  stepClock(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /** It does nothing for a while: a slow disk, a stopped process. */
  stall(forMs: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.#time.nowMs + forMs);
  }

  /** Nothing that was asked for until now happens any more. */
  die(): void {
    this.#life += 1;
  }

  /** Belongs to this life of the process: true until it dies. */
  get alive(): () => boolean {
    const life = this.#life;
    return () => this.#life === life;
  }

  soon(run: () => void): () => void {
    return this.after(0, run);
  }

  after(waitMs: number, run: () => void): () => void {
    const life = this.#life;
    let callOff = () => {};
    const happen = () => {
      if (life !== this.#life) return;
      if (this.#time.nowMs < this.#busyUntilMs) {
        callOff = this.#time.at(this.#busyUntilMs, happen);
        return;
      }
      try {
        run();
      } catch (error) {
        if (life === this.#life) this.#failed(error);
      }
    };
    callOff = this.#time.after(waitMs, happen);
    return () => callOff();
  }
}

function comesBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** Binary heap, the earliest first. */
function push(heap: Happening[], item: Happening): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !comesBefore(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    let below = heap[child];
    if (below === undefined) break;
    const right = heap[child + 1];
    if (right !== undefined && comesBefore(right, below)) {
      child += 1;
      below = right;
    }
    if (!comesBefore(below, last)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
}
