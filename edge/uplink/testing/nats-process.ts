import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { inboxPrefix, subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import { freePort } from '#contracts/testing/free-port.ts';

/** A real nats-server that only knows one hub and the given gateways, by nkey. */
export class NatsProcess {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly #dir: string;
  readonly #program: string;
  #child: ChildProcess | undefined;

  constructor(port: number, webSocketPort: number, dir: string, program: string) {
    this.url = `nats://127.0.0.1:${port}`;
    this.webSocketUrl = `ws://127.0.0.1:${webSocketPort}`;
    this.#dir = dir;
    this.#program = program;
  }

  async start(): Promise<void> {
    const child = spawn(this.#program, ['-c', join(this.#dir, 'nats.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('Server is ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended: ${log}`)));
      child.once('error', reject);
    });
  }

  /** SIGKILL: nothing is flushed. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Freezes the server: connections stay open and nothing answers, as over a dead link. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** What a lost disk does; only while it is not running. */
  wipe(): void {
    rmSync(join(this.#dir, 'store'), { recursive: true, force: true });
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export async function createNatsProcess(
  hubNkey: string,
  gateways: readonly { readonly address: GatewayAddress; readonly nkey: string }[],
  maxPayloadBytes = 1_048_576,
  program = inject('programs').natsServer,
): Promise<NatsProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'hf-uplink-nats-'));
  const [port, webSocketPort] = [await freePort(), await freePort()];
  const users = gateways.map(({ address, nkey }) => {
    const publish = (['up', 'now', 'hello', 'downlink'] as const).map((lane) =>
      subjectOf(address, lane),
    );
    const heard = (['receipt', 'evidence', 'nudge'] as const).map((lane) =>
      subjectOf(address, lane),
    );
    const subscribe = [...heard, `${inboxPrefix(address)}.>`];
    const answers = { allow_responses: { max: 1, expires: '1m' } };
    const permissions = {
      publish: { allow: publish },
      subscribe: { allow: subscribe },
      ...answers,
    };
    return { nkey, permissions };
  });
  writeFileSync(
    join(dir, 'nats.conf'),
    `host: "127.0.0.1"
port: ${port}
max_payload: ${maxPayloadBytes}
websocket { host: "127.0.0.1", port: ${webSocketPort}, no_tls: true }
jetstream { store_dir: ${JSON.stringify(join(dir, 'store'))}, max_file_store: 1GB }
authorization { users: ${JSON.stringify([{ nkey: hubNkey }, ...users])} }
`,
  );
  return new NatsProcess(port, webSocketPort, dir, program);
}
