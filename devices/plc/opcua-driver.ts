import { setTimeout } from 'node:timers/promises';
import { messageOf } from '#contracts/fault.ts';
import type { gapReasons } from '#contracts/kinds/plc-kinds.ts';
import type { Clock } from '#contracts/time.ts';
import type { DeviceFault } from '../device-fault.ts';
import { AlarmRefresh } from './alarm-refresh.ts';
import { connectLink, orAborted } from './connect-link.ts';
import type { ConnectedLink } from './connect-link.ts';
import type { DriverLog } from './driver-log.ts';
import { FaultReport } from './fault-report.ts';
import { ItemWatch } from './item-watch.ts';
import { faultIn, subscriptionDown } from './link-fault.ts';
import type { EventSpec } from './opcua-event.ts';
import type { LinkEvents, LinkItem, OpcUaLink } from './opcua-link.ts';
import type { TagReadout } from './opcua-sample.ts';
import { isSameServer, startByOwnClock } from './opcua-server-identity.ts';
import type { ServerIdentity } from './opcua-server-identity.ts';
import type { ExpiredCertificatePolicy } from './opcua-trust.ts';
import type { LinkOwner } from './own-certificate.ts';

export interface OpcUaTag extends TagReadout {
  readonly name: string;
  /** `nsu=<namespace URI>;s=…` or `nsu=…;i=…` */
  readonly node: string;
}

/** Events of a notifier; they are told under `name`, as a tag's samples are. */
export interface OpcUaEventSource {
  readonly name: string;
  readonly node: string;
  readonly events: EventSpec;
}

export interface OpcUaDriverOptions {
  readonly device: string;
  readonly owner: LinkOwner;
  readonly endpoint: string;
  readonly username?: string;
  readonly password?: string;
  readonly samplingMs: number;
  readonly queueSize: number;
  readonly tags: readonly OpcUaTag[];
  readonly sources?: readonly OpcUaEventSource[];
  /** Folder of this connection's own certificate store. */
  readonly pkiDir: string;
  /** Trust the first certificate that the server shows, where none is trusted yet. Default: no. */
  readonly trustFirst?: boolean;
  /** Default: `refuse`. */
  readonly expiredServerCertificate?: ExpiredCertificatePolicy;
  readonly clock: Clock;
  readonly log: DriverLog;
}

