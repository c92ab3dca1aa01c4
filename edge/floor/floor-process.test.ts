import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { floorPaths, type FloorStock } from '#contracts/api/floor-api.ts';
import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';
import { FloorClient } from './testing/floor-site.ts';

test('a gateway as it runs lets somebody in and takes what they did through a kill', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as object;
  writeFileSync(
    setup.file,
    JSON.stringify({ ...config, floor: { peopleFile: 'keys/people.json' } }),
  );
  writeFileSync(join(dir, 'pin'), '402917', { mode: 0o600 });
  const options = ['--name', 'Mia', '--role', 'operator', '--password-file', 'pin'];
  const added = await runCli(['people', 'add', 'mia', '--config', setup.file, ...options], dir);
  expect(added).toMatchObject({ code: 0 });

  const gateway = await startGateway(setup);
  const mia = new FloorClient(setup.httpPort);
  expect((await mia.signIn('mia', '402917')).status).toBe(200);
  const what = { goods: { item: 'screw-m4', quantity: 12 } };
  const act = { id: 'act-000001', type: 'receive', zone: 'zone-reader-0', what } as const;
  const answer = await mia.act(act);
  expect(answer).toMatchObject({ outcome: 'applied', events: [{ kind: 'stock.received' }] });
  const { hub, queuedEvents } = await mia.get<FloorBanner>(floorPaths.banner);
  expect(hub.state).toBe('away');
  expect(queuedEvents).toBeGreaterThan(1);
  await until(() => existsSync(join(setup.dataDir, 'floor-sessions.json')));
  expect(await gateway.end('SIGKILL')).toBe('SIGKILL');

  await startGateway(setup);
  // Who was signed in still is, and goes on where they were.
  expect(await mia.act(act)).toMatchObject({ outcome: 'applied', repeated: true });
  const { rows } = await mia.get<FloorStock>(floorPaths.stock);
  expect(rows).toMatchObject([{ zone: 'zone-reader-0', quantity: 12 }]);
}, 30_000);
