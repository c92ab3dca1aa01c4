import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { openTestStore } from '../intake/testing/test-hub.ts';
import { accessStoreOf, type AccessStore } from './access-store.ts';
import { accessMigrations } from './access-tables.ts';
import { createPeople } from './people.ts';
import { Sessions } from './sessions.ts';

const limits = { idleMs: 1000 * 60 * 10, absoluteMs: 1000 * 60 * 60 };
const actor = { username: 'ada', role: 'administrator' as const };
const random = (size: number) => randomBytes(size);

let opened: Awaited<ReturnType<typeof openTestStore>>;
let store: AccessStore;
let nowMs: number;
let sessions: Sessions;
const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs };

beforeEach(async () => {
  nowMs = 1_700_000_000_000;
  opened = await openTestStore();
  await opened.store.write(async ({ db }) => {
    for (const migration of accessMigrations) await migration.up(db);
  });
  store = accessStoreOf(opened.store);
  sessions = new Sessions({ store, clock, random, limits });
  const hash = { password_hash: 'none', password_changed_at: 0, created_at: 0 };
  await store.write((db) =>
    db
      .insertInto('access_person')
      .values({ ...actor, ...hash })
      .execute(),
  );
});
afterEach(() => opened.close());

test('the store holds the hash of a token and never the token', async () => {
  const { token } = await sessions.open(actor);
  const rows = await store.read.selectFrom('access_session').selectAll().execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(await sessions.use(token)).toMatchObject(actor);
  expect(await sessions.use(rows[0]?.token_hash ?? '')).toBeUndefined();
});

test('asking whether a session holds does not prolong it; using it does', async () => {
  const { token, session } = await sessions.open(actor);
  nowMs += limits.idleMs - 1;
  expect(await sessions.holds(session.id)).toBe(true);
  expect(await sessions.use(token)).toBeDefined();
  nowMs += limits.idleMs - 1;
  expect(await sessions.holds(session.id)).toBe(true);
  nowMs += 1;
  expect(await sessions.holds(session.id)).toBe(false);
});

test('what has run out is deleted, what holds is kept', async () => {
  await sessions.open(actor);
  nowMs += limits.idleMs;
  const { session } = await sessions.open(actor);
  await sessions.prune();
  const rows = await store.read.selectFrom('access_session').select('token_hash').execute();
  expect(rows).toEqual([{ token_hash: session.id }]);
});

test('ending a session tells who listens, until they stop', async () => {
  const { session } = await sessions.open(actor);
  const ended: string[] = [];
  const stop = sessions.onEnded((id) => ended.push(id));
  await sessions.end(session.id);
  stop();
  await sessions.end(session.id);
  expect(ended).toEqual([session.id]);
});

test('on a full disk people read on, and the session is only not prolonged', async () => {
  const { token } = await sessions.open(actor);
  const full: AccessStore = {
    read: store.read,
    write: () => Promise.reject(new Fault('STORE_FULL', 'full')),
  };
  const reading = new Sessions({ store: full, clock, random, limits });
  nowMs += limits.idleMs - 1;
  expect(await reading.use(token)).toMatchObject(actor);
  nowMs += 1;
  expect(await reading.use(token)).toBeUndefined();
  await expect(reading.open(actor)).rejects.toMatchObject({ code: 'STORE_FULL' });
});

test('who has a role that this hub does not know is not signed in', async () => {
  const { token } = await sessions.open(actor);
  await store.write((db) => db.updateTable('access_person').set({ role: 'wizard' }).execute());
  expect(await sessions.use(token)).toBeUndefined();
  const people = createPeople({ store, clock, random });
  expect(await people.find('ada')).toBeUndefined();
});
