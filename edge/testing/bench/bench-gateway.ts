import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import { writeBacklog } from './backlog.ts';
import { say } from './bench-parts.ts';
import { Fault } from '#contracts/fault.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { runPart, startPart, until, type BenchProcess } from './bench-process.ts';

/** What a gateway's config needs that is not the same in all benches. */
export interface GatewayPlan {
  readonly dir: string;
  readonly site: string;
  readonly id: string;
  readonly hubServer: string;
  readonly hubPublicKey: string;
  /** R700 readers, `reader-0` and on, each at a zone of its own. */
  readonly readers: number;
  /** Sensors behind one Zigbee2MQTT bridge, each in a zone that may have at most 8 °C. */
  readonly sensors: number;
}

export interface MqttUser {
  readonly username: string;
  readonly password: string;
  readonly topic: string;
}

interface Health {
  readonly intake: { readonly backlog: number };
  readonly journal: { readonly seq: number };
  readonly uplink: { readonly state: string; readonly backlogEvents: number };
}

const mebibyte = 1_048_576;
/** The bridge of the sensors. */
export const bridgeUser: MqttUser = {
  username: 'bridge',
  password: 'secret-bridge',
  topic: 'zigbee2mqtt',
};

/** A gateway that is set up as an engineer would, to be started as often as a bench wants. */
export class BenchGateway {
  readonly site: string;
  readonly id: string;
  readonly dataDir: string;
  readonly mqttPort: number;
  readonly nkey: string;
  readonly signingKey: string;
  readonly #dir: string;
  readonly #httpPort: number;

  private constructor(
    { dir, site, id }: GatewayPlan,
    ports: { readonly mqtt: number; readonly http: number },
    keys: { readonly publicNkey: string; readonly signingPublicKey: string },
  ) {
    this.site = site;
    this.id = id;
    this.dataDir = join(dir, 'data');
    this.mqttPort = ports.mqtt;
    this.nkey = keys.publicNkey;
    this.signingKey = keys.signingPublicKey;
    this.#dir = dir;
    this.#httpPort = ports.http;
  }

  static async setUp(plan: GatewayPlan): Promise<BenchGateway> {
    const { dir, site, id } = plan;
    const ports = { mqtt: await freePort(), http: await freePort() };
    const made = await runPart('edge', ['init', '--dir', dir, '--site', site, '--id', id]);
    mkdirSync(join(dir, 'passwords'));
    for (const { username, password } of [...readersOf(plan), bridgeUser]) {
      writeFileSync(join(dir, 'passwords', username), password, { mode: 0o600 });
    }
    // JSON is YAML.
    writeFileSync(join(dir, 'gateway.yaml'), JSON.stringify(configOf(plan, ports)));
    return new BenchGateway(plan, ports, made as { publicNkey: string; signingPublicKey: string });
  }

  /** Gives it a journal as an outage leaves it. Only while it does not run. */
  fillJournal(events: number): void {
    const startedAt = performance.now();
    const { dataDir, site, id: gateway } = this;
    const address = { tenant: 'main', site, gateway };
    const randomId = () => randomBytes(16).toString('hex');
    writeBacklog({ dataDir, address, randomId, events, clock: systemClock });
    const seconds = (performance.now() - startedAt) / 1000;
    say(`${events} events are in the journal of ${gateway} (${seconds.toFixed(0)} s)`);
  }

  start(): BenchProcess {
    const args = ['run', '--config', join(this.#dir, 'gateway.yaml')];
    return startPart('edge', args, join(this.#dir, 'log'));
  }

  /** Starts it and waits until it answers. */
  async startUp(): Promise<BenchProcess> {
    const running = this.start();
    await until(async () => {
      running.checkAlive();
      return (await this.health()) !== undefined;
    }, `${this.id} answers`);
    return running;
  }

  /** @returns undefined while it does not answer. */
  async health(): Promise<Health | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.#httpPort}/health`);
      return (await answer.json()) as Health;
    } catch {
      return undefined;
    }
  }

  /** Waits until so many events are under the hub's receipt. @throws Fault when one process ended. */
  async untilCommitted(events: number, processes: readonly BenchProcess[]): Promise<void> {
    await until(
      async () => {
        for (const one of processes) one.checkAlive();
        return ((await this.committedSeq()) ?? 0) >= events;
      },
      `${events} events of ${this.id} are committed`,
      { everyMs: 50, withinMs: 400_000 },
    );
  }

  /** Last event under the hub's receipt; undefined while it does not answer. */
  async committedSeq(): Promise<number | undefined> {
    const health = await this.health();
    return health && health.journal.seq - health.uplink.backlogEvents;
  }
}

export function readersOf({ readers }: Pick<GatewayPlan, 'readers'>): MqttUser[] {
  return Array.from({ length: readers }, (_, index) => {
    const username = `reader-${index}`;
    return { username, password: `secret-${index}`, topic: `${username}/events` };
  });
}

/** The reader of a gateway that has one or more. */
export function firstReader(): MqttUser {
  const [reader] = readersOf({ readers: 1 });
  if (reader === undefined) throw new Fault('INTERNAL', 'there is no reader');
  return reader;
}

function configOf(plan: GatewayPlan, ports: { readonly mqtt: number; readonly http: number }) {
  const readers = readersOf(plan);
  const sensors = Array.from({ length: plan.sensors }, (_, index) => `sensor-${index}`);
  return {
    gateway: { tenant: 'main', site: plan.site, id: plan.id },
    dataDir: 'data',
    hub: {
      servers: [plan.hubServer],
      loginSeedFile: 'keys/login.seed',
      signingKeyFile: 'keys/signing.pem',
      publicKey: plan.hubPublicKey,
    },
    mqtt: { host: '127.0.0.1', port: ports.mqtt, maxConnections: 500 },
    http: { host: '127.0.0.1', port: ports.http, tokenFile: 'keys/http.token' },
    disk: {
      intakeBudgetBytes: 256 * mebibyte,
      floorBytes: 64 * mebibyte,
      reserveBytes: 8 * mebibyte,
    },
    observe: { minReads: 1, absentAfterMs: 600_000, moveReads: 1, passWindowMs: 3000 },
    posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
    zones: [
      { id: 'storage', status: 'available' },
      ...readers.map(({ username }) => ({ id: `at-${username}`, status: 'available' })),
      ...sensors.map((name) => ({
        id: `cold-${name}`,
        status: 'available',
        temperature: { max: 8 },
      })),
    ],
    portals: [],
    devices: [
      ...readers.map(({ username }) => ({
        ...deviceOf(username, username),
        profile: 'impinj-r700',
        zone: `at-${username}`,
      })),
      ...(sensors.length === 0
        ? []
        : [
            {
              ...deviceOf(bridgeUser.username, bridgeUser.topic),
              profile: 'zigbee2mqtt',
              sensors: sensors.map((name) => ({ name, zone: `cold-${name}` })),
            },
          ]),
    ],
  };
}

function deviceOf(id: string, topic: string) {
  return {
    id,
    mqtt: { topic, username: id, passwordFile: `passwords/${id}` },
    buffers: true,
    silentAfterMs: 3_600_000,
  };
}
