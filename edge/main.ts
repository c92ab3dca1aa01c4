import { readFileSync } from 'node:fs';
import process from 'node:process';
import { destination, pino, type Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { profileOf } from '../devices/registry.ts';
import type { GatewayApi } from './api/gateway-api.ts';
import type { GatewayStatus } from './api/gateway-status.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { plcSettings, type PlcSettings } from './config/plc-settings.ts';
import { siteConfigText } from './config/site-config.ts';
import {
  createEvidence,
  defaultEvidence,
  type Evidence,
  type EvidenceOptions,
} from './evidence/evidence.ts';
import { loadIdentity } from './identity/identity.ts';
import { readSecretFile } from './identity/secret-file.ts';
import { IntakeBroker } from './intake/broker.ts';
import { deviceAccess, type DeviceAccess } from './intake/device-access.ts';
import { HttpIntake, httpDevice, type HttpDevice } from './intake/http-intake.ts';
import { createOpcUaIntake, type OpcUaIntake } from './intake/opcua-intake.ts';
import { createTicker, type Ticker } from './intake/ticker.ts';
import { restoreObserver, type Observer } from './observe/observer.ts';
import { Pipeline } from './pipeline.ts';
import { openStores, type Stores } from './stores.ts';
import type { Uplink } from './uplink/uplink.ts';

const ballastCheckMs = 2_000;
const stopWithinMs = 10_000;

/** One running gateway: takes devices at once, with or without a hub. */
class Gateway {
  readonly #config: GatewayConfig;
  readonly #log: Logger;
  readonly #stores: Stores;
  readonly #observer: Observer;
  readonly #pipeline: Pipeline;
  readonly #broker: IntakeBroker;
  readonly #ticker: Ticker;
  readonly #opcUa: OpcUaIntake;
  readonly #posts: HttpIntake;
  readonly #evidence: Evidence;
  readonly #version = versionOf();
  #startedAtMs = 0;
  #uplink: Uplink | undefined;
  #api: GatewayApi | undefined;
  #ballastCheck: NodeJS.Timeout | undefined;

  constructor(config: GatewayConfig, log: Logger, stores: Stores, fatal: (e: unknown) => void) {
    const { clock, intake, journal } = stores;
    this.#config = config;
    this.#log = log;
    this.#stores = stores;
    this.#observer = restoreObserver(journal.takeStates());
    const factsChanged = () => this.#uplink?.factsChanged();
    this.#pipeline = new Pipeline({
      intake,
      journal,
      observer: this.#observer,
      committed: factsChanged,
      log,
      fatal,
    });
    intake.onHold(factsChanged);
    this.#broker = new IntakeBroker({
      ...config.mqtt,
      devices: mqttDevices(config),
      intake,
      clock,
      log,
    });
    this.#ticker = createTicker(intake, clock);
    this.#posts = new HttpIntake({ devices: httpDevices(config), intake, clock });
    this.#opcUa = createOpcUaIntake({ devices: plcs(config), intake, clock, log });
    this.#evidence = createEvidence(evidenceOptions(config, log, stores, fatal));
  }

  /** Devices first; what needs heavy modules or the network follows. */
  async start(): Promise<{ mqttPort: number; httpPort: number }> {
    const { clock } = this.#stores;
    this.#startedAtMs = clock.nowMs();
    this.#appendBoot();
    this.#evidence.start();
    this.#pipeline.start();
    this.#posts.start();
    const mqttPort = await this.#broker.start();
    this.#ticker.start();
    this.#keepBallast();
    this.#log.info({ mqttPort, version: this.#version }, 'gateway.accepts-devices');
    await this.#startUplink();
    const httpPort = await this.#startApi();
    this.#opcUa.start().catch((error: unknown) => {
      this.#log.error({ reason: messageOf(error) }, 'opcua.start-failed');
    });
    this.#log.info({ mqttPort, httpPort }, 'gateway.started');
    return { mqttPort, httpPort };
  }

  /** Devices are let go first, then all that was taken is journalled. */
  async stop(): Promise<void> {
    clearInterval(this.#ballastCheck);
    this.#ticker.stop();
    await this.#api?.stop();
    await this.#opcUa.stop();
    await this.#broker.stop();
    await this.#pipeline.stop();
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
    const { text, hash } = siteConfigText(this.#config);
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

  async #startApi(): Promise<number> {
    const { host, port, tokenFile } = this.#config.http;
    const { createGatewayApi } = await import('./api/gateway-api.ts');
    this.#api = createGatewayApi({
      host,
      port,
      token: readSecretFile(tokenFile, 'the token of the HTTP interface').trim(),
      source: {
        status: () => this.#status(),
        quarantine: (device, limit) => this.#stores.journal.recentQuarantine(device, limit),
      },
      scans: { intake: this.#posts, clock: this.#stores.clock },
      log: this.#log,
    });
    return await this.#api.start();
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
    const { devices, alerts } = this.#observer.facts(clock.nowMs(), intake.hold?.sinceMs);
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
      uplink: this.#uplink?.status() ?? { state: 'away', committedSeq: 0 },
      disk: { freeBytes: freeBytes(), roomBytes: this.#roomBytes() },
      evidence: this.#evidence.status(),
      broker: { ...this.#broker.counters, connections: this.#broker.connections },
      devices,
      alerts,
    };
  }
}

function evidenceOptions(
  { dataDir, disk, evidence, gateway, hub }: GatewayConfig,
  log: Logger,
  { clock, intake, journal }: Stores,
  fatal: (error: unknown) => void,
): EvidenceOptions {
  return {
    address: addressOf(gateway),
    hubPublicKey: hub.publicKey,
    dataDir,
    ...(evidence ?? defaultEvidence),
    intakeBudgetBytes: disk.intakeBudgetBytes,
    // Intake resumes somewhat above its floor, and the journal's room comes out of the same disk:
    // evidence makes room for both before devices have to wait.
    floorBytes: Math.ceil(disk.floorBytes * 1.25) + disk.reserveBytes,
    intake,
    cursor: () => journal.cursor(),
    clock,
    log,
    fatal,
  };
}

function addressOf({ tenant, site, id }: GatewayConfig['gateway']): GatewayAddress {
  return {
    tenant: parseTenantId(tenant),
    site: parseSiteId(site),
    gateway: parseGatewayId(id),
  };
}

function mqttDevices(config: GatewayConfig): DeviceAccess[] {
  return config.devices.flatMap((device) => {
    if (device.mqtt === undefined) return [];
    const { passwordFile } = device.mqtt;
    const password = readSecretFile(passwordFile, `the password of ${device.id}`);
    return [deviceAccess(device.id, device.mqtt, password.trim())];
  });
}

function httpDevices(config: GatewayConfig): HttpDevice[] {
  return config.devices.flatMap(({ id, profile: profileId, http }) => {
    const profile = profileOf(profileId);
    if (http === undefined || profile === undefined) return [];
    const token = readSecretFile(http.tokenFile, `the token of ${id}`).trim();
    return [httpDevice(id, profile, token)];
  });
}

function plcs(config: GatewayConfig): PlcSettings[] {
  return config.devices.flatMap((device) => {
    const settings = plcSettings(config, device, (file) =>
      readSecretFile(file, `the OPC UA password of ${device.id}`).trim(),
    );
    return settings === undefined ? [] : [settings];
  });
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
export async function runGateway(config: GatewayConfig, log: Logger): Promise<void> {
  const fatal = (error: unknown): never => {
    log.fatal({ err: error }, 'gateway.fatal');
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  // Keys, certificates and data of this process are for its own user, whichever library makes them.
  process.umask(0o077);
  const stores = openStores(config, log, fatal);
  const gateway = new Gateway(config, log, stores, fatal);
  const stop = (signal: string): void => {
    log.info({ signal }, 'gateway.stopping');
    setTimeout(() => fatal(new Error('the orderly stop took too long')), stopWithinMs).unref();
    gateway.stop().then(() => process.exit(0), fatal);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
  // Half a gateway must not go on running: a supervisor starts a whole one.
  await gateway.start().catch(fatal);
}
