import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHubSecrets, loadHubSecrets } from './hub-secrets.ts';
import { reloadNats } from './reload-nats.ts';
import { keepOrWriteSecret, readSecret } from './secret-file.ts';
import { writeAtomic } from './write-atomic.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-secret-'));
  file = join(folder, 'secret');
});
afterEach(() => rm(folder, { recursive: true }));

test('a secret is written for its owner alone, once', async () => {
  await keepOrWriteSecret(file, () => 'first');
  await keepOrWriteSecret(file, () => 'second');
  expect(await readSecret(file)).toBe('first');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a secret that others may read is not taken', async () => {
  await keepOrWriteSecret(file, () => 'open');
  for (const mode of [0o640, 0o604, 0o666]) {
    await chmod(file, mode);
    await expect(readSecret(file)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
  }
});

test('a hub without its keys, or with spoilt ones, does not come up as another', async () => {
  await expect(loadHubSecrets(folder)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
  const made = await createHubSecrets(folder, (size) => Buffer.alloc(size, 1));
  const { key, ...secrets } = await loadHubSecrets(folder);
  expect({ ...secrets, publicKey: key.publicKey }).toEqual({
    loginSeed: made.loginSeed,
    loginPublic: made.loginPublic,
    metricsToken: made.metricsToken,
    publicKey: made.key.publicKey,
  });
  for (const name of ['hub-signing.pem', 'hub-login.seed']) {
    const text = await readFile(join(folder, name));
    await writeFile(join(folder, name), 'spoilt');
    await expect(loadHubSecrets(folder)).rejects.toMatchObject({ code: 'IDENTITY_MISSING' });
    await writeFile(join(folder, name), text);
  }
});

test('a file is replaced whole, and nothing is left beside it', async () => {
  await writeAtomic(file, 'old');
  await writeAtomic(file, 'new', 0o640);
  expect(await readFile(file, 'utf8')).toBe('new');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  await expect(writeAtomic(join(folder, 'missing', 'file'), 'x')).rejects.toThrow(/ENOENT/);
  expect(await readdir(folder)).toEqual(['secret']);
});

test('only a nats-server is told to reload, whatever a pid file says', async () => {
  expect(await reloadNats(file)).toEqual({ reloaded: false, why: 'no pid file' });
  for (const text of ['', '1', '0', '-1', 'abc', String(process.pid)]) {
    await writeFile(file, text);
    expect(await reloadNats(file)).toMatchObject({ reloaded: false });
  }
});