export interface Gap {
  readonly reason: Exclude<(typeof gapReasons)[number], 'gateway-down'>;
  /**
   * Tags and event sources that may miss something; 0 where the link was away and the server kept
   * it all.
   */
  readonly channels: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface OpcUaSink {
  /** A tag's sample, or an event under its source's name. @returns whether there was room. */
  sample(tag: string, payload: Uint8Array): boolean;
  gap(gap: Gap): void;
  /** All that is wrong with the PLC now, in the place of what was told before. */
  faults(faults: readonly DeviceFault[]): void;
  /**
   * Whether a session stands. Once one did, its end begins a gap, which is over with `gap`,
   * `serverStarted` or the next session, whoever's driver opens that.
   *
   * @param sinceMs of an end: up to then nothing is missing
   */
  connection(connected: boolean, detail?: string, sinceMs?: number): void;
  /**
   * When the server began its life, by the clock of the driver; before the first sample of a session.
   * Who was away himself cannot know otherwise that a PLC restarted meanwhile.
   */
  serverStarted(startedMs: number): void;
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
const clockCheckMs = 600_000;
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
  readonly #watch: ItemWatch;
  readonly #refresh: AlarmRefresh;
  readonly #faults: FaultReport;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #link: OpcUaLink | undefined;
  #warnings: ConnectedLink['warnings'] = () => [];
  #server: ServerIdentity | undefined;
  #isConnected: boolean | undefined;
  /** Whether this driver ever had a session: only then is there something to lose. */
  #hasServed = false;
  #lastWhy: string | undefined;
  /** When the subscription last said something, and since when it cannot. */
  #heardMs = 0;
  #heardMonotonicMs = 0;
  #repairMonotonicMs = 0;
  #awaySinceMs: number | undefined;
  #recheckAtMs = 0;
  #clockCheckAtMs = 0;
  #isChecking = false;

  constructor(options: OpcUaDriverOptions, sink: OpcUaSink) {
    this.#options = options;
    this.#sink = sink;
    const { device, log, sources = [], tags } = options;
    const plain = tags.map(({ name, node }): LinkItem => ({ name, node }));
    this.#refresh = new AlarmRefresh(sources);
    this.#faults = new FaultReport((faults) => {
      for (const fault of faults) log.debug({ event: 'opcua.fault', device, ...fault });
      if (!this.#stopping.signal.aborted) sink.faults(faults);
    });
    const items = [...plain, ...sources];
    this.#watch = new ItemWatch(items, tags, sink, this.#faults, this.#refresh);
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
    this.#watch.close(this.#awaySinceMs ?? this.#now());
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const { cause, fault, why } = await this.#serve(() => {
        failures = 0;
      });
      if (this.#stopping.signal.aborted) return;
      this.#away(why);
      this.#faults.link(fault);
      this.#faults.flush(this.#now());
      const delayMs = Math.min(firstDelayMs * 2 ** failures, maxDelayMs);
      this.#logAway(why, cause, delayMs);
      failures += 1;
      await this.#pause(delayMs);
    }
  }

  /** One link from connecting to its end. @returns why it ended. */
  async #serve(onLive: () => void): Promise<LinkEnd> {
    const { samplingMs, queueSize } = this.#options;
    let link: OpcUaLink | undefined;
    let check: NodeJS.Timeout | undefined;
    try {
      let end = (_why: string): void => undefined;
      const ended = new Promise<string>((resolve) => {
        end = resolve;
      });
      const { signal } = this.#stopping;
      const connected = await connectLink(this.#options, this.#events(end), signal);
      ({ link } = connected);
      await link.open(samplingMs, queueSize).catch((error: unknown) => {
        throw faultIn(error) === undefined ? subscriptionDown(this.#options, error) : error;
      });
      this.#back(connected);
      this.#link = link;
      this.#noteRefused(await link.monitor([...this.#watch.items.values()], samplingMs, queueSize));
      await this.#refreshAlarms(link);
      this.#connection(true);
      onLive();
      check = setInterval(() => void this.#check(), checkMs);
      return { why: await orAborted(ended, signal) };
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      const raw = cause === undefined ? {} : { cause: messageOf(cause) };
      return { why: messageOf(error), fault: faultIn(error), ...raw };
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
        // In the place of `restored`, which would say that nothing is missing.
        this.#awaySinceMs ??= this.#heardMs;
        this.#linkGap('link-lost', this.#watch.items.size);
        this.#refresh.request();
      },
      values: (values, namespaces) =>
        this.#watch.noteValues(values, namespaces, this.#heardMs, this.#now()),
      events: (events, namespaces) =>
        this.#watch.noteEvents(events, namespaces, this.#heardMs, this.#now()),
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
      this.#sink.connection(true);
      return;
    }
    // At once: the library may try for a minute before it gives up what it had.
    if (this.#hasServed) log.warn({ event: 'opcua.lost', device, why: detail });
    this.#sink.connection(false, detail, this.#awaySinceMs);
  }

  /** A PLC that is off for days is one warning, not one at every try. */
  #logAway(why: string, cause: string | undefined, delayMs: number): void {
    const { device, log } = this.#options;
    const fields = { event: 'opcua.away', device, why, cause, delayMs };
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
  #back({ clockAheadMs, link, warnings }: ConnectedLink): void {
    const { server } = link;
    const isRestarted = this.#server !== undefined && !isSameServer(this.#server, server);
    this.#server = server;
    this.#watch.close(this.#awaySinceMs ?? this.#now());
    if (this.#hasServed) {
      this.#linkGap(isRestarted ? 'server-restart' : 'link-lost', this.#watch.items.size);
    }
    this.#hasServed = true;
    this.#awaySinceMs = undefined;
    const startedMs = startByOwnClock(server, clockAheadMs, this.#now());
    if (startedMs !== undefined) this.#sink.serverStarted(startedMs);
    this.#refresh.request();
    this.#faults.link(undefined);
    this.#warnings = warnings;
    this.#noteClock(clockAheadMs);
    this.#heard();
  }

  #noteClock(clockAheadMs: number | undefined): void {
    this.#faults.warnings(this.#warnings(clockAheadMs));
    this.#clockCheckAtMs = this.#options.clock.monotonicMs() + clockCheckMs;
  }

  #linkGap(reason: 'link-lost' | 'server-restart', channels: number): void {
    const fromMs = this.#awaySinceMs;
    if (fromMs === undefined) return;
    this.#awaySinceMs = undefined;
    this.#sink.gap({ reason, channels, fromMs, toMs: this.#now() });
  }

  #noteRefused(refused: ReadonlyMap<string, string>): void {
    const { clock, device, log } = this.#options;
    this.#recheckAtMs = clock.monotonicMs() + recheckMs;
    for (const [tag, why] of this.#watch.noteRefused(refused, this.#now())) {
      log.warn({ event: 'opcua.tag.refused', device, tag, why });
    }
  }

  async #refreshAlarms(link: OpcUaLink): Promise<void> {
    const { device, log } = this.#options;
    const { refused } = this.#watch;
    const ran = await this.#refresh.run(link, refused, this.#options.clock.monotonicMs());
    if (ran === undefined) return;
    this.#faults.alarmRefresh(ran.why);
    this.#faults.flush(this.#now());
    if (ran.why !== undefined) log.warn({ event: 'opcua.alarms.not-refreshed', device, ...ran });
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
    this.#watch.due(this.#now());
    if (monotonicMs - this.#heardMonotonicMs > keepAlivesMissed * link.keepAliveMs) {
      link.end('the subscription went silent');
      return;
    }
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      await this.#ask(link, monotonicMs);
    } catch (error) {
      if (this.#awaySinceMs === undefined) link.end(messageOf(error));
    } finally {
      this.#isChecking = false;
    }
  }

  /** What has to be asked for: alarms, the time, and tags that were refused or are gone. */
  async #ask(link: OpcUaLink, monotonicMs: number): Promise<void> {
    await this.#refreshAlarms(link);
    if (monotonicMs >= this.#clockCheckAtMs) {
      this.#noteClock(await link.clockAheadMs(() => this.#now()));
    }
    if (!this.#watch.isIncomplete || monotonicMs < this.#recheckAtMs) return;
    this.#recheckAtMs = Number.POSITIVE_INFINITY;
    const { samplingMs, queueSize } = this.#options;
    const gone = this.#watch.takeGone();
    await link.drop(gone);
    const missing = [...this.#watch.items.values()].filter(
      ({ name }) => this.#watch.refused.has(name) || gone.has(name),
    );
    this.#noteRefused(await link.monitor(missing, samplingMs, queueSize));
  }

  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#stopping;
    return setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

interface LinkEnd {
  readonly why: string;
  /** The library's words, for the log. */
  readonly cause?: string;
  readonly fault?: DeviceFault | undefined;
}
