import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeFleet, queryRecorded } from '../projections/fleet-query.ts';
import { keptForEach, queryQuarantine } from './quarantine.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { appeared, JournalFixture, type SaidEvent } from './testing/journal-fixture.ts';
import { openTestStore, takeOutageId } from './testing/test-hub.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let journal: JournalFixture;

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  journal = new JournalFixture('north', 'gw-1');
  await rig.welcome(journal);
});

afterEach(() => hub.close());

const poison: SaidEvent = { kind: 'tag.appeared', payload: { epc: 'zz' } };

async function counts(): Promise<string[]> {
  const rows = await queryQuarantine(hub.store.read);
  return rows.map(({ gateway, reason, total, kept }) => `${gateway}/${reason} ${total} ${kept}`);
}

async function kept(): Promise<string[]> {
  const rows = await hub.store.read
    .selectFrom('lane_quarantine')
    .select('head')
    .orderBy('received_at')
    .execute();
  return rows.map(({ head }) => Buffer.from(head).toString());
}

describe('the count of what is put aside', () => {
  test('is that of what was committed, not of what was tried', async () => {
    // The same group carries an event that cannot be recorded.
    journal.add({ kind: 'device.silent', device: 'r1', payload: { allowedMs: 9 } });
    await takeOutageId(hub.store, 'gw-1/1/1');
    const bad = Buffer.from('bad');
    await expect(rig.apply(journal, bad, journal.batch(1, 1))).rejects.toThrow('UNIQUE');
    expect(await counts()).toEqual([]);
    await rig.apply(journal, bad);
    expect(await counts()).toEqual(['gw-1/malformed 1 1']);
  });

  test('goes on after a restart and beyond what is kept, which is what came first', async () => {
    for (let from = 0; from < keptForEach + 50; from += 50) {
      const messages = Array.from({ length: 50 }, (_, n) => Buffer.from(`bad ${from + n}`));
      // As after a restart: nothing is remembered.
      const again = new IntakeRig(hub.store);
      await again.book.load();
      again.clock.advance(from * 1_000);
      await again.apply(journal, ...messages);
    }
    expect(await counts()).toEqual([`gw-1/malformed ${keptForEach + 50} ${keptForEach}`]);
    const heads = await kept();
    expect(heads).toHaveLength(keptForEach);
    expect(heads).toContain('bad 0');
    expect(heads).not.toContain(`bad ${keptForEach}`);
  });

  test('stands for itself for each reason, so that a flood of one hides no other', async () => {
    const flood = Array.from({ length: keptForEach + 5 }, (_, n) => Buffer.from(`bad ${n}`));
    await rig.apply(journal, ...flood);
    journal.add(appeared('A1'));
    const clone = new JournalFixture('north', 'gw-1').add(appeared('B1'));
    await rig.apply(journal, journal.batch(1, 1));
    await rig.apply(clone, clone.batch(1, 1));
    expect(await counts()).toEqual([
      'gw-1/fork 1 1',
      `gw-1/malformed ${keptForEach + 5} ${keptForEach}`,
    ]);
  });

  test('takes each time that the same message came, and keeps it once', async () => {
    const bad = Buffer.from('bad');
    await rig.apply(journal, bad, bad);
    await rig.apply(journal, bad);
    expect(await counts()).toEqual(['gw-1/malformed 3 1']);
  });

  test('takes poison events, and says of the last one what is wrong also when it is not kept', async () => {
    journal.add(...Array.from({ length: keptForEach }, () => poison));
    journal.addRaw({ header: 'not even JSON', payload: '{}' });
    await rig.apply(journal, journal.batch(1, journal.seq));
    expect(await counts()).toEqual([`gw-1/poison ${keptForEach + 1} ${keptForEach}`]);
    const [row] = await queryQuarantine(hub.store.read);
    expect(row?.last_detail).toContain('header');
  });

  test('of senders that are not registered is one, whatever names they invent', async () => {
    for (const name of ['gw-7', 'gw-8']) {
      const stranger = new JournalFixture('south', name).add(appeared('A1'));
      await rig.apply(stranger, stranger.batch(1, 1));
    }
    expect(await counts()).toEqual(['/unknown-gateway 2 2']);
  });

  test('shows on the row of its gateway, which is told to have changed', async () => {
    const group = await rig.apply(journal, Buffer.from('bad'));
    expect(group.changes).toContainEqual({ topic: 'fleet', sites: ['north'] });
    const view = { site: 'north', gateway: 'gw-1', lane: rig.book.lane('gw-1'), now: undefined };
    const fleet = describeFleet([view], await queryRecorded(hub.store), 1);
    expect(fleet.gateways).toMatchObject([{ gateway: 'gw-1', quarantinedAtHub: 1 }]);
  });
});
