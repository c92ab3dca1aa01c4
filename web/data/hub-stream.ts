import type { StreamMessage } from '#contracts/api/stream-api.ts';
import type { ConsoleClock } from '../console-clock.ts';
import { Listeners } from '../listeners.ts';
import type { HubTime } from './hub-time.ts';

/** The part of EventSource that is used; a test gives its own. */
export interface EventChannel {
  addEventListener(type: 'open' | 'message' | 'error', listener: (event: Event) => void): void;
  close(): void;
}

export type StreamState = 'connecting' | 'live' | 'lost';
export type StreamTopic = StreamMessage['topic'];

/** Longer than this without a word, and the stream is dead, whatever the socket says. */
export const silenceMs = 15_000;
const retryMs = [500, 1000, 2000, 4000, 8000];

/**
 * The hub's event stream: says what changed and that the hub lives. It reconnects by itself, and
 * every (re)connection counts as a change of everything, because what was said meanwhile is gone.
 */
export class HubStream {
  readonly changed = new Listeners<[topic: StreamTopic, sites: readonly string[]]>();
  readonly stateChanged = new Listeners();
  readonly #clock: ConsoleClock;
  readonly #hubTime: HubTime;
  readonly #open: () => EventChannel;
  #channel: EventChannel | undefined;
  #state: StreamState = 'connecting';
  #lastTickMs: number | undefined;
  #attempts = 0;
  #cancelTimer: () => void = () => {};

  constructor(clock: ConsoleClock, hubTime: HubTime, open: () => EventChannel) {
    this.#clock = clock;
    this.#hubTime = hubTime;
    this.#open = open;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** Hub time of the last word heard: everything not announced as changed was true then. */
  get lastTickMs(): number | undefined {
    return this.#lastTickMs;
  }

  start(): void {
    if (this.#channel !== undefined) return;
    const channel = this.#open();
    this.#channel = channel;
    channel.addEventListener('open', () => this.#opened());
    channel.addEventListener('message', (event) => {
      if (event instanceof MessageEvent) this.#heard(String(event.data));
    });
    channel.addEventListener('error', () => this.#failed());
    this.#watch();
  }

  stop(): void {
    this.#cancelTimer();
    this.#channel?.close();
    this.#channel = undefined;
    this.#attempts = 0;
    this.#lastTickMs = undefined;
    this.#become('connecting');
  }

  /** Tries again now instead of waiting. */
  retry(): void {
    this.#cancelTimer();
    this.#channel?.close();
    this.#channel = undefined;
    this.start();
  }

  #opened(): void {
    this.#attempts = 0;
    this.#become('live');
    this.#watch();
    for (const topic of ['stock', 'fleet', 'outages'] as const) this.changed.tell(topic, []);
  }

  #heard(data: string): void {
    this.#watch();
    const message = parseMessage(data);
    if (message === undefined) return;
    this.#hubTime.observe(message.atMs);
    this.#lastTickMs = Math.max(this.#lastTickMs ?? 0, message.atMs);
    this.#become('live');
    this.changed.tell(message.topic, message.sites);
  }

  #failed(): void {
    this.#channel?.close();
    this.#channel = undefined;
    this.#become('lost');
    const delayMs = retryMs[Math.min(this.#attempts, retryMs.length - 1)] ?? 8000;
    this.#attempts += 1;
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(delayMs, () => this.start());
  }

  #watch(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(silenceMs, () => this.#failed());
  }

  #become(state: StreamState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.stateChanged.tell();
  }
}

function parseMessage(data: string): StreamMessage | undefined {
  try {
    return JSON.parse(data) as StreamMessage;
  } catch {
    return undefined;
  }
}
