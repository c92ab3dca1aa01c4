import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { gatewayAbilities } from '#contracts/downlink.ts';
import { messageOf } from '#contracts/fault.ts';
import { ApiHost } from './api/api-host.ts';
import { ScanIds } from './api/scan-ids.ts';
import { ClockWatch } from './clock-watch.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { BallastKeeper } from './disk/ballast-keeper.ts';
import { boundedParts } from './disk/bounded-parts.ts';
import { DiskKeeper } from './disk/disk-keeper.ts';
import { Downlink } from './downlink/downlink.ts';
import { HubConfig } from './downlink/hub-config.ts';
import { createEvidence, type Evidence } from './evidence/evidence.ts';
import { evidenceOptions } from './evidence/evidence-options.ts';
import { createFeed, type Feed } from './feed/feed.ts';
import { FlowTap } from './floor/flow-tap.ts';
import type { Floor } from './floor/floor.ts';
import { HubPeople, peopleFileInForce } from './floor/hub-people.ts';
import { WatchedObserver } from './floor/watched-observer.ts';
import { GatewayReport } from './gateway-report.ts';
import { addressOf } from './identity/gateway-address.ts';
import { loadIdentity } from './identity/identity.ts';
import { KeyRotation } from './identity/key-rotation.ts';
import { signedBy } from './identity/public-key.ts';
import type { SecretPlace } from './identity/secret-places.ts';
import { createSecretReport } from './identity/secret-report.ts';
import { appendBoot } from './intake/append-boot.ts';
import { IntakeBroker } from './intake/broker.ts';
import { DeviceRequests } from './intake/device-requests.ts';
import { HttpIntake } from './intake/http-intake.ts';
import { refusalsFileOf } from './intake/refusal-file.ts';
import { createOpcUaIntake, type OpcUaIntake } from './intake/opcua-intake.ts';
import { createTicker, type Ticker } from './intake/ticker.ts';
import { eventsAt } from './journal/events-at.ts';
import { ConfigApplier, type LiveParts } from './live/config-applier.ts';
import type { ConfigSource } from './live/config-source.ts';
import { DeviceTraffic } from './live/device-traffic.ts';
import { keepConfig } from './live/kept-config.ts';
import { liveParts } from './live/live-parts.ts';
import type { LiveSettings } from './live/live-settings.ts';
import { stageFile } from './live/staged-file.ts';
import type { StandingObserver } from './observe/standing-observer.ts';
import { Pipeline } from './pipeline.ts';
import { appendRestoredBook } from './replace/append-restored-book.ts';
import type { Stores } from './stores.ts';
import { ReceiptFile } from './uplink/receipt-file.ts';
import { HubTransfers } from './transfers/hub-transfers.ts';
import type { Uplink } from './uplink/uplink.ts';

export interface GatewayOptions {
  /** What it starts with. */
  readonly settings: LiveSettings;
  /** Where other configs come from. */
  readonly source: ConfigSource;
  readonly stores: Stores;
  readonly version: string;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly log: Logger;
  /** Ends the process: what went wrong heals in a new one only. */
  readonly fatal: (error: unknown) => void;
}

