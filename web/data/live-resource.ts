import type { ConsoleClock } from '../console-clock.ts';
import { Listeners } from '../listeners.ts';
import type { Answer, ApiProblem } from './api-problem.ts';
import type { HubStream, StreamTopic } from './hub-stream.ts';

/** What is known of a resource. A failed refresh keeps what was known, and says so. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly problem: ApiProblem }
  | { readonly state: 'ready'; readonly value: T; readonly problem?: ApiProblem };

/** Two announcements within this time cost one request. */
const coalesceMs = 800;

/**
 * A resource that stays current while somebody looks: loaded on the first subscription, fetched
 * again (one request at a time, coalesced) when the stream announces its topic.
 */
export class LiveResource<T> {
  readonly #clock: ConsoleClock;
  readonly #stream: HubStream;
  readonly #topic: StreamTopic;
  readonly #load: (signal: AbortSignal) => Promise<Answer<T>>;
  readonly #listeners = new Listeners();
  #loaded: Loaded<T> = { state: 'loading' };
  #asking: AbortController | undefined;
  #again = false;
  #lastAskedMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #unsubscribe: () => void = () => {};

  constructor(
    clock: ConsoleClock,
    stream: HubStream,
    topic: StreamTopic,
    load: (signal: AbortSignal) => Promise<Answer<T>>,
  ) {
    this.#clock = clock;
    this.#stream = stream;
    this.#topic = topic;
    this.#load = load;
  }

  get loaded(): Loaded<T> {
    return this.#loaded;
  }

  /** Nothing was announced that is not in the value yet. */
  get settled(): boolean {
    const known = this.#loaded.state === 'ready' && this.#loaded.problem === undefined;
    return known && this.#asking === undefined && this.#cancelTimer === undefined;
  }

  subscribe(listener: () => void): () => void {
    const remove = this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      remove();
      if (this.#listeners.size === 0) this.#end();
    };
  }

  /** Loads again at once; a load on its way is given up. */
  reload(): void {
    this.#asking?.abort();
    this.#asking = undefined;
    if (this.#loaded.state === 'failed') this.#become({ state: 'loading' });
    void this.#ask();
  }

  #begin(): void {
    this.#unsubscribe = this.#stream.changed.add((topic) => {
      if (topic === this.#topic) this.#announced();
    });
    void this.#ask();
  }

  #end(): void {
    this.#unsubscribe();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#asking?.abort();
    this.#asking = undefined;
    this.#again = false;
  }

  #announced(): void {
    if (this.#asking !== undefined) {
      this.#again = true;
      return;
    }
    if (this.#cancelTimer !== undefined) return;
    const waitMs = Math.max(0, this.#lastAskedMs + coalesceMs - this.#clock.monotonicMs());
    this.#cancelTimer = this.#clock.after(waitMs, () => {
      this.#cancelTimer = undefined;
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    this.#again = false;
    this.#lastAskedMs = this.#clock.monotonicMs();
    const answer = await this.#load(asking.signal);
    if (this.#asking !== asking) return;
    this.#asking = undefined;
    this.#become(mergeAnswer(this.#loaded, answer));
    if (this.#again) this.#announced();
  }

  #become(loaded: Loaded<T>): void {
    this.#loaded = loaded;
    this.#listeners.tell();
  }
}

/** What is known after an answer: a failure never takes away what was known before. */
export function mergeAnswer<T>(known: Loaded<T>, answer: Answer<T>): Loaded<T> {
  if (answer.ok) return { state: 'ready', value: answer.value };
  if (known.state === 'ready') {
    return { state: 'ready', value: known.value, problem: answer.problem };
  }
  return { state: 'failed', problem: answer.problem };
}
