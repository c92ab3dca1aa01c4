import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

/** A real nats-server with JetStream, on a free port that survives a restart. */
export class NatsServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'hf-nats-'));
  #port = -1;
  #process: ChildProcess | undefined;

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  get storeFolder(): string {
    return join(this.folder, 'js');
  }

  async start(): Promise<this> {
    const args = ['-a', '127.0.0.1', '-p', `${this.#port}`, '-js', '-sd', this.storeFolder];
    const child = spawn(inject('programs').natsServer, [...args, '--ports_file_dir', this.folder], {
      stdio: 'ignore',
    });
    this.#process = child;
    this.#port = Number(new URL(await this.#firstUrl(child)).port);
    return this;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
    for (const file of this.#portFiles()) rmSync(file);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #portFiles(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.ports'))
      .map((name) => join(this.folder, name));
  }

  async #firstUrl(child: ChildProcess): Promise<string> {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
      const [file] = this.#portFiles();
      const text = file === undefined ? '' : readFileSync(file, 'utf8');
      if (text.endsWith('}')) {
        const [url] = (JSON.parse(text) as { nats: string[] }).nats;
        if (url !== undefined) return url;
      }
      await sleep(20);
    }
  }
}
