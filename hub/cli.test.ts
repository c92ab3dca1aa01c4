import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { stockPage } from '#contracts/api/stock-api.ts';
import { validate } from '#contracts/validate.ts';
import type { InitResult } from './provision/init-hub.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { startNats } from './provision/testing/nats-process.ts';
import { startHubProcess } from './testing/hub-process.ts';

const { natsServer } = inject('programs');

let folder: string;
let hub: InitResult;
let initSaid: string;

const started: ReturnType<typeof startHubProcess>[] = [];
function start(...typed: string[]) {
  const process = startHubProcess(folder, ...typed);
  started.push(process);
  return process;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.stop('SIGKILL')));
});
const signIn = () =>
  fetch(new URL(apiPaths.session, hub.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', [csrfHeader]: '1' },
    body: JSON.stringify(hub.administrator),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  const httpPort = String(await freePort());
  const natsPort = String(await freePort());
  const init = start('init', '--dir', 'hub', '--http-port', httpPort, '--nats-port', natsPort);
  const { stdout, stderr } = await init.ended;
  hub = JSON.parse(stdout) as InitResult;
  initSaid = stderr;
}, 30_000);
afterAll(() => rm(folder, { recursive: true }));

describe('the hub as a process', () => {
  test('is set up with words for a person, not log lines', () => {
    expect(initSaid).toMatch(/^The hub is set up: /);
    expect(initSaid).not.toContain('{');
  });

  test('serves without NATS, and stops in order', async () => {
    const running = start('--config', 'hub/hub.yaml');
    await running.said('hub.started');
    const health = await fetch(new URL(apiPaths.health, hub.url));
    expect(await health.json()).toEqual({
      status: 'degraded',
      store: 'ok',
      nats: 'away',
      lanes: 'ok',
    });
    const signedIn = await signIn();
    expect(signedIn.status).toBe(200);
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const stock = await fetch(new URL(apiPaths.stock, hub.url), { headers: { cookie } });
    expect(validate(stockPage, await stock.json()).ok).toBe(true);

    const { code, stdout, stderr } = await running.stop('SIGTERM');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('hub.stopped');
    expect(stderr).not.toContain(hub.administrator.password);
  }, 60_000);

  test.skipIf(natsServer === '')(
    'takes nats-server up when it comes',
    async () => {
      const running = start('--config', 'hub/hub.yaml');
      await running.said('hub.started');
      const nats = await startNats(hub.natsConfig);
      await running.said('intake.session-began');
      const token = (await readFile(join(folder, 'hub/keys/metrics.token'), 'utf8')).trim();
      const headers = { authorization: `Bearer ${token}` };
      const metrics = await fetch(new URL(apiPaths.metrics, hub.url), { headers });
      expect(await metrics.text()).toContain('holdfast_hub_nats_connected 1');
      await nats.stop();
      expect((await running.stop('SIGTERM')).code).toBe(0);
    },
    60_000,
  );

  test('brings the rights at nats-server up to date as it starts, and no file that is not its own', async () => {
    const written = await readFile(hub.natsConfig, 'utf8');
    const former = written.replace(/, "hf\.1\.main\.\*\.\*\.nudge"/, '');
    expect(former).not.toBe(written);
    await writeFile(hub.natsConfig, former);
    const renewing = start('--config', hub.config);
    await renewing.said('hub.started');
    expect(await readFile(hub.natsConfig, 'utf8')).toBe(written);
    expect((await renewing.stop('SIGTERM')).stderr).toContain('nats.config-renewed');

    const foreign = `# Kept by hand.\n${former}`;
    await writeFile(hub.natsConfig, foreign);
    const leaving = start('--config', hub.config);
    await leaving.said('hub.started');
    expect(await readFile(hub.natsConfig, 'utf8')).toBe(foreign);
    expect((await leaving.stop('SIGTERM')).stderr).toContain('nats.config-not-ours');
    await writeFile(hub.natsConfig, written);
    const current = start('--config', hub.config);
    await current.said('hub.started');
    expect((await current.stop('SIGTERM')).stderr).not.toContain('nats.config');
  }, 60_000);

  test('is the only one on its store, and starts again after SIGKILL', async () => {
    const first = start('run', '--config', hub.config);
    await first.said('hub.started');
    const second = await start('run', '--config', hub.config).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('CONFLICT');
    await first.stop('SIGKILL');
    const third = start('run', '--config', hub.config);
    await third.said('hub.started');
    expect((await signIn()).status).toBe(200);
    expect((await third.stop('SIGINT')).code).toBe(0);
  }, 60_000);

  test('with a faulty config says every fault and ends with 2', async () => {
    const text = await readFile(hub.config, 'utf8');
    const bad = text
      .replace('tenant: main', 'tenant: 7')
      .replace('host: 127.0.0.1', 'host: 0.0.0.0');
    await writeFile(join(folder, 'bad.yaml'), bad);
    const { code, stdout, stderr } = await start('--config', 'bad.yaml').ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('/tenant (line 2:1): does not fit, found 7. Use a name');
    expect(stderr).toContain('/http/host (line');
  }, 30_000);

  test('whose port is taken says so and ends', async () => {
    const running = start('run', '--config', hub.config);
    await running.said('hub.started');
    const other = start('init', '--dir', 'other', '--http-port', new URL(hub.url).port);
    const { config } = JSON.parse((await other.ended).stdout) as InitResult;
    const { code, stderr } = await start('run', '--config', config).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('UNAVAILABLE: cannot listen on');
    await running.stop('SIGTERM');
  }, 60_000);
});
