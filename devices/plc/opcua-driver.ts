import { setTimeout } from 'node:timers/promises';
import { messageOf } from '#contracts/fault.ts';
import type { gapReasons } from '#contracts/kinds/plc-kinds.ts';
import type { Clock } from '#contracts/time.ts';
import { connectLink, orAborted } from './connect-link.ts';
import type { DriverLog } from './driver-log.ts';
import { closeGaps, dueGaps, emptyGapBook, noteStatuses } from './gap-book.ts';
import type { BookStep, GapBook } from './gap-book.ts';
import type { LinkEvents, OpcUaLink, TagValue } from './opcua-link.ts';
import { encodeOpcUaSample, hasOverflow, isGoodStatus } from './opcua-sample.ts';
import type { OpcUaSample, TagRole } from './opcua-sample.ts';
import { isSameServer } from './opcua-server-identity.ts';
import type { ServerIdentity } from './opcua-server-identity.ts';
import { sampleOf } from './opcua-value.ts';

export interface OpcUaTag {
  readonly name: string;
  /** `nsu=<namespace URI>;s=…` or `nsu=…;i=…` */
  readonly node: string;
  readonly role: TagRole;
}

export interface OpcUaDriverOptions {
  readonly device: string;
  readonly endpoint: string;
  readonly username?: string;
  readonly password?: string;
  readonly samplingMs: number;
  readonly queueSize: number;
  readonly tags: readonly OpcUaTag[];
  /** Folder of this connection's own certificate store. */
  readonly pkiDir: string;
  /** Trust the first certificate that the server shows, where none is trusted yet. Default: no. */
  readonly trustFirst?: boolean;
  readonly clock: Clock;
  readonly log: DriverLog;
}

export interface Gap {
  readonly reason: Exclude<(typeof gapReasons)[number], 'gateway-down'>;
  /** Tags whose samples may be missing; 0 where the link was away and the server kept them all. */
  readonly channels: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface OpcUaSink {
  sample(tag: string, payload: Uint8Array): void;
  gap(gap: Gap): void;
  connection(connected: boolean, detail?: string): void;
}

export interface OpcUaDriver {
  /** Starts connecting and resolves at once, also while the PLC is away. */
  start(): Promise<void>;
  /** Closes the session; after it nothing reaches the sink any more. */
  stop(): Promise<void>;
}

const firstDelayMs = 500;
const maxDelayMs = 10_000;
const checkMs = 1000;
/** So many keep-alives of the subscription may be missing before the session is given up. */
const keepAlivesMissed = 3;
const recheckMs = 30_000;
/**
 * Longer than any single try to connect: a repair without a sign of life for so long is given up.
 */
const repairStuckMs = 45_000;

/** Drives one PLC: one session, one subscription, and every stretch without samples as a gap. */
export function createOpcUaDriver(options: OpcUaDriverOptions, sink: OpcUaSink): OpcUaDriver {
  return new Driver(options, sink);
}

class Driver implements OpcUaDriver {
  readonly #options: OpcUaDriverOptions;
  readonly #sink: OpcUaSink;
  readonly #roles: ReadonlyMap<string, TagRole>;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #link: OpcUaLink | undefined;
  #server: ServerIdentity | undefined;
  #book: GapBook = emptyGapBook;
  #isConnected: boolean | undefined;
  #lastWhy: string | undefined;
  /** When the subscription last said something, and since when it cannot. */
  #heardMs = 0;
  readonly #sampledMs = new Map<string, number>();
  #heardMonotonicMs = 0;
  #repairMonotonicMs = 0;
  #awaySinceMs: number | undefined;
  #refused: ReadonlyMap<string, string> = new Map();
  #recheckAtMs = 0;

  constructor(options: OpcUaDriverOptions, sink: OpcUaSink) {
    this.#options = options;
    this.#sink = sink;
    this.#roles = new Map(options.tags.map(({ name, role }) => [name, role]));
  }

