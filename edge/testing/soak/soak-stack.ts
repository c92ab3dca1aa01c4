import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '#contracts/fault.ts';
import type { GatewayConfig } from '../../config/gateway-config.ts';
import { bridgeUser, readersOf, type BenchGateway } from '../bench/bench-gateway.ts';
import { runPart, until } from '../bench/bench-process.ts';
import { BenchStack } from '../bench/bench-stack.ts';
import { soakConfig } from './soak-config.ts';
import { startLoad, startPlcs } from './soak-devices.ts';
import { operator, SoakOperator } from './soak-operator.ts';
import { site } from './soak-site.ts';

const id = 'soak';

/** The reference site, ready for its day: every resident is in the book and was read. */
export class SoakStack {
  readonly pid: number;
  readonly person: SoakOperator;
  readonly plcs: Awaited<ReturnType<typeof startPlcs>>;
  readonly load: Awaited<ReturnType<typeof startLoad>>;
  readonly #gateway: BenchGateway;
  readonly #parts: readonly { checkAlive(): void }[];
  readonly #metrics: { readonly url: string; readonly token: string };

  private constructor(
    gateway: BenchGateway,
    { pid, person }: { readonly pid: number; readonly person: SoakOperator },
    parts: readonly { checkAlive(): void }[],
    metrics: { readonly url: string; readonly token: string },
    devices: Pick<SoakStack, 'plcs' | 'load'>,
  ) {
    this.pid = pid;
    this.person = person;
    this.plcs = devices.plcs;
    this.load = devices.load;
    this.#gateway = gateway;
    this.#parts = [...parts, devices.plcs, devices.load];
    this.#metrics = metrics;
  }

  static async setUp(plcFolder: string, daySeconds: number): Promise<SoakStack> {
    const plcs = await startPlcs(plcFolder);
    const stack = await BenchStack.setUp();
    const gateway = await stack.addGateway(id, { readers: site.readers, sensors: 1 });
    const dir = join(stack.dir, id);
    const { http } = writeConfig(join(dir, 'gateway.yaml'), plcs.endpoint);
    await addOperator(dir);
    const nats = stack.startNats();
    const hub = await stack.startUpHub();
    const running = await gateway.startUp();
    const person = new SoakOperator(http.port);
    await person.signIn();
    await person.receiveResidents();
    const load = await startLoad({
      port: gateway.mqttPort,
      users: readersOf({ readers: site.readers }),
      bridge: bridgeUser,
      daySeconds,
    });
    const token = readFileSync(join(dir, http.tokenFile), 'utf8').trim();
    const made = new SoakStack(
      gateway,
      { pid: running.pid, person },
      [nats, hub, running],
      { url: `http://127.0.0.1:${http.port}/metrics`, token },
      { plcs, load },
    );
    await made.settled();
    return made;
  }

  /** @throws Fault UNAVAILABLE when one of the processes has ended. */
  checkAlive(): void {
    for (const part of this.#parts) part.checkAlive();
  }

  async health() {
    const health = await this.#gateway.health();
    if (health === undefined) throw new Fault('UNAVAILABLE', 'the gateway does not answer');
    return health;
  }

  /** Entries that are durable so far. */
  async entries(): Promise<number> {
    const headers = { authorization: `Bearer ${this.#metrics.token}` };
    const text = await (await fetch(this.#metrics.url, { headers })).text();
    return Number(/^holdfast_intake_entries_total (\S+)/m.exec(text)?.[1] ?? Number.NaN);
  }

  /** Resolves when nothing waits but what has come since. */
  async settled(): Promise<void> {
    await until(
      async () => {
        this.checkAlive();
        const { intake, uplink } = await this.health();
        return intake.backlog < 5000 && uplink.backlogEvents < 5000;
      },
      'the gateway has worked off all, and the hub has it',
      { everyMs: 200, withinMs: 180_000 },
    );
  }
}

function writeConfig(file: string, plcEndpoint: string): GatewayConfig {
  const config = soakConfig(JSON.parse(readFileSync(file, 'utf8')) as GatewayConfig, plcEndpoint);
  writeFileSync(file, JSON.stringify(config));
  return config;
}

/** Somebody who may all day long. */
async function addOperator(dir: string): Promise<void> {
  const password = join(dir, 'password');
  writeFileSync(password, operator.password, { mode: 0o600 });
  const who = ['--name', 'Mia', '--role', 'supervisor', '--password-file', password];
  const limits = ['--limit-entry', '100000', '--limit-total', '900000000'];
  const config = ['--config', join(dir, 'gateway.yaml')];
  await runPart('edge', ['people', 'add', operator.username, ...config, ...who, ...limits]);
}
