import { afterEach, beforeEach, expect, test } from 'vitest';
import { queryOutages } from '../projections/outages-query.ts';
import { laneReport, releaseLane } from './release-lane.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { appeared, JournalFixture } from './testing/journal-fixture.ts';
import { committedOf, openTestStore } from './testing/test-hub.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let journal: JournalFixture;
const decision = { gateway: 'gw-1', by: 'eng-7', reason: 'the clone was shut down' };

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  journal = new JournalFixture('north', 'gw-1').add(appeared('AA'), appeared('BB'));
  await rig.welcome(journal);
  await rig.apply(journal, journal.batch(1, 2));
});
afterEach(() => hub.close());

/** A box that was restored from an image, and went on by itself. */
const clone = () => new JournalFixture('north', 'gw-1').add(appeared('AA'), appeared('CC'));

async function report() {
  const read = await laneReport(hub.store, 'gw-1');
  if (!read.ok) throw new Error(read.refusal.message);
  return read.value;
}

test('a halted lane that a person releases goes on from where it stands, and all evidence stays', async () => {
  await rig.apply(journal, clone().batch(1, 2));
  const halted = await report();
  expect(halted).toMatchObject({
    state: 'halted',
    committed: 2,
    aside: [{ reason: 'fork' }],
    releases: [],
  });
  journal.add(appeared('DD'));
  expect(await rig.apply(journal, journal.batch(3, 3))).toMatchObject({ refused: 1 });
  expect(await releaseLane(hub.store, rig.clock, decision)).toMatchObject({
    ok: true,
    value: { committed: 2, haltedReason: halted.reason, by: 'eng-7' },
  });
  // Another process did that: the book follows when it looks.
  expect(rig.book.lane('gw-1')?.halted).toBe(true);
  expect(await rig.book.loadReleases()).toEqual(['gw-1']);
  expect(await rig.hello(journal)).toMatchObject({ state: 'open', committed: 2 });
  await rig.apply(journal, journal.batch(3, 3));
  expect(await committedOf(hub.store, 'gw-1')).toBe(3);
  expect(await report()).toMatchObject({
    state: 'open',
    reason: null,
    aside: halted.aside,
    releases: [{ by: 'eng-7', committed: 2, haltedReason: halted.reason }],
  });
});

test('who still brings another history halts it again, and nothing of that is taken', async () => {
  await rig.apply(journal, clone().batch(1, 2));
  await releaseLane(hub.store, rig.clock, decision);
  await rig.book.loadReleases();
  expect(await rig.hello(clone())).toMatchObject({ state: 'halted' });
  const further = clone().add(appeared('EE'));
  expect(await rig.apply(journal, further.batch(3, 3))).toMatchObject({ events: 0 });
  expect(await committedOf(hub.store, 'gw-1')).toBe(2);
  expect(await report()).toMatchObject({ state: 'halted' });
});

test('there is nothing to release where a lane is open, or unknown', async () => {
  expect(await releaseLane(hub.store, rig.clock, decision)).toMatchObject({
    refusal: { code: 'CONFLICT' },
  });
  const unknown = { ...decision, gateway: 'gw-2' };
  expect(await releaseLane(hub.store, rig.clock, unknown)).toMatchObject({
    refusal: { code: 'NOT_FOUND' },
  });
  expect(await laneReport(hub.store, 'gw-2')).toMatchObject({ refusal: { code: 'NOT_FOUND' } });
});

test('a halt is an outage from its beginning until a person ended it, with who and why', async () => {
  const outages = async (query: Parameters<typeof queryOutages>[1] = {}) =>
    (await queryOutages({ store: hub.store, clock: rig.clock, gateways: () => [] }, query)).outages;
  await rig.apply(journal, clone().batch(1, 2));
  const { since, reason } = await report();
  const halt = { type: 'lane', gateway: 'gw-1', site: 'north', startedAt: since, cause: reason };
  expect(await outages()).toMatchObject([{ ...halt, state: 'halted', endedAt: null }]);
  expect(await outages({ type: 'uplink,lane' })).toHaveLength(1);
  expect(await outages({ type: 'uplink,gateway' })).toEqual([]);
  expect(await outages({ type: 'lane', site: 'south' })).toEqual([]);
  await releaseLane(hub.store, { monotonicMs: () => 0, nowMs: () => since + 5_000 }, decision);
  const { by, reason: why } = decision;
  expect(await outages({ limit: 1 })).toMatchObject([
    { ...halt, state: 'closed', endedAt: since + 5_000, release: { by, reason: why } },
  ]);
});
