import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createRandom } from './prng.ts';
import { cliPath, runTool } from './stack/run-tool.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');
const preload = new URL('testing/die-at-step.ts', import.meta.url).href;
const kills = 8;

const sections = `
zones:
  - { id: storage, status: available }
devices: []
`;

let site: Installation;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Runs our command line until it ends, or dies at that step. */
async function edge(args: readonly string[], dieAt: number): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', preload, cliPath('edge'), ...args], {
    env: { ...process.env, HOLDFAST_TEST_DIE_AT: String(dieAt) },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (text.includes('"gateway.started"')) child.kill('SIGTERM');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out, err };
}

async function newToken(): Promise<string> {
  const config = join(site.hubDir, 'hub.yaml');
  const options = { config, site: 'lyon', id: 'lyon-1' };
  const command = 'gateway token --replace';
  return (JSON.parse(await runTool({ part: 'hub', command, options })) as { token: string }).token;
}

const stepsOf = ({ err }: Ended) => Number(/steps: (\d+)/.exec(err)?.[1] ?? 0);

describe.skipIf(natsServer === '')('`gateway replace` that dies (needs nats-server)', () => {
  beforeAll(async () => {
    site = await startInstallation(sections);
    await eventually(async () => {
      const status = await site.api.status();
      return (status !== undefined && status.committed > 0) || undefined;
    });
    await site.gatewayProcess.stop();
  }, 120_000);
  afterAll(async () => {
    await site.stop();
  });

  test('at any step is finished by the same command, and so is its first start', async () => {
    const random = createRandom(5, 'replace-kills');
    const copy = join(site.gatewayDir, 'gateway.yaml');
    const boxAt = (name: string) => join(site.hubDir, '..', name);
    const replace = async (dir: string, token: string, dieAt: number) =>
      await edge(['replace', '--dir', dir, '--token', token, '--config-copy', copy], dieAt);
    const whole = await replace(boxAt('whole'), await newToken(), 0);
    expect(whole.code, whole.err).toBe(0);
    const steps = stepsOf(whole);
    expect(steps).toBeGreaterThan(20);
    const { restored } = JSON.parse(whole.out) as { restored: Record<string, unknown> };
    let dir = '';
    for (let nr = 0; nr < kills; nr += 1) {
      // One in each stretch of the way, so that none is left out.
      const dieAt = Math.floor(((nr + random.next()) * steps) / kills) + 1;
      dir = boxAt(`box-${nr}`);
      const token = await newToken();
      const died = await replace(dir, token, dieAt);
      expect(died.signal, `step ${dieAt} of ${steps}: ${died.err}`).toBe('SIGKILL');
      const key = join(dir, 'keys/signing.pem');
      const made = existsSync(key) ? readFileSync(key, 'utf8') : undefined;
      const done = await replace(dir, token, 0);
      expect(done.code, `behind step ${dieAt}: ${done.err}`).toBe(0);
      const { uncertainTo: _to, ...same } = (
        JSON.parse(done.out) as typeof whole & {
          restored: Record<string, unknown>;
        }
      ).restored;
      expect(restored).toMatchObject(same);
      if (made !== undefined) expect(readFileSync(key, 'utf8')).toBe(made);
    }
    await diesWhileItBegins(dir);
  }, 240_000);

  /** The first start takes the book in: whenever that dies, it is one epoch and one book. */
  async function diesWhileItBegins(dir: string): Promise<void> {
    const config = join(dir, 'gateway.yaml');
    let died = 0;
    for (const dieAt of [2, 4, 6, 9]) {
      const { code, err, signal } = await edge(['--config', config], dieAt);
      if (signal === 'SIGKILL') died += 1;
      else expect(code, err).toBe(0);
    }
    expect(died).toBeGreaterThan(1);
    expect((await edge(['--config', config], 0)).code).toBe(0);
    const data = join(dir, 'data');
    const verified = await runTool({ part: 'edge', command: 'journal verify', options: { data } });
    expect(JSON.parse(verified)).toMatchObject({ chain: 'ok', epoch: 2 });
    const exported = await runTool({ part: 'edge', command: 'journal export', options: { data } });
    const books = exported.split('\n').filter((line) => line.includes('gateway.book-restored'));
    expect(books).toHaveLength(1);
  }
});