  start(): Promise<void> {
    this.#heard();
    this.#running ??= this.#run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) {
      await this.#running;
      return;
    }
    this.#stopping.abort();
    await this.#running;
    this.#report(closeGaps(this.#book, this.#awaySinceMs ?? this.#now()));
    this.#linkGap('link-lost', this.#options.tags.length);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const why = await this.#serve(() => {
        failures = 0;
      });
      if (this.#stopping.signal.aborted) return;
      this.#away(why);
      const delayMs = Math.min(firstDelayMs * 2 ** failures, maxDelayMs);
      this.#logAway(why, delayMs);
      failures += 1;
      await this.#pause(delayMs);
    }
  }

  /** One link from connecting to its end. @returns why it ended. */
  async #serve(onLive: () => void): Promise<string> {
    const { samplingMs, queueSize, tags } = this.#options;
    let link: OpcUaLink | undefined;
    let check: NodeJS.Timeout | undefined;
    try {
      let end = (_why: string): void => undefined;
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      link = await connectLink(this.#options, this.#events(end), this.#stopping.signal);
      await link.open(samplingMs, queueSize);
      this.#back(link.server);
      this.#link = link;
      this.#noteRefused(await link.monitor(tags, samplingMs, queueSize));
      this.#connection(true);
      onLive();
      check = setInterval(() => void this.#check(), checkMs);
      return await orAborted(ended, this.#stopping.signal);
    } catch (error) {
      return messageOf(error);
    } finally {
      clearInterval(check);
      this.#link = undefined;
      await link?.close();
    }
  }

  #events(end: (why: string) => void): LinkEvents {
    return {
      heard: () => this.#heard(),
      lost: () => {
        this.#repairing();
        this.#away('connection lost');
      },
      repairing: () => this.#repairing(),
      restored: () => {
        this.#linkGap('link-lost', 0);
        this.#connection(true);
        this.#heard();
      },
      skipped: () => {
        const fromMs = this.#awaySinceMs ?? this.#heardMs;
        const channels = this.#options.tags.length;
        this.#sink.gap({ reason: 'link-lost', channels, fromMs, toMs: this.#now() });
      },
      values: (values, namespaces) => this.#noteValues(values, namespaces),
      ended: end,
    };
  }

  #now(): number {
    return this.#options.clock.nowMs();
  }

  #heard(): void {
    this.#heardMs = this.#now();
    this.#heardMonotonicMs = this.#options.clock.monotonicMs();
  }

  #repairing(): void {
    this.#repairMonotonicMs = this.#options.clock.monotonicMs();
  }

  #connection(connected: boolean, detail?: string): void {
    if (this.#isConnected === connected || this.#stopping.signal.aborted) return;
    this.#isConnected = connected;
    const { device, log } = this.#options;
    if (connected) {
      this.#lastWhy = undefined;
      log.info({ event: 'opcua.connected', device });
    }
    this.#sink.connection(connected, detail);
  }

  /** A PLC that is off for days is one warning, not one at every try. */
  #logAway(why: string, delayMs: number): void {
    const { device, log } = this.#options;
    const fields = { event: 'opcua.away', device, why, delayMs };
    if (why === this.#lastWhy) log.debug(fields);
    else log.warn(fields);
    this.#lastWhy = why;
  }

  /** From the last word of the subscription on nothing is known. */
  #away(why: string): void {
    this.#awaySinceMs ??= this.#heardMs;
    this.#connection(false, why);
  }

  /** A new session stands: what was missed is told before its first sample. */
  #back(server: ServerIdentity): void {
    const isRestarted = this.#server !== undefined && !isSameServer(this.#server, server);
    this.#server = server;
    this.#report(closeGaps(this.#book, this.#awaySinceMs ?? this.#now()));
    this.#linkGap(isRestarted ? 'server-restart' : 'link-lost', this.#options.tags.length);
    this.#heard();
  }

  #linkGap(reason: 'link-lost' | 'server-restart', channels: number): void {
    const fromMs = this.#awaySinceMs;
    if (fromMs === undefined) return;
    this.#awaySinceMs = undefined;
    this.#sink.gap({ reason, channels, fromMs, toMs: this.#now() });
  }

  /** One notification: its gaps first, so that they stand before the samples behind them. */
  #noteValues(values: readonly TagValue[], namespaces: readonly string[]): void {
    const nowMs = this.#now();
    const samples = values.map(({ tag, value }) => ({
      tag,
      sample: sampleOf(value, this.#roles.get(tag) ?? 'counter', namespaces),
    }));
    this.#noteOverflow(samples, nowMs);
    const statuses = samples.map(({ tag, sample }) => ({
      tag,
      isGood: isGoodStatus(sample.status) && sample.value !== null,
    }));
    this.#report(noteStatuses(this.#book, statuses, nowMs));
    for (const { tag, sample } of samples) {
      this.#sampledMs.set(tag, nowMs);
      this.#sink.sample(tag, encodeOpcUaSample(sample));
    }
  }

  /** What a tag's queue dropped lies between its last sample and this one. */
  #noteOverflow(
    samples: readonly { readonly tag: string; readonly sample: OpcUaSample }[],
    toMs: number,
  ): void {
    const overflowed = samples.filter(({ sample }) => hasOverflow(sample.status));
    const dropped = new Set(overflowed.map(({ tag }) => tag));
    if (dropped.size === 0) return;
    const since = [...dropped].map((tag) => this.#sampledMs.get(tag) ?? this.#heardMs);
    this.#sink.gap({
      reason: 'overflow',
      channels: dropped.size,
      fromMs: Math.min(...since),
      toMs,
    });
  }

  #report({ book, gaps }: BookStep): void {
    this.#book = book;
    for (const gap of gaps) this.#sink.gap({ reason: 'bad-status', ...gap });
  }

  /** Tags that the server refused count as bad until it takes them. */
  #noteRefused(refused: ReadonlyMap<string, string>): void {
    for (const [tag, why] of refused) {
      if (this.#refused.get(tag) === why) continue;
      const { device, log } = this.#options;
      log.warn({ event: 'opcua.tag.refused', device, tag, why });
    }
    this.#refused = refused;
    this.#recheckAtMs = this.#options.clock.monotonicMs() + recheckMs;
    const bad = [...refused.keys()].map((tag) => ({ tag, isGood: false }));
    this.#report(noteStatuses(this.#book, bad, this.#now()));
  }

  /**
   * Once a second: a stuck repair, slices of long gaps, a silent subscription, refused tags
   * again.
   */
  async #check(): Promise<void> {
    const link = this.#link;
    const monotonicMs = this.#options.clock.monotonicMs();
    if (link === undefined) return;
    if (this.#awaySinceMs !== undefined) {
      const idleMs = monotonicMs - this.#repairMonotonicMs;
      if (idleMs > repairStuckMs) link.end('the repair of the connection got stuck');
      return;
    }
    this.#report(dueGaps(this.#book, this.#now()));
    if (monotonicMs - this.#heardMonotonicMs > keepAlivesMissed * link.keepAliveMs) {
      link.end('the subscription went silent');
      return;
    }
    if (this.#refused.size === 0 || monotonicMs < this.#recheckAtMs) return;
    this.#recheckAtMs = Number.POSITIVE_INFINITY;
    const { samplingMs, queueSize, tags } = this.#options;
    const refused = tags.filter(({ name }) => this.#refused.has(name));
    try {
      this.#noteRefused(await link.monitor(refused, samplingMs, queueSize));
    } catch (error) {
      link.end(messageOf(error));
    }
  }

  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#stopping;
    return setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
  }
}
