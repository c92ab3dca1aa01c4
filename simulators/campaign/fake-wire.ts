import type { Random } from '../prng.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The network between one machine and the server, as faults make it. */
export interface Link {
  /** Milliseconds that a packet takes, each way. */
  readonly latency: { readonly min: number; readonly max: number };
  /** Until then nothing gets through that way; what is under way waits, as TCP sends it again. */
  cutUntilMs: { up: number; down: number };
}

export function newLink(min: number, max: number): Link {
  return { latency: { min, max }, cutUntilMs: { up: 0, down: 0 } };
}

/** A client notices after this long that nothing comes back. */
const pingTimeoutMs = 10_000;

/**
 * A TCP connection: both ways in order, nothing lost as long as it stands. When it ends, what was
 * under way to the client is gone, and of what was under way to the server any part still comes.
 */
export class FakeWire {
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #link: Link;
  readonly #up: Direction;
  readonly #down: Direction;
  readonly #onClosed: Partial<Record<'client' | 'server', (reason: string) => void>> = {};
  #isOpen = true;

  constructor(time: VirtualTime, random: Random, link: Link) {
    this.#time = time;
    this.#random = random;
    this.#link = link;
    this.#up = { queue: [], lastMs: 0, pumping: false };
    this.#down = { queue: [], lastMs: 0, pumping: false };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  onClosed(whom: 'client' | 'server', tell: (reason: string) => void): void {
    this.#onClosed[whom] = tell;
  }

  toServer(deliver: () => void): void {
    this.#send('up', deliver);
  }

  toClient(deliver: () => void): void {
    this.#send('down', deliver);
  }

  /** Both ends see it within moments. */
  break(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#down.queue.length = 0;
    const stillComing = this.#up.queue.splice(0);
    for (const { deliver, dueMs } of stillComing.slice(
      0,
      this.#random.below(stillComing.length + 1),
    )) {
      this.#time.at(dueMs, deliver);
    }
    this.#time.after(this.#latencyMs(), () => this.#onClosed.client?.(reason));
    this.#time.after(this.#latencyMs(), () => this.#onClosed.server?.(reason));
  }

  #send(way: 'up' | 'down', deliver: () => void): void {
    if (!this.#isOpen) return;
    const direction = way === 'up' ? this.#up : this.#down;
    // Packets follow each other; none overtakes the one before.
    direction.lastMs = Math.max(direction.lastMs, this.#time.nowMs + this.#latencyMs());
    direction.queue.push({ deliver, dueMs: direction.lastMs });
    if (!direction.pumping) this.#pump(way, direction);
  }

  #pump(way: 'up' | 'down', direction: Direction): void {
    const [first] = direction.queue;
    direction.pumping = first !== undefined;
    if (first === undefined) return;
    const cutMs = this.#link.cutUntilMs[way] - this.#time.nowMs;
    if (cutMs > pingTimeoutMs) {
      this.#time.after(pingTimeoutMs, () => this.break('no answer to a ping'));
    }
    this.#time.at(Math.max(first.dueMs, this.#time.nowMs + cutMs), () => {
      // It may have been cut, or closed, meanwhile.
      if (this.#link.cutUntilMs[way] <= this.#time.nowMs) direction.queue.shift()?.deliver();
      this.#pump(way, direction);
    });
  }

  #latencyMs(): number {
    const { min, max } = this.#link.latency;
    return this.#random.between(min, max);
  }
}

interface Direction {
  readonly queue: { readonly deliver: () => void; readonly dueMs: number }[];
  /** When the last of them comes. */
  lastMs: number;
  pumping: boolean;
}
