import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Canonical } from '#contracts/canonical.ts';
import type { TransferNotice } from '#contracts/transfers.ts';
import { transferNotices } from '#contracts/transfers.ts';
import { validate } from '#contracts/validate.ts';
import { DownlinkBook } from '../downlink/downlink-book.ts';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import { IntakeRig } from '../intake/testing/intake-rig.ts';
import { JournalFixture, type SaidEvent } from '../intake/testing/journal-fixture.ts';
import {
  fingerprint,
  newHubKey,
  openTestStore,
  quiet,
  tenant,
} from '../intake/testing/test-hub.ts';
import { rebuildProjections } from '../projections/rebuild.ts';
import { queryInTransit } from './in-transit-query.ts';
import { tellAgain } from './tell-again.ts';
import { TransferDesk } from './transfer-desk.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let one: JournalFixture;
let two: JournalFixture;
let desk: TransferDesk;

const item = '80614141123458';
const epcs = ['3034257BF7194E4000001A85', '3034257BF7194E4000001A86'];
const another = '3034257BF7194E4000001A87';
const unit = 'sscc:376130321000300843';
const lane = 'gw-1>gw-2';
const startMs = Date.UTC(2026, 0, 5, 8);

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  one = new JournalFixture('north', 'gw-1');
  two = new JournalFixture('north', 'gw-2');
  await rig.welcome(one, two);
  desk = newDesk(rig);
});

afterEach(() => hub.close());

function newDesk({ clock, store }: IntakeRig): TransferDesk {
  const author = { tenant, key: newHubKey(), clock };
  return new TransferDesk({ store, author, sent: () => {}, log: quiet });
}

async function take(journal: JournalFixture, ...said: SaidEvent[]) {
  const first = journal.seq + 1;
  journal.add(...said);
  return await rig.apply(journal, journal.batch(first, journal.seq));
}

/** All that a gateway was told, in order. */
async function told(gateway: string): Promise<TransferNotice[]> {
  await desk.look();
  const rows = await hub.store.read
    .withTables<DownlinkTables>()
    .selectFrom('downlink_entry')
    .innerJoin('downlink_content', 'downlink_content.hash', 'downlink_entry.content_hash')
    .select(['content', 'kind'])
    .where('gateway', '=', gateway)
    .orderBy('seq')
    .execute();
  return rows.flatMap(({ content, kind }) => {
    const notices = JSON.parse(content) as TransferNotice[];
    expect(kind).toBe('transfers');
    expect(validate(transferNotices, notices).ok).toBe(true);
    return notices;
  });
}

type Account = { readonly [key: string]: Canonical };
const zone = (name: string): Account => ({ status: 'available', type: 'zone', zone: name });
const transit: Account = { lane, type: 'transit' };
const supplier: Account = { type: 'supplier' };

function posting(
  kind: string,
  from: Account,
  to: Account,
  of: {
    readonly quantity?: number;
    readonly serials?: readonly string[];
    readonly unit?: string;
    readonly transfer?: string;
    readonly atMs?: number;
  } = {},
): SaidEvent {
  const { atMs, serials, transfer } = of;
  const quantity = serials?.length ?? of.quantity ?? 1;
  const line = (account: Account, sign: 1 | -1): Canonical => ({
    account,
    ...(of.unit === undefined ? {} : { handlingUnit: of.unit }),
    item,
    owner: 'own',
    quantity: sign * quantity,
    ...(serials === undefined ? {} : { serials: [...serials] }),
  });
  return {
    kind,
    ...(atMs === undefined ? {} : { occurredAt: atMs }),
    payload: {
      evidence: { agreed: ['person'], certaintyPermille: 990 },
      lines: [line(from, -1), line(to, 1)],
      ...(transfer === undefined ? {} : { transfer }),
      ...(of.unit === undefined ? {} : { unit: of.unit }),
    },
  };
}

function sent(id: string, of: { serials?: readonly string[]; quantity?: number } = {}): SaidEvent {
  const quantity = of.serials?.length ?? of.quantity ?? 1;
  const serials = of.serials === undefined ? {} : { serials: [...of.serials] };
  const lines = [{ item, owner: 'own', quantity, ...serials }];
  return { kind: 'transfer.sent', payload: { id, lines, to: 'gw-2', toZone: 'hall-2' } };
}

