import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { eventHash } from '#contracts/chain.ts';
import { appeared, JournalFixture, posted } from './testing/journal-fixture.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { committedOf, fingerprint, openTestStore } from './testing/test-hub.ts';
import { unpark } from './unpark.ts';
import { sha256Hex } from './wire-crypto.ts';

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

async function states(): Promise<string[]> {
  const rows = await hub.store.read
    .selectFrom('journal_event')
    .select(['seq', 'state'])
    .orderBy('position')
    .execute();
  return rows.map((row) => `${row.seq} ${row.state}`);
}

async function quarantine() {
  return await hub.store.read
    .selectFrom('lane_quarantine')
    .select(['id', 'gateway', 'reason', 'detail', 'bytes'])
    .orderBy('id')
    .execute();
}

async function stockOf(item: string): Promise<number> {
  const rows = await hub.store.read
    .selectFrom('stock')
    .select('quantity')
    .where('item', '=', item)
    .where('quantity', '>', 0)
    .execute();
  return rows.reduce((sum, row) => sum + row.quantity, 0);
}

describe('applying batches', () => {
  test('redelivered, repeated and overlapping batches change nothing', async () => {
    journal.add(posted('a', 3), posted('b', 5), posted('a', 2), posted('b', 1));
    const all = journal.batch(1, 4);
    await rig.apply(journal, journal.batch(1, 2), journal.batch(1, 2), journal.batch(2, 3));
    await rig.apply(journal, all, all);
    const before = await fingerprint(hub.store);
    const again = await rig.apply(journal, all, journal.batch(1, 1), journal.batch(3, 4));
    expect(again).toMatchObject({ events: 0, duplicates: 3 });
    expect(await fingerprint(hub.store)).toBe(before);
    expect([await stockOf('a'), await stockOf('b')]).toEqual([5, 6]);
    expect(await states()).toEqual(['1 applied', '2 applied', '3 applied', '4 applied']);
  });

  test('batches of several gateways stand in one transaction', async () => {
    const other = new JournalFixture('south', 'gw-2').add(posted('c', 4));
    journal.add(posted('a', 3));
    await rig.welcome(other);
    const group = await rig.applyAll(
      { journal, data: journal.batch(1, 1) },
      { journal: other, data: other.batch(1, 1) },
    );
    expect(group.events).toBe(2);
    expect(group.changes).toContainEqual({ topic: 'stock', sites: ['north', 'south'] });
  });

  test('a transaction that fails leaves cursor and tables as they were', async () => {
    journal.add(posted('a', 3), posted('a', 4));
    await rig.apply(journal, journal.batch(1, 1));
    const before = await fingerprint(hub.store);
    await hub.store.write(async ({ db }) => {
      const taken = { position: 2, line: 1, site: 'x', account: 'x', zone: '', status: '' };
      await db
        .insertInto('ledger_line')
        .values({
          ...taken,
          customs: '',
          owner: '',
          item: '',
          lot: '',
          handling_unit: '',
          quantity: 1,
          serials: null,
        })
        .execute();
    });
    await expect(rig.apply(journal, journal.batch(2, 2))).rejects.toThrow('UNIQUE');
    await hub.store.write(async ({ db }) => {
      await db.deleteFrom('ledger_line').where('site', '=', 'x').execute();
    });
    expect(await fingerprint(hub.store)).toBe(before);
    expect(await committedOf(hub.store, 'gw-1')).toBe(1);
    await rig.apply(journal, journal.batch(2, 2));
    expect(await stockOf('a')).toBe(7);
  });

  test('events that make no sense are put aside one by one, and the lane goes on', async () => {
    const unbalanced = posted('a', 3);
    (unbalanced.payload as { lines: { quantity: number }[] }).lines[1] = {
      ...(unbalanced.payload as { lines: { quantity: number }[] }).lines[1],
      quantity: 4,
    };
    journal.add(posted('a', 1), unbalanced, { kind: 'tag.appeared', payload: { epc: 'zz' } });
    journal.addRaw({ header: 'not even JSON', payload: '{}' });
    const misplaced = journal.events[0]?.header.replace('"seq":1', '"seq":77') ?? '';
    journal.addRaw({ header: misplaced, payload: journal.events[0]?.payload ?? '' });
    journal.add(posted('a', 10));
    const group = await rig.apply(journal, journal.batch(1, 6));
    expect(group).toMatchObject({ events: 6, poison: 4 });
    expect(await stockOf('a')).toBe(11);
    const put = await quarantine();
    expect(put.map((row) => row.id)).toEqual(['gw-1/1/2', 'gw-1/1/3', 'gw-1/1/4', 'gw-1/1/5']);
    expect(put[0]?.detail).toContain('sum to 1');
    expect(await committedOf(hub.store, 'gw-1')).toBe(6);
  });

  test('a quantity beyond exact integers is put aside, not rounded', async () => {
    const huge = posted('a', 1);
    const text = encodeCanonical(huge.payload).replaceAll(/"quantity":-?1/g, (found) =>
      found.includes('-') ? '"quantity":-1e300' : '"quantity":1e300',
    );
    journal.add(posted('a', 1));
    journal.addRaw({
      header: journal.events[0]?.header.replace('"seq":1', '"seq":2') ?? '',
      payload: text,
    });
    const group = await rig.apply(journal, journal.batch(1, 2));
    expect(group.poison).toBe(1);
  });

  test('the chain covers an erased payload, and what it did is not guessed', async () => {
    journal.add(posted('a', 1));
    const [event] = journal.events;
    const header = event?.header.replace('"seq":1', '"seq":2') ?? '';
    const erased = { header, payload: `#${sha256Hex(event?.payload ?? '')}` };
    expect(eventHash('x', erased, sha256Hex)).toBe(
      eventHash('x', { header, payload: event?.payload ?? '' }, sha256Hex),
    );
    journal.addRaw(erased);
    const group = await rig.apply(journal, journal.batch(1, 2));
    expect(group).toMatchObject({ events: 2, poison: 1 });
    expect((await quarantine())[0]?.detail).toContain('erased');
  });

  test('unknown kinds and newer versions are parked, keep their place and take effect later', async () => {
    journal.add(
      { kind: 'drone.landed', payload: { pad: 'x' } },
      { ...posted('a', 4), version: 9 },
      posted('a', 1),
    );
    const group = await rig.apply(journal, journal.batch(1, 3));
    expect(group).toMatchObject({ events: 3, parked: 2, poison: 0 });
    expect(await stockOf('a')).toBe(1);
    expect(await unpark(hub.store, rig.book)).toBe(0);

    // What an older hub parked: a kind that this one knows.
    journal.add(posted('a', 20), appeared('AA'));
    await rig.apply(journal, journal.batch(4, 5));
    await hub.store.write(async ({ db }) => {
      const parked = { state: 'parked' } as const;
      await db.updateTable('journal_event').set(parked).where('seq', '=', 4).execute();
      await db.deleteFrom('ledger_line').where('position', '=', 4).execute();
      await db
        .updateTable('stock')
        .set((row) => ({ quantity: row('quantity', '-', 20) }))
        .where('zone', '=', 'dock')
        .execute();
    });
    expect(await stockOf('a')).toBe(1);
    expect(await unpark(hub.store, rig.book)).toBe(1);
    expect(await stockOf('a')).toBe(21);
    expect(await states()).toEqual(['1 parked', '2 parked', '3 applied', '5 applied', '4 applied']);
    journal.add(posted('a', 100));
    await rig.apply(journal, journal.batch(6, 6));
    expect(await stockOf('a')).toBe(121);
  });

  test.each([
    ['bytes that are no zstd', 'malformed', () => Buffer.from('hello')],
    ['text that is no batch', 'malformed', () => zstdCompressSync('hello\n')],
    ['more than a batch may hold', 'malformed', () => zstdCompressSync(Buffer.alloc(5_000_000))],
    [
      'events changed on the way',
      'malformed',
      () => journal.batch(1, 2, (text) => text.replaceAll('"epc":"A', '"epc":"B')),
    ],
    [
      'a checkpoint changed on the way',
      'bad-signature',
      () => journal.batch(1, 2, (text) => text.replace(/"atMs":\d/, '"atMs":9')),
    ],
    [
      "another gateway's batch",
      'malformed',
      () => new JournalFixture('south', 'gw-2').add(appeared('A1')).batch(1, 1),
    ],
    [
      'an epoch that nobody introduced',
      'wrong-epoch',
      () =>
        new JournalFixture('north', 'gw-1', { id: 'e'.repeat(32) }).add(appeared('A1')).batch(1, 1),
    ],
  ])('puts aside %s as %s, once, and the lane goes on', async (_, reason, bytes) => {
    journal.add(appeared('A1'), appeared('A2'));
    const bad = bytes();
    const group = await rig.apply(journal, bad, bad, journal.batch(1, 2));
    expect(group).toMatchObject({ events: 2, refused: 2, halted: [] });
    expect(await quarantine()).toMatchObject([{ reason, gateway: 'gw-1', bytes: bad.length }]);
  });

  test('keeps what an unknown gateway sends, with its first 4 KiB', async () => {
    const stranger = new JournalFixture('south', 'gw-9').add(appeared('A1'));
    const data = Buffer.concat([stranger.batch(1, 1), Buffer.alloc(10_000, 1)]);
    await rig.apply(stranger, data);
    const [row] = await hub.store.read.selectFrom('lane_quarantine').selectAll().execute();
    expect(row).toMatchObject({ reason: 'unknown-gateway', bytes: data.length, gateway: 'gw-9' });
    expect(row?.head).toHaveLength(4096);
  });

  test('asks for a replay where a batch does not reach back to what is committed', async () => {
    journal.add(appeared('A1'), appeared('A2'), appeared('A3'));
    const group = await rig.apply(journal, journal.batch(3, 3));
    expect(group.answers.get('gw-1')).toBe('replay');
    expect(await quarantine()).toEqual([]);
  });
});
