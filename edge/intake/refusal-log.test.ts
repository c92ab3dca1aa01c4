import { expect, test } from 'vitest';
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
