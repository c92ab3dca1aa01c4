import { join } from 'node:path';
import { freePort } from '#contracts/testing/free-port.ts';
import { BenchGateway, type GatewayPlan } from './bench-gateway.ts';
import { benchFolder } from './bench-parts.ts';
import { BenchProcess, runPart, startPart, until } from './bench-process.ts';
import { HubSession } from './hub-session.ts';

interface HubFacts {
  readonly config: string;
  readonly natsConfig: string;
  readonly publicKey: string;
  readonly url: string;
  readonly administrator: { readonly username: string; readonly password: string };
}

type GatewayDevices = Partial<Pick<GatewayPlan, 'readers' | 'sensors'>>;

/**
 * A whole installation as it is in the field: nats-server with the rights that the hub wrote, hub
 * and gateways as processes, everything on free ports of 127.0.0.1 and in one temporary folder.
 */
export class BenchStack {
  readonly dir: string;
  readonly #facts: HubFacts;
  readonly #natsPort: number;

  private constructor(dir: string, facts: HubFacts, natsPort: number) {
    this.dir = dir;
    this.#facts = facts;
    this.#natsPort = natsPort;
  }

  static async setUp(): Promise<BenchStack> {
    const dir = benchFolder();
    const [natsPort, httpPort] = [await freePort(), await freePort()];
    const ports = ['--nats-port', `${natsPort}`, '--http-port', `${httpPort}`];
    const facts = await runPart('hub', ['init', '--dir', join(dir, 'hub'), ...ports]);
    return new BenchStack(dir, facts as HubFacts, natsPort);
  }

  get hubDatabase(): string {
    return join(this.dir, 'hub/data/hub.sqlite');
  }

  /** Sets a gateway up and registers it; to be done before nats-server starts. */
  async addGateway(id: string, has: GatewayDevices = {}): Promise<BenchGateway> {
    const site = `site-${id}`;
    const gateway = await BenchGateway.setUp({
      dir: join(this.dir, id),
      site,
      id,
      hubServer: `nats://127.0.0.1:${this.#natsPort}`,
      hubPublicKey: this.#facts.publicKey,
      readers: 0,
      sensors: 0,
      ...has,
    });
    const of = ['--config', this.#facts.config, '--site', site, '--id', id];
    const keys = ['--nkey', gateway.nkey, '--signing-key', gateway.signingKey];
    await runPart('hub', ['gateway', 'add', ...of, ...keys]);
    return gateway;
  }

  startNats(): BenchProcess {
    const args = ['-c', this.#facts.natsConfig];
    return new BenchProcess('nats-server', args, join(this.dir, 'nats.log'));
  }

  startHub(): BenchProcess {
    return startPart('hub', ['run', '--config', this.#facts.config], join(this.dir, 'hub.log'));
  }

  /** Starts the hub and waits until it answers. */
  async startUpHub(): Promise<BenchProcess> {
    const running = this.startHub();
    await until(async () => {
      running.checkAlive();
      return await fetch(`${this.#facts.url}/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    }, 'the hub answers');
    return running;
  }

  /** Signs in as the administrator. */
  async signIn(): Promise<HubSession> {
    return await HubSession.signIn(this.#facts.url, this.#facts.administrator);
  }
}

/**
 * nats-server and hub are up; `behind` has so many events to bring, and `peer`, which has one reader,
 * none. Neither of the two runs yet.
 */
export async function startBehind(events: number, peerId: string, behindHas: GatewayDevices = {}) {
  const stack = await BenchStack.setUp();
  const behind = await stack.addGateway('behind', behindHas);
  const peer = await stack.addGateway(peerId, { readers: 1 });
  behind.fillJournal(events);
  const nats = stack.startNats();
  const hub = await stack.startUpHub();
  return { stack, behind, peer, nats, hub };
}
