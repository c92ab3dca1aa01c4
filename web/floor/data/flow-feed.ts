import { floorPaths } from '#contracts/api/floor-api.ts';
import type { FlowItem, FlowMessage } from '#contracts/api/floor-flow-api.ts';
import type { ConsoleClock } from '../../console-clock.ts';
import type { EventChannel } from '../../data/hub-stream.ts';
import { Listeners } from '../../listeners.ts';
import { floorUrl } from '../floor-paths.ts';

/** So many messages stay in sight. */
const keptItems = 60;
/** The gateway ticks; longer than this without a word, and the stream is dead. */
const silenceMs = 15_000;
const retryMs = 3000;

/**
 * The messages of devices as the gateway takes them in, newest first. Paused it stands still and
 * counts what went by.
 */
export class FlowFeed {
  readonly changed = new Listeners();
  items: readonly FlowItem[] = [];
  state: 'connecting' | 'live' | 'lost' = 'connecting';
  paused = false;
  /** What was not shown: out of a flood, or while it was paused. */
  missed = 0;
  readonly #clock: ConsoleClock;
  readonly #open: (url: string) => EventChannel;
  #device: string | undefined;
  #channel: EventChannel | undefined;
  #cancelTimer: () => void = () => {};

  constructor(clock: ConsoleClock, open: (url: string) => EventChannel) {
    this.#clock = clock;
    this.#open = open;
  }

  /** @param device undefined: all of them. */
  start(device: string | undefined): void {
    this.stop();
    this.#device = device;
    this.items = [];
    this.missed = 0;
    this.#connect();
  }

  stop(): void {
    this.#cancelTimer();
    this.#channel?.close();
    this.#channel = undefined;
  }

  pause(paused: boolean): void {
    this.paused = paused;
    if (!paused) this.missed = 0;
    this.changed.tell();
  }

  #connect(): void {
    const channel = this.#open(floorUrl(floorPaths.flow, { device: this.#device }));
    this.#channel = channel;
    channel.addEventListener('open', () => this.#become('live'));
    channel.addEventListener('message', (event) => {
      if (event instanceof MessageEvent) this.#heard(String(event.data));
    });
    channel.addEventListener('error', () => this.#lost());
    this.#watch();
  }

  #heard(data: string): void {
    this.#watch();
    const message = parseMessage(data);
    if (message?.type === 'item') {
      this.missed += message.skipped + (this.paused ? 1 : 0);
      if (!this.paused) this.items = [message.item, ...this.items].slice(0, keptItems);
    }
    this.#become('live');
  }

  #lost(): void {
    this.stop();
    this.#become('lost');
    this.#cancelTimer = this.#clock.after(retryMs, () => this.#connect());
  }

  #watch(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(silenceMs, () => this.#lost());
  }

  #become(state: FlowFeed['state']): void {
    this.state = state;
    this.changed.tell();
  }
}

function parseMessage(data: string): FlowMessage | undefined {
  try {
    return JSON.parse(data) as FlowMessage;
  } catch {
    return undefined;
  }
}
