import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestLog, tempDir } from '../testing/test-parts.ts';
import { RefusalFile } from './refusal-file.ts';
import { RefusalLog } from './refusal-log.ts';

const client = { reason: 'wrong-password', username: 'a', address: '10.0.0.1' } as const;

test('a client that is refused again and again is one entry with its count, the latest first', () => {
  const log = new RefusalLog();
  log.note({ ...client, clientId: 'one' }, 1);
  log.note({ ...client, clientId: 'two' }, 2);
  log.note({ ...client, clientId: 'one' }, 3);
  expect(log.list()).toMatchObject([
    { clientId: 'one', count: 2, lastMs: 3 },
    { clientId: 'two', count: 1, lastMs: 2 },
  ]);
});

test('no flood of names makes it grow: the oldest goes, and long names are cut', () => {
  const log = new RefusalLog();
  for (let at = 0; at < 500; at += 1)
    log.note({ ...client, clientId: `${at}-${'x'.repeat(1e4)}` }, at);
  expect(log.list()).toHaveLength(200);
  expect(log.list()[0]).toMatchObject({ lastMs: 499 });
  expect(JSON.stringify(log.list()).length).toBeLessThan(60_000);
});

test('no flood of invented names, nor of another device, takes away what a device was refused', () => {
  const log = new RefusalLog();
  log.note({ ...client, clientId: 'mine', device: 'a' }, 1);
  for (let at = 2; at < 500; at += 1) {
    log.note({ ...client, reason: 'unknown-user', username: `${at}`, clientId: '' }, at);
    log.note({ ...client, clientId: `${at}`, device: 'b' }, at);
  }
  expect(log.list()).toHaveLength(200 + 5 + 1);
  expect(log.list().at(-1)).toMatchObject({ device: 'a', clientId: 'mine' });
});

test('what a device was refused outlives the process, with a write each ten minutes at most', () => {
  const path = join(tempDir(), 'refusals.json');
  const log = new RefusalLog();
  const file = new RefusalFile(path, createTestLog().log);
  file.readInto(log);
  file.write(log, undefined);
  expect(existsSync(path)).toBe(false);
  const written = () => (JSON.parse(readFileSync(path, 'utf8')) as { refused: unknown[] }).refused;
  log.note({ ...client, clientId: 'one', device: 'a' }, 1);
  log.note({ ...client, reason: 'unknown-user', clientId: 'two' }, 2);
  file.write(log, 60_000);
  expect(written()).toMatchObject([{ device: 'a', clientId: 'one' }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  log.note({ ...client, clientId: 'three', device: 'a' }, 3);
  file.write(log, 659_999);
  expect(written()).toHaveLength(1);
  file.write(log, 660_000);
  expect(written()).toHaveLength(2);
  log.note({ ...client, clientId: 'four', device: 'b' }, 4);
  file.write(log, undefined);
  const after = new RefusalLog();
  new RefusalFile(path, createTestLog().log).readInto(after);
  expect(after.list()).toEqual(log.list().filter(({ device }) => device !== undefined));
  after.note({ ...client, clientId: 'one', device: 'a' }, 5);
  expect(after.list()[0]).toMatchObject({ clientId: 'one', count: 2 });
});

test('a file of refusals that cannot be read is said, and costs nothing else', () => {
  const path = join(tempDir(), 'refusals.json');
  for (const text of ['{', '{"v":1,"refused":[{"reason":"x"}]}']) {
    writeFileSync(path, text);
    const { log, said } = createTestLog();
    const refusals = new RefusalLog();
    new RefusalFile(path, log).readInto(refusals);
    expect(refusals.list()).toEqual([]);
    expect(said).toMatchObject([{ msg: 'broker.refusals-unreadable' }]);
  }
});
