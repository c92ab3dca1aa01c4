import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appeared, JournalFixture } from './testing/journal-fixture.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { openTestStore } from './testing/test-hub.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let journal: JournalFixture;

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  journal = events(new JournalFixture('north', 'gw-1'), 20);
  await rig.welcome(journal);
});

afterEach(() => hub.close());

function events(into: JournalFixture, count: number, tag = 'A'): JournalFixture {
  for (let n = 0; n < count; n += 1) into.add(appeared(`${tag}${n % 10}`));
  return into;
}

describe('a hello', () => {
  test('of a new gateway begins its first epoch at the genesis', async () => {
    expect(await rig.hello(journal)).toMatchObject({
      state: 'open',
      epoch: 1,
      committed: 0,
      headHash: journal.hashAt(0),
      secured: 0,
    });
  });

  test('is answered with what is committed', async () => {
    await rig.apply(journal, journal.batch(1, 20));
    expect(await rig.hello(journal)).toMatchObject({ committed: 20, headHash: journal.headHash });
  });

  test('that newer batches overtook does not halt the lane', async () => {
    await rig.apply(journal, journal.batch(1, 20));
    const answer = await rig.hello(journal, journal.hello(1, 12));
    expect(answer).toMatchObject({ state: 'open', committed: 20 });
  });

  test('with another history at a recorded position halts the lane, and no new epoch frees it', async () => {
    await rig.apply(journal, journal.batch(1, 20));
    const clone = events(new JournalFixture('north', 'gw-1'), 15, 'B');
    expect(await rig.hello(clone)).toMatchObject({ state: 'halted', credit: 0, committed: 20 });
    expect(await rig.hello(journal)).toMatchObject({ state: 'halted' });
    const parent = { ordinal: 1, seq: 20, hash: journal.hashAt(20) };
    const next = new JournalFixture('north', 'gw-1', { parent });
    expect(await rig.hello(next)).toMatchObject({ state: 'halted', epoch: 1, committed: 20 });
  });

  test('of a new epoch that goes on from the last event here begins it', async () => {
    await rig.apply(journal, journal.batch(1, 20));
    const parent = { ordinal: 1, seq: 20, hash: journal.hashAt(20) };
    const next = new JournalFixture('north', 'gw-1', { parent });
    expect(await rig.hello(next)).toMatchObject({
      state: 'open',
      epoch: 2,
      committed: 0,
      headHash: next.hashAt(0),
    });
  });

  test('of a new epoch that branches behind the last event here is refused', async () => {
    await rig.apply(journal, journal.batch(1, 20));
    const parent = { ordinal: 1, seq: 18, hash: journal.hashAt(18) };
    const next = new JournalFixture('north', 'gw-1', { parent });
    expect(await rig.hello(next)).toMatchObject({ state: 'halted', epoch: 1, committed: 20 });
    expect(await rig.hello(journal)).toMatchObject({ state: 'open', committed: 20 });
  });

  test('of an epoch that branches from what is not recorded is refused, and the lane stays', async () => {
    await rig.apply(journal, journal.batch(1, 10));
    const parent = { ordinal: 1, seq: 15, hash: journal.hashAt(15) };
    const next = new JournalFixture('north', 'gw-1', { parent });
    expect(await rig.hello(next)).toMatchObject({ state: 'halted', epoch: 1, committed: 10 });
    expect(await rig.hello(journal)).toMatchObject({ state: 'open', committed: 10 });
  });

  test('of an ended epoch is refused', async () => {
    const parent = { ordinal: 1, seq: 0, hash: journal.hashAt(0) };
    await rig.hello(new JournalFixture('north', 'gw-1', { parent }));
    expect(await rig.hello(journal)).toMatchObject({ state: 'halted', epoch: 2 });
  });

  test('of a box that began its own first epoch is refused', async () => {
    const box = new JournalFixture('north', 'gw-1', { id: 'c'.repeat(32) });
    expect(await rig.hello(box)).toMatchObject({ state: 'halted', reason: /clone/ });
    expect(await rig.hello(journal)).toMatchObject({ state: 'open' });
  });

  test('of a gateway that no longer keeps what the hub needs is refused with why', async () => {
    await rig.apply(journal, journal.batch(1, 5));
    expect(await rig.hello(journal, journal.hello(9))).toMatchObject({
      state: 'halted',
      reason: 'the gateway keeps events from 9, the hub needs them from 6',
    });
    expect(await rig.hello(journal, journal.hello(6))).toMatchObject({ state: 'open' });
  });

  test('with a signature of another key is refused', async () => {
    const forged = JSON.parse(journal.hello()) as { signature: string };
    forged.signature = new JournalFixture('south', 'gw-2').sign('something');
    expect(await rig.hello(journal, JSON.stringify(forged))).toMatchObject({
      state: 'halted',
      reason: /not signed/,
    });
  });

  test('for another site than the registered one is refused', async () => {
    const moved = new JournalFixture('south', 'gw-1');
    expect(await rig.hello(moved)).toMatchObject({ state: 'halted', reason: /not registered/ });
  });

  test('that is no hello is not answered', async () => {
    expect(await rig.hello(journal, '{"v":1}')).toBeUndefined();
    expect(await rig.hello(journal, 'x'.repeat(20_000))).toBeUndefined();
  });
});
