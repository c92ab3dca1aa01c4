import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setUpGateway, runCli, startGateway } from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';

test('a scan that was answered outlives a kill, and its repetition is said once', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  writeFileSync(join(dir, 'keys', 'gun.token'), 'gun-1-token\n', { mode: 0o600 });
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as { devices: unknown[] };
  const gun = { id: 'gun-1', profile: 'http-scanner', http: { tokenFile: 'keys/gun.token' } };
  config.devices.push({ ...gun, buffers: true, silentAfterMs: 60_000 });
  writeFileSync(setup.file, JSON.stringify(config));
  const post = async () => {
    const answer = await fetch(`http://127.0.0.1:${setup.httpPort}/scans`, {
      method: 'POST',
      body: JSON.stringify({ id: 'scan-0001', code: '4006381333931' }),
      headers: { authorization: 'Bearer gun-1-token' },
    });
    return answer.status;
  };
  const first = await startGateway(setup);
  expect(await post()).toBe(200);
  await first.end('SIGKILL');
  const second = await startGateway(setup);
  expect(await post()).toBe(200);
  await until(async () => (await second.health()).intake.backlog === 0);
  const answer = await fetch(`http://127.0.0.1:${setup.httpPort}/devices`, {
    headers: { authorization: `Bearer ${setup.token}` },
  });
  const { devices } = (await answer.json()) as { devices: { device: string }[] };
  expect(devices.find(({ device }) => device === 'gun-1')).toMatchObject({
    connected: true,
    covered: true,
    profile: 'http-scanner',
    quarantined: 0,
  });
  await second.end('SIGTERM');
  const { stdout } = await runCli(['journal', 'export', '--data', setup.dataDir], dir);
  const said = stdout.split('\n').filter((line) => line.includes('scan.read'));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('04006381333931');
}, 60_000);
