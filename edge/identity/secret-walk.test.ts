import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { profileOf } from '../../devices/registry.ts';
import { loadConfig } from '../config/load-config.ts';
import { hubPeopleFile } from '../floor/hub-people.ts';
import { FloorClient } from '../floor/testing/floor-site.ts';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { tempDir, until } from '../testing/test-parts.ts';
import { secretPlaces } from './secret-places.ts';

/** What lies in the data folder and opens nothing: whoever adds a file says here or there what it is. */
const holdsNoSecret = [
  // Books and what devices sent; of people only what they did.
  /^(?:intake|journal|evidence|feed)\.db(?:-wal|-shm)?$/,
  /^(?:gateway\.lock|intake-hold|reserved-room)/,
  // Config names files of secrets, never what is in them.
  /^(?:config-in-force|hub-config|downlink|epoch|refusals)\.json$/,
  /^evidence\//,
];

test('every file of a running gateway is one that holds no secret, or is listed', async () => {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as object;
  writeFileSync(
    setup.file,
    JSON.stringify({ ...config, floor: { peopleFile: 'keys/people.json' } }),
  );
  writeFileSync(join(dir, 'pin'), '402917', { mode: 0o600 });
  const options = ['--name', 'Mia', '--role', 'operator', '--password-file', 'pin'];
  const add = ['people', 'add', 'mia', '--config', setup.file, ...options];
  expect(await runCli(add, dir)).toMatchObject({ code: 0 });
  const before = await startGateway(setup);
  expect(await before.end('SIGTERM')).toBe(0);
  copyFileSync(join(dir, 'keys/people.json'), hubPeopleFile(setup.dataDir));
  const gateway = await startGateway(setup);
  expect((await new FloorClient(setup.httpPort).signIn('mia', '402917')).status).toBe(200);
  await until(() => existsSync(join(setup.dataDir, 'floor-sessions.json')));
  const there = filesIn(setup.dataDir);
  const inKeys = filesIn(join(dir, 'keys')).map((path) => join(dir, 'keys', path));
  await gateway.end('SIGTERM');

  const loaded = loadConfig(setup.file, profileOf);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.refusal));
  const places = secretPlaces(loaded.value, 0).map(({ path }) => path);
  const unlisted = there
    .filter((name) => !holdsNoSecret.some((one) => one.test(name)))
    .map((name) => join(setup.dataDir, name))
    .filter((path) => !places.includes(path));
  expect(unlisted).toEqual([]);
  expect(there).toEqual(expect.arrayContaining(['people-from-hub.json', 'floor-sessions.json']));
  const isListed = (path: string) => places.some((one) => path === one || path.startsWith(one));
  expect(inKeys.filter((path) => !isListed(path))).toEqual([]);
}, 60_000);

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => relative(folder, path));
}