/** One running gateway: takes devices at once, with or without a hub. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #tap = new FlowTap();
  readonly #observer: StandingObserver;
  readonly #pipeline: Pipeline;
  readonly #broker: IntakeBroker;
  readonly #clockWatch: ClockWatch;
  readonly #ticker: Ticker;
  readonly #opcUa: OpcUaIntake;
  readonly #posts: HttpIntake;
  readonly #evidence: Evidence;
  readonly #applier: ConfigApplier;
  readonly #feed: Feed;
  readonly #disk: DiskKeeper;
  readonly #ballast: BallastKeeper;
  readonly #report: GatewayReport;
  readonly #api: ApiHost;
  readonly #secrets: () => readonly SecretPlace[];
  readonly #hubConfig: HubConfig;
  readonly #append: LiveParts['append'];
  #uplink: Uplink | undefined;
  #downlink: Downlink | undefined;
  #rotation: KeyRotation | undefined;

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { log, settings, source, stores, version } = options;
    const { config } = settings;
    const { clock, intake, journal } = stores;
    this.#observer = new WatchedObserver(journal.takeStates(), this.#tap);
    this.#pipeline = this.#newPipeline();
    const { limits, mqtt: devices } = settings;
    const refusalsFile = refusalsFileOf(config.dataDir);
    const broker = { devices, limits, intake, refusalsFile, clock, log };
    this.#broker = new IntakeBroker({ ...config.mqtt, ...broker });
    this.#clockWatch = new ClockWatch(clock, (body, atMs) => void intake.append(body, atMs));
    this.#ticker = createTicker(intake, clock, { beforeTick: () => this.#clockWatch.look() });
    this.#posts = new HttpIntake({ devices: settings.http, intake, clock });
    this.#opcUa = createOpcUaIntake({ devices: settings.opcua, intake, clock, log });
    this.#evidence = createEvidence(evidenceOptions(config, log, stores, options.fatal));
    this.#disk = this.#newDiskKeeper(config);
    this.#ballast = new BallastKeeper({ ...stores, disk: config.disk, log });
    const parts = liveParts({
      intake,
      broker: this.#broker,
      posts: this.#posts,
      opcUa: this.#opcUa,
      moveApi: (from, to) => this.#api.move(from, to),
      clock,
    });
    this.#append = (body) => parts.append(body);
    this.#applier = new ConfigApplier({
      ...source,
      settings,
      parts,
      bars: (origin) => this.#hubConfig.bars(origin),
      keep: (kept) => {
        keepConfig(config.dataDir, kept);
        this.#downlink?.changed();
      },
      stage: (text) => stageFile(source.file, text),
      clock,
      log,
    });
    this.#secrets = createSecretReport(() => this.#applier.settings.config, clock);
    this.#feed = this.#newFeed();
    this.#report = new GatewayReport({
      version,
      stores,
      observer: this.#observer,
      pipeline: this.#pipeline,
      broker: this.#broker,
      evidence: this.#evidence,
      disk: this.#disk,
      feed: this.#feed,
      uplink: () => this.#uplink,
      floorBytes: config.disk.floorBytes,
    });
    this.#hubConfig = this.#newHubConfig();
    this.#api = this.#newApi();
  }

  /** Devices first; what needs heavy modules or the network follows. */
  async start(): Promise<{ mqttPort: number; httpPort: number }> {
    const { log, stores, version } = this.#options;
    const { clock, intake } = stores;
    this.#report.started(clock.nowMs());
    const doubt = this.#clockWatch.start();
    appendBoot(stores, this.#applier.settings.site, version, clock, doubt);
    const { dataDir } = this.#applier.settings.config;
    await appendRestoredBook({ dataDir, intake, clock, log });
    this.#evidence.start();
    this.#feed.start();
    this.#pipeline.start();
    this.#posts.start();
    for (const { device, faults = [] } of this.#report.facts().devices) {
      this.#broker.notes.restore(device, faults);
    }
    const mqttPort = await this.#broker.start();
    this.#ticker.start();
    this.#ballast.start();
    this.#disk.start();
    log.info({ mqttPort, version }, 'gateway.accepts-devices');
    await this.#startUplink();
    const httpPort = await this.#api.start(this.#applier.settings);
    this.#opcUa.start().catch((error: unknown) => {
      log.error({ reason: messageOf(error) }, 'opcua.start-failed');
    });
    this.#applier.keep();
    log.info({ mqttPort, httpPort }, 'gateway.started');
    return { mqttPort, httpPort };
  }

  /** Puts in force what the config file holds now; the log says what became of it. */
  async reload(): Promise<void> {
    await this.#applier.apply(undefined, 'file');
    this.#downlink?.changed();
  }

  /** Devices are let go first, then all that was taken is journalled. */
  async stop(): Promise<void> {
    this.#hubConfig.stop();
    await this.#downlink?.stop();
    this.#ballast.stop();
    this.#disk.stop();
    this.#ticker.stop();
    await this.#api.stop();
    await this.#opcUa.stop();
    await this.#broker.stop();
    await this.#pipeline.stop();
    await this.#feed.stop();
    await this.#uplink?.stop();
    await this.#evidence.stop();
    this.#options.stores.close();
    this.#options.log.info('gateway.stopped');
  }

  #newPipeline(): Pipeline {
    const { fatal, log, stores } = this.#options;
    const { clock, intake, journal } = stores;
    const factsChanged = () => this.#uplink?.factsChanged();
    const requests = new DeviceRequests({ send: (...to) => this.#broker.send(...to), clock, log });
    intake.onHold(factsChanged);
    return new Pipeline({
      intake,
      journal,
      observer: this.#observer,
      committed: factsChanged,
      requested: (asks) => requests.ask(asks),
      log,
      fatal,
    });
  }

  #newDiskKeeper(config: GatewayConfig): DiskKeeper {
    const { log, stores } = this.#options;
    const { clock, intake } = stores;
    return new DiskKeeper({
      dataDir: config.dataDir,
      roomBytes: () => this.#report.roomBytes(),
      bounded: () => boundedParts(config, intake, this.#evidence),
      entries: () => intake.lastPos,
      clock,
      log,
    });
  }

  #newHubConfig(): HubConfig {
    const { log, settings, source, stores } = this.#options;
    return new HubConfig({
      dataDir: settings.config.dataDir,
      source,
      applier: this.#applier,
      append: this.#append,
      devices: () => this.#report.facts().devices,
      say: (seq, outcome) => this.#downlink?.say('config', seq, outcome),
      changed: () => this.#downlink?.changed(),
      clock: stores.clock,
      log,
    });
  }

  #newFeed(): Feed {
    const { fatal, log, random, stores } = this.#options;
    return createFeed({
      ...stores,
      config: () => this.#applier.settings.config,
      stock: this.#observer.stock,
      pipeline: this.#pipeline,
      random,
      log,
      fatal,
    });
  }

  #newApi(): ApiHost {
    const { log, stores } = this.#options;
    const { clock, journal } = stores;
    const quarantine = (device: string | undefined, limit: number, beforeId?: number) =>
      journal.recentQuarantine(device, limit, beforeId);
    return new ApiHost({
      served: {
        source: { status: () => this.#report.status(), secrets: this.#secrets, quarantine },
        scans: {
          intake: this.#posts,
          rates: this.#broker.rates,
          ids: new ScanIds(() => journal.states()),
          clock,
        },
        config: this.#applier,
        overrides: this.#hubConfig,
        rotation: () => this.#rotation,
        feed: this.#feed,
        traffic: new DeviceTraffic({
          tap: this.#tap,
          quarantine,
          refusals: () => this.#broker.refusals.list(),
          clock,
        }),
        log,
      },
      openFloor: () => this.#openFloor(),
    });
  }

  async #startUplink(): Promise<void> {
    const { log, random, settings, stores } = this.#options;
    const { dataDir, gateway, hub } = settings.config;
    const { clock, intake, journal } = stores;
    const { createUplink } = await import('./uplink/uplink.ts');
    const { natsDial } = await import('./uplink/dial.ts');
    const [address, identity] = [addressOf(gateway), loadIdentity(hub)];
    const { signingKeyFile } = hub;
    const rotation = { address, signingKeyFile, identity, append: this.#append, log };
    this.#rotation = new KeyRotation(rotation);
    this.#rotation.resume().catch((error: unknown) => {
      log.error({ reason: messageOf(error) }, 'identity.rotation-waits');
    });
    this.#downlink = new Downlink({
      dataDir,
      address,
      hub,
      identity,
      targets: {
        config: this.#hubConfig,
        people: new HubPeople({ dataDir, site: gateway.site, log }),
        transfers: new HubTransfers({ append: this.#append, log }),
      },
      report: () => ({ config: this.#hubConfig.report(), takes: [...gatewayAbilities] }),
      contact: (askedAtMs) => this.#hubConfig.contact(askedAtMs),
      knownAs: (keyId) => this.#rotation?.hubKnows(keyId),
      clock,
      log,
    });
    this.#downlink.start();
    this.#hubConfig.start();
    this.#uplink = createUplink({
      address,
      isSignedByHub: signedBy(hub.publicKey),
      dial: natsDial({ address, hub, identity, clock }),
      identity,
      rotations: () => this.#rotation?.rotations() ?? [],
      downlink: this.#downlink,
      journal,
      receipts: new ReceiptFile(join(dataDir, 'receipt.json'), log),
      intake: {
        uplinkChanged: (change) => void intake.append({ type: 'uplink', ...change }, clock.nowMs()),
      },
      facts: () => this.#report.facts(),
      evidence: this.#evidence,
      clock,
      random,
      log,
    });
    this.#uplink.start();
  }

  async #openFloor(): Promise<Floor | undefined> {
    const { log, randomBytes, settings, stores } = this.#options;
    const { floor } = settings.config;
    if (floor === undefined) return undefined;
    const { clock, intake, journal } = stores;
    const { createFloor } = await import('./floor/floor.ts');
    const opened = createFloor({
      ...floor,
      peopleFile: () => peopleFileInForce(settings.config.dataDir, floor.peopleFile),
      source: {
        stock: this.#observer.stock,
        config: () => this.#applier.settings.config,
        status: () => this.#report.status(),
        override: () => this.#hubConfig.override(),
        secrets: this.#secrets,
        epoch: () => journal.head().epoch.ordinal,
        eventsAt: (pos) => eventsAt(journal, pos),
      },
      sessionsFile: join(settings.config.dataDir, 'floor-sessions.json'),
      pageFolder: fileURLToPath(new URL('../web/dist/floor', import.meta.url)),
      pipeline: this.#pipeline,
      intake,
      tap: this.#tap,
      clock,
      random: randomBytes,
      log,
    });
    opened.start();
    return opened;
  }
}
