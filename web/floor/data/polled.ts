import type { ConsoleClock } from '../../console-clock.ts';
import type { Answer } from '../../data/api-problem.ts';
import { mergeAnswer, type Loaded } from '../../data/live-resource.ts';
import { Listeners } from '../../listeners.ts';

/**
 * A resource that is asked for again and again while somebody looks at it: the first time at once,
 * then `periodMs` after each answer. A failed answer keeps what was known, and says so.
 */
export class Polled<T> {
  readonly #clock: ConsoleClock;
  readonly #periodMs: number;
  readonly #load: (signal: AbortSignal) => Promise<Answer<T>>;
  readonly #listeners = new Listeners();
  #loaded: Loaded<T> = { state: 'loading' };
  #asking: AbortController | undefined;
  #paused = false;
  #cancelTimer: () => void = () => {};

  constructor(
    clock: ConsoleClock,
    periodMs: number,
    load: (signal: AbortSignal) => Promise<Answer<T>>,
  ) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#load = load;
  }

  get loaded(): Loaded<T> {
    return this.#loaded;
  }

  get value(): T | undefined {
    return this.#loaded.state === 'ready' ? this.#loaded.value : undefined;
  }

  subscribe(listener: () => void): () => void {
    const remove = this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#ask();
    return () => {
      remove();
      if (this.#listeners.size > 0) return;
      this.#cancelTimer();
      this.#asking?.abort();
      this.#asking = undefined;
    };
  }

  /** Asks at once, if anybody looks; a request on its way is given up. */
  reload(): void {
    if (this.#listeners.size === 0) return;
    this.#asking?.abort();
    if (this.#loaded.state === 'failed') this.#become({ state: 'loading' });
    void this.#ask();
  }

  /** Nobody may see it now: it is not asked for until it may be seen again. */
  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (!paused) {
      this.reload();
      return;
    }
    this.#cancelTimer();
    this.#asking?.abort();
    this.#asking = undefined;
  }

  /** What was known belonged to somebody else. */
  forget(): void {
    this.#loaded = { state: 'loading' };
  }

  async #ask(): Promise<void> {
    this.#cancelTimer();
    if (this.#paused) return;
    const asking = new AbortController();
    this.#asking = asking;
    const answer = await this.#load(asking.signal);
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.#become(mergeAnswer(this.#loaded, answer));
    this.#cancelTimer = this.#clock.after(this.#periodMs, () => void this.#ask());
  }

  #become(loaded: Loaded<T>): void {
    this.#loaded = loaded;
    this.#listeners.tell();
  }
}
