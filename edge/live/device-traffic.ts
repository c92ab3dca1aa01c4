import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowItem } from '#contracts/api/floor-flow-api.ts';
import type { Clock } from '#contracts/time.ts';
import type { FlowTap } from '../floor/flow-tap.ts';
import type { RefusedClient } from '../intake/refusal-log.ts';
import type { QuarantineRow } from '../journal/quarantine-store.ts';

export interface DeviceTrafficOptions {
  readonly tap: FlowTap;
  readonly quarantine: (device: string | undefined, limit: number) => readonly QuarantineRow[];
  readonly refusals: () => readonly RefusedClient[];
  /** Trusted time. */
  readonly clock: Clock;
}

/** A message that could not be read, with the beginning of it in base64. */
export interface UnreadMessage {
  readonly device: string;
  /** Below the device's prefix; the whole topic where the reason is `wrong-topic`. */
  readonly channel: string;
  readonly reason: string;
  readonly detail: string;
  readonly headBase64: string;
}

/** What is seen of one device: each message, then what came of all of it. */
export type WatchLine =
  | { readonly type: 'message'; readonly item: FlowItem }
  | ({ readonly type: 'end' } & WatchSummary);

export interface WatchSummary {
  readonly messages: number;
  readonly readings: number;
  /** Left out because they came before. */
  readonly repeated?: number;
  readonly unread: readonly UnreadMessage[];
  readonly refusals: readonly RefusedClient[];
}

/** What one device said on one channel. */
export interface ChannelTraffic {
  readonly device: string;
  readonly channel: string;
  messages: number;
  readings: number;
  /** Reading types, in the order in which they first came. */
  readonly types: string[];
}

export interface Survey {
  readonly channels: readonly ChannelTraffic[];
  readonly unread: readonly UnreadMessage[];
  readonly refusals: readonly RefusedClient[];
}

const unreadShown = 100;
/** A portal makes hundreds of messages a second: enough are shown to see what they are. */
const shownPerTurn = 20;
const turnMs = 200;
const mostChannels = 2000;
const longestWaitMs = 60_000;

/** Shows what devices say to a running gateway, for as long as somebody looks. */
export class DeviceTraffic {
  readonly #options: DeviceTrafficOptions;

  constructor(options: DeviceTrafficOptions) {
    this.#options = options;
  }

  /** One device for some time. Counts everything, shows at most 100 messages a second. */
  async *watch(device: string, forMs: number): AsyncGenerator<WatchLine> {
    const { clock, tap } = this.#options;
    const fromMs = clock.nowMs();
    const since = this.#lastUnread();
    let items: FlowItem[] = [];
    let messages = 0;
    let readings = 0;
    let repeated = 0;
    const stop = tap.watch({
      wants: (one) => one === device,
      show(item) {
        messages += 1;
        readings += item.readings;
        repeated += item.repeated ?? 0;
        if (items.length < shownPerTurn) items.push(item);
      },
    });
    try {
      for (let leftMs = forMs; leftMs > 0; leftMs -= turnMs) {
        await sleep(Math.min(turnMs, leftMs));
        const shown = items;
        items = [];
        for (const item of shown) yield { type: 'message', item };
      }
    } finally {
      stop();
    }
    const unread = this.#unread(device, since);
    // Who failed too often tries once a minute; who is heard has got in.
    const sinceMs = messages > 0 ? fromMs : fromMs - longestWaitMs;
    yield { type: 'end', messages, readings, repeated, unread, refusals: this.#refusals(sinceMs) };
  }

  /** All devices for some time, by channel; refusals are of the whole time since the start. */
  async survey(forMs: number): Promise<Survey> {
    const since = this.#lastUnread();
    const channels = new Map<string, ChannelTraffic>();
    const stop = this.#options.tap.watch({
      wants: () => true,
      show({ channel, decoded, device, readings }) {
        const key = JSON.stringify([device, channel]);
        let of = channels.get(key);
        if (of === undefined) {
          if (channels.size >= mostChannels) return;
          of = { device, channel, messages: 0, readings: 0, types: [] };
          channels.set(key, of);
        }
        of.messages += 1;
        of.readings += readings;
        for (const { type } of decoded) if (!of.types.includes(type)) of.types.push(type);
      },
    });
    try {
      await sleep(forMs);
    } finally {
      stop();
    }
    return {
      channels: [...channels.values()],
      unread: this.#unread(undefined, since),
      refusals: this.#refusals(0),
    };
  }

  #lastUnread(): number {
    return this.#options.quarantine(undefined, 1)[0]?.pos ?? 0;
  }

  #unread(device: string | undefined, since: number): UnreadMessage[] {
    return this.#options
      .quarantine(device, unreadShown)
      .filter(({ pos }) => pos > since)
      .map(({ channel, detail, device: of, head, reason }) => {
        const headBase64 = Buffer.from(head).toString('base64');
        return { device: of, channel, reason, detail, headBase64 };
      });
  }

  /** Who was not let in since the start, the latest first. */
  refusals(): readonly RefusedClient[] {
    return this.#options.refusals();
  }

  #refusals(sinceMs: number): RefusedClient[] {
    return this.refusals().filter(({ lastMs }) => lastMs >= sinceMs);
  }
}
