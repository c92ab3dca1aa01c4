import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../system-clock.ts';
import type { Migration } from './migration.ts';
import { peekStore } from './peek-store.ts';
import { openStore } from './store.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-peek-'));
  file = join(folder, 'hub.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

const later: Migration = { id: 'later-1', up: () => Promise.resolve() };
const open = (migrations: readonly Migration[]) =>
  openStore({ file, clock: systemClock, log: pino({ level: 'silent' }), migrations });

test('a store that can be made, or opened, beside a hub or not, is fine, and nothing is left', async () => {
  await peekStore(join(folder, 'new/data/hub.sqlite'), []);
  expect(await readdir(folder)).toEqual([]);
  const store = await open([]);
  await peekStore(file, []);
  await store.close();
  await peekStore(file, []);
  expect(await readdir(folder)).toEqual(['hub.sqlite']);
});

test('a store of a newer hub, and what is no store, are refused', async () => {
  await (await open([later])).close();
  await expect(peekStore(file, [])).rejects.toMatchObject({ code: 'STORE_VERSION' });
  await peekStore(file, [later]);
  await writeFile(file, 'no database at all, only text');
  await expect(peekStore(file, [])).rejects.toMatchObject({ code: 'STORE_BROKEN' });
  const below = join(file, 'hub.sqlite');
  await expect(peekStore(below, [])).rejects.toMatchObject({ code: 'STORE_BROKEN' });
});
