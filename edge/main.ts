import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { destination, pino, type Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import type { GatewayApi } from './api/gateway-api.ts';
import type { GatewayStatus } from './api/gateway-status.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { createEvidence, type Evidence } from './evidence/evidence.ts';
import { evidenceOptions } from './evidence/evidence-options.ts';
import { createFeed, type Feed } from './feed/feed.ts';
import { addressOf } from './identity/gateway-address.ts';
import { boundedParts } from './disk/bounded-parts.ts';
import { DiskKeeper } from './disk/disk-keeper.ts';
import { loadIdentity } from './identity/identity.ts';
import { IntakeBroker } from './intake/broker.ts';
import { DeviceRequests } from './intake/device-requests.ts';
import { HttpIntake } from './intake/http-intake.ts';
import { createOpcUaIntake, type OpcUaIntake } from './intake/opcua-intake.ts';
import { createTicker, type Ticker } from './intake/ticker.ts';
import { ConfigApplier } from './live/config-applier.ts';
import type { ConfigSource } from './live/config-source.ts';
import { DeviceTraffic } from './live/device-traffic.ts';
import { keepConfig } from './live/kept-config.ts';
import { liveParts } from './live/live-parts.ts';
import { liveSettings, type LiveSettings } from './live/live-settings.ts';
import { stageFile } from './live/staged-file.ts';
import { FlowTap } from './floor/flow-tap.ts';
import type { Floor } from './floor/floor.ts';
import { WatchedObserver } from './floor/watched-observer.ts';
import type { StandingObserver } from './observe/standing-observer.ts';
import { Pipeline } from './pipeline.ts';
import { openStores, type Stores } from './stores.ts';
import type { Uplink } from './uplink/uplink.ts';

const ballastCheckMs = 2_000;
const stopWithinMs = 10_000;
const answerWithinMs = 10_000;

/** One running gateway: takes devices at once, with or without a hub. */
class Gateway {
  readonly #config: GatewayConfig;
  readonly #log: Logger;
  readonly #stores: Stores;
  readonly #tap = new FlowTap();
  readonly #observer: StandingObserver;
  readonly #pipeline: Pipeline;
  readonly #broker: IntakeBroker;
  readonly #ticker: Ticker;
  readonly #opcUa: OpcUaIntake;
  readonly #posts: HttpIntake;
  readonly #evidence: Evidence;
  readonly #applier: ConfigApplier;
  readonly #feed: Feed;
  readonly #version = versionOf();
  #startedAtMs = 0;
  #uplink: Uplink | undefined;
  #api: GatewayApi | undefined;
  #floor: Floor | undefined;
  readonly #disk: DiskKeeper;
  #ballastCheck: NodeJS.Timeout | undefined;

  constructor(
    settings: LiveSettings,
    source: ConfigSource,
    log: Logger,
    stores: Stores,
    fatal: (e: unknown) => void,
  ) {
    const { config } = settings;
    const { clock, intake, journal } = stores;
    this.#config = config;
    this.#log = log;
    this.#stores = stores;
    this.#observer = new WatchedObserver(journal.takeStates(), this.#tap);
    const factsChanged = () => this.#uplink?.factsChanged();
    this.#pipeline = new Pipeline({
      intake,
      journal,
      observer: this.#observer,
      committed: factsChanged,
      requested: (asks) => requests.ask(asks),
      log,
      fatal,
    });
    const requests = new DeviceRequests({ send: (...to) => this.#broker.send(...to), clock, log });
    intake.onHold(factsChanged);
    this.#broker = new IntakeBroker({ ...config.mqtt, devices: settings.mqtt, intake, clock, log });
    this.#ticker = createTicker(intake, clock);
    this.#posts = new HttpIntake({ devices: settings.http, intake, clock });
    this.#opcUa = createOpcUaIntake({ devices: settings.opcua, intake, clock, log });
    this.#evidence = createEvidence(evidenceOptions(config, log, stores, fatal));
    this.#disk = new DiskKeeper({
      dataDir: config.dataDir,
      roomBytes: () => this.#roomBytes(),
      bounded: () => boundedParts(config, intake, this.#evidence),
      entries: () => intake.lastPos,
      clock,
      log,
    });
    this.#applier = new ConfigApplier({
      ...source,
      settings,
      parts: liveParts({
        intake,
        broker: this.#broker,
        posts: this.#posts,
        opcUa: this.#opcUa,
        moveApi: (from, to) => this.#moveApi(from, to),
        clock,
      }),
      keep: (kept) => keepConfig(config.dataDir, kept),
      stage: (text) => stageFile(source.file, text),
      clock,
      log,
    });
    this.#feed = this.#newFeed(fatal);
  }

  #newFeed(fatal: (e: unknown) => void): Feed {
    return createFeed({
      ...this.#stores,
      config: () => this.#applier.settings.config,
      stock: this.#observer.stock,
      pipeline: this.#pipeline,
      random: Math.random,
      log: this.#log,
      fatal,
    });
  }

  /** Devices first; what needs heavy modules or the network follows. */
  async start(): Promise<{ mqttPort: number; httpPort: number }> {
    const { clock } = this.#stores;
    this.#startedAtMs = clock.nowMs();
    this.#appendBoot();
    this.#evidence.start();
    this.#feed.start();
    this.#pipeline.start();
    this.#posts.start();
    const mqttPort = await this.#broker.start();
    this.#ticker.start();
    this.#keepBallast();
    this.#disk.start();
    this.#log.info({ mqttPort, version: this.#version }, 'gateway.accepts-devices');
    await this.#startUplink();
    const httpPort = await this.#startApi(this.#applier.settings);
    this.#opcUa.start().catch((error: unknown) => {
      this.#log.error({ reason: messageOf(error) }, 'opcua.start-failed');
    });
    this.#applier.keep();
    this.#log.info({ mqttPort, httpPort }, 'gateway.started');
    return { mqttPort, httpPort };
  }

  /** Puts in force what the config file holds now; the log says what became of it. */
  async reload(): Promise<void> {
    await this.#applier.apply(undefined, 'file');
  }

  /** Devices are let go first, then all that was taken is journalled. */
  async stop(): Promise<void> {
    clearInterval(this.#ballastCheck);
    this.#disk.stop();
    this.#ticker.stop();
    this.#floor?.stop();
    await this.#api?.stop();
    await this.#opcUa.stop();
    await this.#broker.stop();
    await this.#pipeline.stop();
    await this.#feed.stop();
    await this.#uplink?.stop();
    await this.#evidence.stop();
    this.#stores.close();
    this.#log.info('gateway.stopped');
  }

  #appendBoot(): void {
    const { clock, intake } = this.#stores;
    const { lastReceivedAtMs: lastAliveMs, stoppedClean: clean } = intake;
    const version = this.#version;
    const nowMs = clock.nowMs();
    const first = intake.lastPos === 0;
    intake.append(
      { type: 'boot', clean: clean || first, version, ...(!first && { lastAliveMs }) },
      nowMs,
    );
    const { text, hash } = this.#applier.settings.site;
    if (hash !== intake.configHash) {
      intake.append({ type: 'config', origin: 'file', hash, config: text }, nowMs);
    }
  }

  /** The room is taken again only when that leaves devices theirs. */
  #keepBallast(): void {
    const { ballast, freeBytes } = this.#stores;
    const { floorBytes, reserveBytes } = this.#config.disk;
    const check = () => {
      if (ballast.held || freeBytes() < floorBytes) return;
      void ballast.take().then((held) => {
        if (held) this.#log.info({ reserveBytes }, 'journal.room-reserved');
      });
    };
    check();
    this.#ballastCheck = setInterval(check, ballastCheckMs);
  }

  async #startUplink(): Promise<void> {
    const { gateway, hub } = this.#config;
    const { clock, intake, journal } = this.#stores;
    const { createUplink } = await import('./uplink/uplink.ts');
    this.#uplink = createUplink({
      address: addressOf(gateway),
      hub,
      identity: loadIdentity(hub),
      journal,
      intake: {
        uplinkChanged: (change) => void intake.append({ type: 'uplink', ...change }, clock.nowMs()),
      },
      facts: () => this.#facts(),
      evidence: this.#evidence,
      clock,
      random: Math.random,
      log: this.#log,
    });
    this.#uplink.start();
  }

  async #startApi({ config, httpToken }: LiveSettings): Promise<number> {
    const { host, port } = config.http;
    const { createGatewayApi } = await import('./api/gateway-api.ts');
    this.#api = createGatewayApi({
      host,
      port,
      token: httpToken,
      source: {
        status: () => this.#status(),
        quarantine: (device, limit) => this.#stores.journal.recentQuarantine(device, limit),
      },
      scans: { intake: this.#posts, clock: this.#stores.clock },
      config: this.#applier,
      feed: this.#feed,
      traffic: new DeviceTraffic({
        tap: this.#tap,
        quarantine: (device, limit) => this.#stores.journal.recentQuarantine(device, limit),
        refusals: () => this.#broker.refusals.list(),
        clock: this.#stores.clock,
      }),
      floor: await this.#openFloor(),
      log: this.#log,
    });
    return await this.#api.start();
  }

  /** Once: when the interface moves, who is signed in stays so. */
  async #openFloor(): Promise<Floor | undefined> {
    const { floor } = this.#config;
    if (floor === undefined || this.#floor !== undefined) return this.#floor;
    const { clock, intake, journal } = this.#stores;
    const { createFloor } = await import('./floor/floor.ts');
    this.#floor = createFloor({
      ...floor,
      source: {
        stock: this.#observer.stock,
        config: () => this.#applier.settings.config,
        status: () => this.#status(),
        epoch: () => journal.head().epoch.ordinal,
      },
      pageFolder: fileURLToPath(new URL('../web/dist/floor', import.meta.url)),
      pipeline: this.#pipeline,
      intake,
      tap: this.#tap,
      clock,
      random: randomBytes,
      log: this.#log,
    });
    this.#floor.start();
    return this.#floor;
  }

  /** Who asked for it by the former interface is still answered there. */
  async #moveApi(from: LiveSettings, to: LiveSettings): Promise<void> {
    const former = this.#api;
    former?.release();
    try {
      await this.#startApi(to);
    } catch (error) {
      await this.#startApi(from);
      throw error;
    } finally {
      setTimeout(() => void former?.stop(), answerWithinMs).unref();
    }
  }

  #facts() {
    const { clock, intake } = this.#stores;
    const { devices, alerts, quarantined, readsPerMinute } = this.#observer.facts(
      clock.nowMs(),
      intake.hold?.sinceMs,
    );
    const health = {
      intake: intake.hold === undefined ? ('open' as const) : ('held' as const),
      intakeBacklog: this.#pipeline.backlog,
      quarantined,
      readsPerMinute,
      roomBytes: this.#roomBytes(),
      startedAt: this.#startedAtMs,
      version: this.#version,
    };
    return { health, devices, alerts };
  }

  #roomBytes(): number {
    return Math.max(0, this.#stores.freeBytes() - this.#config.disk.floorBytes);
  }

  #status(): GatewayStatus {
    const { ballast, clock, freeBytes, intake, journal } = this.#stores;
    const { devices, alerts, uplinkLostMs } = this.#observer.facts(
      clock.nowMs(),
      intake.hold?.sinceMs,
    );
    const { epoch, seq } = journal.head();
    return {
      version: this.#version,
      startedAtMs: this.#startedAtMs,
      clockAheadMs: clock.aheadMs(),
      intake: {
        hold: intake.hold,
        lastPos: intake.lastPos,
        backlog: this.#pipeline.backlog,
        pendingBytes: intake.pendingBytes,
        keptBytes: intake.keptBytes,
      },
      journal: {
        epoch: epoch.ordinal,
        seq,
        blocked: this.#pipeline.blocked,
        roomReserved: ballast.held,
      },
      uplink: {
        ...(this.#uplink?.status() ?? { state: 'away', committedSeq: 0 }),
        lostAtMs: uplinkLostMs,
      },
      disk: { freeBytes: freeBytes(), roomBytes: this.#roomBytes(), ...this.#disk.status() },
      evidence: this.#evidence.status(),
      feed: this.#feed.status(),
      broker: { ...this.#broker.counters, connections: this.#broker.connections },
      devices,
      alerts,
    };
  }
}

function versionOf(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** Writes to stderr, at once: the last line before an exit is the one that matters. */
export function createLog(level: string): Logger {
  return pino({ level, base: null }, destination({ fd: 2, sync: true }));
}

/** Runs a gateway until it is told to stop; a fault that only a new process can heal ends it. */
export async function runGateway(
  config: GatewayConfig,
  source: ConfigSource,
  log: Logger,
): Promise<void> {
  const fatal = (error: unknown): never => {
    log.fatal({ err: error }, 'gateway.fatal');
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  // Keys, certificates and data of this process are for its own user, whichever library makes them.
  process.umask(0o077);
  const settings = liveSettings(config);
  const stores = openStores(config, log, fatal);
  const gateway = new Gateway(settings, source, log, stores, fatal);
  const stop = (signal: string): void => {
    log.info({ signal }, 'gateway.stopping');
    setTimeout(() => fatal(new Error('the orderly stop took too long')), stopWithinMs).unref();
    gateway.stop().then(() => process.exit(0), fatal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
  process.on('SIGHUP', () => void gateway.reload());
  // Half a gateway must not go on running: a supervisor starts a whole one.
  await gateway.start().catch(fatal);
}