/** As a gateway does that knows no transfers. */
async function refuse(gateway: string, seq: number): Promise<void> {
  const outcome = {
    atMs: 1,
    code: 'BAD_INPUT',
    kind: 'transfers',
    result: 'refused',
    seq,
  } as const;
  const of = { gateway, number: seq, outcomes: [outcome], report: {}, settled: seq };
  await new DownlinkBook(hub.store).pull(
    'north',
    { ...of, site: 'north', tenant, type: 'pull', v: 1 },
    1,
  );
}

const page = () => queryInTransit({ store: hub.store, clock: rig.clock }, {});

describe('what is between gateways', () => {
  test('is a balance of its lane until it arrives, and where it goes is told once', async () => {
    await take(one, posting('stock.shipped', zone('hall-1'), transit, { quantity: 5 }));
    const { changes } = await take(one, sent('x7-0', { quantity: 5 }));
    // Whoever looks at it is told by its own event, too.
    expect(changes).toContainEqual({ topic: 'stock', sites: ['north'] });
    expect(await page()).toMatchObject({
      lanes: [
        {
          lane,
          from: { gateway: 'gw-1', site: 'north' },
          to: { gateway: 'gw-2', site: 'north' },
          onTheWay: 5,
          notSent: 0,
          transfers: 1,
        },
      ],
      rows: [{ item, quantity: 5, epc: null }],
      total: 1,
    });
    const coming = { type: 'coming', lane, toZone: 'hall-2', transfer: 'gw-1/1/x7-0' };
    expect(await told('gw-2')).toMatchObject([coming]);
    expect(await told('gw-2')).toHaveLength(1);
    const arrival = { quantity: 5, transfer: 'gw-1/1/x7-0' };
    await take(two, posting('stock.received', transit, zone('hall-2'), arrival));
    expect(await page()).toMatchObject({ lanes: [], rows: [], total: 0 });
    expect(await told('gw-1')).toMatchObject([{ type: 'settled', transfer: 'gw-1/1/x7-0' }]);
    expect((await told('gw-2')).map(({ type }) => type)).toEqual(['coming', 'settled']);
  });

  test('is settled too where it came back, said by its own number', async () => {
    await take(one, posting('stock.shipped', zone('hall-1'), transit, { serials: epcs }));
    await take(one, sent('x7-0', { serials: epcs }));
    await told('gw-2');
    const back = { serials: epcs, transfer: 'x7-0' };
    await take(one, posting('stock.received', transit, zone('hall-1'), back));
    expect((await told('gw-2')).map(({ type }) => type)).toEqual(['coming', 'settled']);
    expect((await page()).total).toBe(0);
  });

  test('of which two books have a thing is told to the one that saw it first', async () => {
    const at = (atMs: number, of: object) => ({ ...of, atMs });
    const [epc = ''] = epcs;
    await take(
      two,
      posting('stock.received', supplier, zone('hall-2'), at(startMs + 9000, { serials: [epc] })),
    );
    // What the other one saw before comes later: its lane was behind.
    await take(
      one,
      posting('stock.received', supplier, zone('hall-1'), at(startMs, { serials: [epc] })),
    );
    const notice = { type: 'elsewhere', gateway: 'gw-2', epcs: [epc], seenAtMs: startMs + 9000 };
    expect(await told('gw-1')).toMatchObject([notice]);
    expect(await told('gw-2')).toEqual([]);
    // It came back through the door, which posts nothing: now the other one has it wrong.
    const passed = { direction: 'in', epc, firstSeenAt: 1, lastSeenAt: 2, portal: 'd', reads: 4 };
    await take(one, { kind: 'portal.passed', payload: passed, occurredAt: startMs + 20_000 });
    expect(await told('gw-2')).toMatchObject([{ type: 'elsewhere', gateway: 'gw-1' }]);
    expect(await told('gw-1')).toHaveLength(1);
  });

  test('is where its unit is, and nowhere once that has left', async () => {
    const packed = { parent: unit, serials: [...epcs], zone: 'hall-1' };
    await take(one, posting('stock.received', supplier, zone('hall-1'), { serials: epcs }));
    await take(one, { kind: 'unit.packed', payload: packed });
    await take(
      one,
      posting('stock.regrouped', zone('hall-1'), zone('hall-1'), { quantity: 2, unit }),
    );
    const later = { serials: epcs, atMs: startMs + 60_000 };
    await take(two, posting('stock.received', supplier, zone('hall-2'), later));
    expect(await told('gw-1')).toMatchObject([{ epcs: [epcs[0]] }, { epcs: [epcs[1]] }]);
    await take(one, posting('stock.shipped', zone('hall-1'), transit, { quantity: 2, unit }));
    await take(two, { kind: 'portal.passed', payload: { ...passedIn, epc: epcs[0] ?? '' } });
    expect(await told('gw-1')).toHaveLength(2);
  });

  test('is told to whoever has it, wherever it was sent', async () => {
    const three = new JournalFixture('south', 'gw-3');
    await rig.welcome(three);
    await take(three, posting('stock.received', supplier, zone('hall-3'), { serials: epcs }));
    await take(one, posting('stock.shipped', zone('hall-1'), transit, { serials: epcs }));
    await take(one, sent('x7-0', { serials: epcs }));
    expect(await told('gw-3')).toMatchObject([{ type: 'coming', transfer: 'gw-1/1/x7-0' }]);
    expect(await told('gw-2')).toMatchObject([{ type: 'coming' }]);
  });

  test('and arrived though nothing left is a question to where it left', async () => {
    await take(two, posting('stock.received', transit, zone('hall-2'), { quantity: 4 }));
    expect(await page()).toMatchObject({ lanes: [{ onTheWay: 0, notSent: 4 }] });
    expect(await told('gw-1')).toEqual([]);
    rig.clock.advance(10 * 60_000);
    const missing = { type: 'missing', gateway: 'gw-2', site: 'north', item, quantity: 4 };
    expect(await told('gw-1')).toMatchObject([missing]);
    expect(await told('gw-1')).toHaveLength(1);
    // One of them left, and two single things came: so many are missing now.
    await take(one, posting('stock.shipped', zone('hall-1'), transit, { quantity: 1 }));
    await take(two, posting('stock.received', transit, zone('hall-2'), { serials: epcs }));
    expect(await told('gw-1')).toHaveLength(1);
    rig.clock.advance(10 * 60_000);
    expect((await told('gw-1')).slice(1)).toMatchObject([{ ...missing, quantity: 5 }]);
    expect(await told('gw-1')).toHaveLength(2);
  });

  test('is as old as it is on its way, whatever had come before it left', async () => {
    const at = (minutes: number) => ({ atMs: startMs + minutes * 60_000 });
    await take(two, posting('stock.received', transit, zone('h'), { quantity: 4, ...at(1) }));
    await take(one, posting('stock.shipped', zone('h'), transit, { quantity: 3, ...at(2) }));
    const since = async () => (await page()).rows.map((row) => [row.quantity, row.since]);
    expect(await since()).toEqual([[-1, at(1).atMs]]);
    await take(one, posting('stock.shipped', zone('h'), transit, { quantity: 6, ...at(3) }));
    await take(one, posting('stock.shipped', zone('h'), transit, { quantity: 1, ...at(4) }));
    expect(await since()).toEqual([[6, at(3).atMs]]);
  });

  test('is told again to a box in the place of another one, as far as it is open', async () => {
    await take(one, sent('x7-0'), sent('x8-0'));
    await told('gw-2');
    await take(two, posting('stock.received', transit, zone('h'), { transfer: 'gw-1/1/x7-0' }));
    await told('gw-2');
    await hub.store.write((tx) => tellAgain(tx, 'gw-2'));
    const again = (await told('gw-2')).slice(3);
    expect(again).toMatchObject([
      { type: 'coming', transfer: 'gw-1/1/x8-0' },
      { type: 'settled', transfer: 'gw-1/1/x7-0' },
    ]);
    expect((await told('gw-2')).slice(5)).toEqual([]);
    // Who sent it is told what is on its way from there.
    await hub.store.write((tx) => tellAgain(tx, 'gw-1'));
    expect((await told('gw-1')).slice(1)).toMatchObject([
      { type: 'coming', transfer: 'gw-1/1/x8-0', from: { gateway: 'gw-1' } },
      { type: 'settled', transfer: 'gw-1/1/x7-0' },
    ]);
  });

  test('is told again to a gateway of the release before, which refuses it until it is upgraded', async () => {
    await take(one, posting('stock.received', supplier, zone('hall-1'), { serials: epcs }));
    await take(one, posting('stock.shipped', zone('hall-1'), transit, { serials: epcs.slice(1) }));
    await take(one, sent('x7-0', { serials: epcs.slice(1) }));
    const later = { serials: epcs.slice(0, 1), atMs: startMs + 60_000 };
    await take(two, posting('stock.received', supplier, zone('hall-2'), later));
    expect((await told('gw-1')).map(({ type }) => type)).toEqual(['elsewhere']);
    expect((await told('gw-2')).map(({ type }) => type)).toEqual(['coming']);
    for (const gateway of ['gw-1', 'gw-2']) await refuse(gateway, 1);
    expect(await told('gw-1')).toHaveLength(1);
    // What comes meanwhile waits, too.
    await take(one, posting('stock.received', supplier, zone('hall-1'), { serials: [another] }));
    const there = { serials: [another], atMs: startMs + 90_000 };
    await take(two, posting('stock.received', supplier, zone('hall-2'), there));
    expect(await told('gw-1')).toHaveLength(1);
    rig.clock.advance(15 * 60_000);
    const again = (await told('gw-1')).slice(1);
    expect(again).toMatchObject([
      { type: 'elsewhere', epcs: [epcs[0]] },
      { type: 'elsewhere', epcs: [another] },
      { type: 'coming', transfer: 'gw-1/1/x7-0' },
    ]);
    expect((await told('gw-2')).map(({ type }) => type)).toEqual(['coming', 'coming']);
    rig.clock.advance(15 * 60_000);
    expect(await told('gw-1')).toHaveLength(4);
    expect(await told('gw-2')).toHaveLength(2);
  });

  test('stands in two books since before this release, as is found once they are rebuilt', async () => {
    await take(one, posting('stock.received', supplier, zone('hall-1'), { serials: epcs }));
    const later = { serials: epcs, atMs: startMs + 60_000 };
    await take(two, posting('stock.received', supplier, zone('hall-2'), later));
    await hub.store.write((tx) => tx.db.deleteFrom('thing_at').execute());
    await take(one, sent('x7-0'));
    expect(await told('gw-1')).toEqual([]);
    await rebuildProjections(hub.store);
    expect(await told('gw-1')).toMatchObject([{ epcs: [epcs[0]] }, { epcs: [epcs[1]] }]);
    await rebuildProjections(hub.store);
    expect(await told('gw-1')).toHaveLength(2);
  });

  test('makes the same tables however its events are grouped, and when they are rebuilt', async () => {
    const some = fc.subarray(epcs, { minLength: 1 });
    const anyEvent: fc.Arbitrary<SaidEvent> = fc.oneof(
      some.map((serials) => posting('stock.received', supplier, zone('hall-1'), { serials })),
      some.map((serials) => posting('stock.shipped', zone('hall-1'), transit, { serials })),
      fc.tuple(some, fc.constantFrom(undefined, 'x1-0', 'gw-2/1/x9-0')).map(([serials, transfer]) =>
        posting('stock.received', transit, zone('hall-1'), {
          serials,
          ...(transfer !== undefined && { transfer }),
        }),
      ),
      some.map((serials) => sent('x1-0', { serials })),
      some.map(([epc = '']): SaidEvent => {
        return { kind: 'portal.passed', payload: { ...passedIn, epc } };
      }),
      some.map((serials): SaidEvent => {
        return { kind: 'unit.packed', payload: { parent: unit, serials: [...serials] } };
      }),
      fc.constant(posting('stock.shipped', zone('hall-1'), transit, { quantity: 2, unit })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 20, maxLength: 20 }),
        async (said, sizes) => {
          const prints: string[] = [];
          for (const cuts of [sizes, [40]]) {
            const own = await openTestStore();
            const journal = new JournalFixture('north', 'gw-1').add(...said);
            const intake = await new IntakeRig(own.store).welcome(journal);
            let first = 1;
            for (const size of cuts) {
              const last = Math.min(first + size - 1, journal.seq);
              if (first > last) break;
              await intake.apply(journal, journal.batch(first, last));
              first = last + 1;
            }
            const tables = ['in_transit', 'transfer', 'transfer_thing', 'thing_at'] as const;
            prints.push(await fingerprint(own.store, tables));
            await rebuildProjections(own.store);
            prints.push(await fingerprint(own.store, tables));
            await own.close();
          }
          expect(new Set(prints).size).toBe(1);
        },
      ),
      { numRuns: 15 },
    );
  }, 30_000);
});

const passedIn = {
  direction: 'in',
  epc: '',
  firstSeenAt: 1,
  lastSeenAt: 2,
  portal: 'dock-1',
  reads: 4,
};
