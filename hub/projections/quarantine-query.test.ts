import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JournalFixture, type SaidEvent } from '../intake/testing/journal-fixture.ts';
import { IntakeRig } from '../intake/testing/intake-rig.ts';
import { openTestStore } from '../intake/testing/test-hub.ts';
import { queryGatewayQuarantine } from './quarantine-query.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
});
afterEach(() => hub.close());

const startMs = Date.UTC(2026, 0, 5, 8);
const sha256 = 'a'.repeat(64);
const unread = (device: string, reason: string): SaidEvent => ({
  kind: 'device.quarantined',
  device,
  payload: { bytes: 12, reason, sha256 },
});

test('messages that a gateway could not read are told by device and reason', async () => {
  const setAside = {
    kind: 'gateway.entry-set-aside',
    payload: { bytes: 3, entry: 'tick', sha256 },
  };
  const journal = new JournalFixture('north', 'gw-1').add(
    unread('dock', 'malformed'),
    unread('dock', 'wrong-topic'),
    unread('dock', 'malformed'),
    setAside,
  );
  const other = new JournalFixture('south', 'gw-2').add(unread('gate', 'oversized'));
  for (const [of, last] of [
    [journal, 4],
    [other, 1],
  ] as const) {
    await rig.welcome(of);
    await rig.apply(of, of.batch(1, last));
  }
  expect(await queryGatewayQuarantine(hub.store, 'gw-1', 9)).toEqual({
    asOfMs: 9,
    gateway: 'gw-1',
    unread: [
      { device: 'dock', reason: 'malformed', count: 2, lastAt: startMs + 3000 },
      { device: null, reason: 'gateway-fault', count: 1, lastAt: startMs + 4000 },
      { device: 'dock', reason: 'wrong-topic', count: 1, lastAt: startMs + 2000 },
    ],
    atHub: [],
  });
  expect((await queryGatewayQuarantine(hub.store, 'nobody', 9)).unread).toEqual([]);
});

test('what the hub put aside of it is told with its last detail', async () => {
  const poison = unread('dock', 'malformed');
  const journal = new JournalFixture('north', 'gw-1').add({ ...poison, payload: { bytes: -1 } });
  await rig.welcome(journal);
  await rig.apply(journal, journal.batch(1, 1));
  const { atHub, unread: none } = await queryGatewayQuarantine(hub.store, 'gw-1', 9);
  expect(none).toEqual([]);
  expect(atHub).toMatchObject([{ reason: 'poison', count: 1 }]);
  expect(atHub[0]?.lastDetail).not.toBe('');
});

test('only the events it is about are read, however long the journal is', async () => {
  const { rows } = await sql<{ detail: string }>`explain query plan
    select device from journal_event
    where kind in ('device.quarantined', 'gateway.entry-set-aside') and gateway = ${'gw-1'}`.execute(
    hub.store.read,
  );
  expect(rows.map(({ detail }) => detail).join()).toContain('journal_event_quarantined');
});
