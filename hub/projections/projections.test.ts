import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Outage, OutagesPage, OutagesQuery } from '#contracts/api/outages-api.ts';
import {
  appeared,
  JournalFixture,
  posted,
  type SaidEvent,
} from '../intake/testing/journal-fixture.ts';
import { IntakeRig } from '../intake/testing/intake-rig.ts';
import { fingerprint, openTestStore } from '../intake/testing/test-hub.ts';
import { queryOutages } from './outages-query.ts';
import { rebuildProjections } from './rebuild.ts';

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

async function take(...said: SaidEvent[]): Promise<void> {
  const first = journal.seq + 1;
  journal.add(...said);
  await rig.apply(journal, journal.batch(first, journal.seq));
}

async function outagesPage(query: OutagesQuery = {}): Promise<OutagesPage> {
  const { store, clock } = rig;
  return await queryOutages({ store, clock, gateways: () => [] }, query);
}

/** All pages, one after the other. */
async function outagesByPage(limit: number): Promise<Outage[]> {
  const all: Outage[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await outagesPage({ limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.outages.length).toBeLessThanOrEqual(limit);
    all.push(...page.outages);
    // A cursor that leads nowhere new would go on for ever.
    expect(page.nextCursor).not.toBe(cursor);
    expect(all.length).toBeLessThan(5_000);
    cursor = page.nextCursor;
  }
  return all;
}

async function outages(): Promise<Outage[]> {
  return (await outagesPage()).outages;
}

const hex = (n: number) => n.toString(16).toUpperCase().padStart(4, '0');

/** Any event that some projection reads. */
const anyEvent: fc.Arbitrary<SaidEvent> = fc.oneof(
  fc.tuple(fc.nat(5), fc.constantFrom('dock', 'hall')).map(([n, zone]) => appeared(hex(n), zone)),
  fc.nat(5).map((n): SaidEvent => ({
    kind: 'tag.departed',
    payload: { epc: hex(n), lastSeenAt: 1, zone: 'dock' },
  })),
  fc
    .tuple(fc.nat(3), fc.integer({ min: 1, max: 9 }), fc.constantFrom(undefined, 'dock', 'hall'))
    .map(([n, quantity, from]) =>
      posted(`item-${n}`, quantity, from === undefined ? {} : { from, zone: 'gate' }),
    ),
  fc
    .tuple(fc.nat(9), fc.constantFrom('advance', 'unexplained'))
    .map(([units, step]): SaidEvent => ({
      kind: 'counter.advanced',
      device: 'belt-1',
      payload: { counter: 'total', from: 0, step, to: units, units, zone: 'hall' },
    })),
  fc.constantFrom<SaidEvent>(
    { kind: 'gateway.uplink-lost', payload: { committedSeq: 3 } },
    { kind: 'gateway.uplink-restored', payload: { keptEvents: 2, lostAt: 5 } },
    { kind: 'gateway.started', payload: { clean: false, lastAliveAt: 7, version: '1' } },
    { kind: 'gateway.intake-held', payload: { reason: 'disk-full' } },
    { kind: 'gateway.intake-resumed', payload: { heldSince: 9 } },
    { kind: 'device.silent', device: 'reader-1', payload: { allowedMs: 5 } },
    { kind: 'device.heard', device: 'reader-1', payload: { silentSince: 4 } },
    {
      kind: 'device.gap',
      device: 'plc-1',
      payload: { channels: 3, fromMs: 1, reason: 'overflow', toMs: 2 },
    },
  ),
);

describe('projections', () => {
  test('are the same to the byte however events were grouped, and when they are rebuilt', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEvent, { minLength: 1, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 40, maxLength: 40 }),
        async (said, cuts) => {
          const prints = await Promise.all(
            [cuts, [40]].map(async (sizes) => {
              const own = await openTestStore();
              const lane = new JournalFixture('north', 'gw-1').add(...said);
              const intake = await new IntakeRig(own.store).welcome(lane);
              let first = 1;
              for (const size of sizes) {
                const last = Math.min(first + size - 1, lane.seq);
                if (first <= last) await intake.apply(lane, lane.batch(first, last));
                first = last + 1;
              }
              const live = await fingerprint(own.store);
              expect(await rebuildProjections(own.store)).toBe(lane.seq);
              expect(await fingerprint(own.store)).toBe(live);
              await own.close();
              return live;
            }),
          );
          expect(prints[0]).toBe(prints[1]);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('stock is the sum of the ledger lines of every inside account', async () => {
    await take(posted('a', 10), posted('a', 4, { from: 'dock', zone: 'hall' }), posted('b', 2));
    await take(posted('a', 9, { from: 'dock', zone: 'gate' }));
    const sums = await hub.store.read
      .selectFrom('ledger_line')
      .where('zone', '<>', '')
      .groupBy(['zone', 'item'])
      .select((row) => ['zone', 'item', row.fn.sum('quantity').as('quantity')])
      .orderBy('zone')
      .orderBy('item')
      .execute();
    const stock = await hub.store.read
      .selectFrom('stock')
      .select(['zone', 'item', 'quantity'])
      .orderBy('zone')
      .orderBy('item')
      .execute();
    expect(stock).toEqual(sums);
    // More left the dock than came in: a physical fact posts, and the discrepancy shows.
    expect(stock).toContainEqual({ zone: 'dock', item: 'a', quantity: -3 });
  });

  test('a backlog of one gateway does not move a tag that another one sees', async () => {
    const second = new JournalFixture('north', 'gw-2').add(appeared('AA', 'gate'));
    await rig.welcome(second);
    await rig.apply(second, second.batch(1, 1));
    await take(appeared('AA', 'dock'), appeared('BB', 'dock'));
    const rows = await hub.store.read
      .selectFrom('tag_presence')
      .select(['epc', 'gateway', 'zone', 'state', 'last_event'])
      .orderBy('epc')
      .orderBy('gateway')
      .execute();
    expect(rows).toEqual([
      { epc: 'AA', gateway: 'gw-1', zone: 'dock', state: 'present', last_event: 'gw-1/1/1' },
      { epc: 'AA', gateway: 'gw-2', zone: 'gate', state: 'present', last_event: 'gw-2/1/1' },
      { epc: 'BB', gateway: 'gw-1', zone: 'dock', state: 'present', last_event: 'gw-1/1/2' },
    ]);
  });
});

describe('outages', () => {
  test('a lost link is open until its end is committed, and then says what was kept and replayed', async () => {
    await take(appeared('A1'), appeared('A2'));
    await take({
      kind: 'gateway.uplink-lost',
      payload: { committedSeq: 2, lastContactAt: 1_000 },
    });
    expect(await outages()).toMatchObject([
      { type: 'uplink', state: 'open', startedAt: 1_000, lost: null, kept: null, endedBy: null },
    ]);
    await take(appeared('A3'), appeared('A4'), {
      kind: 'gateway.uplink-restored',
      payload: { keptEvents: 3, lostAt: 1_000 },
      occurredAt: 5_000,
    });
    expect(await outages()).toMatchObject([
      {
        id: 'gw-1/1/3',
        state: 'closed',
        endedAt: 5_000,
        reconciledAt: rig.clock.nowMs(),
        kept: 3,
        replayed: 3,
        lost: 0,
        endedBy: 'gw-1/1/6',
      },
    ]);
  });

  test('what is missing of what a gateway says it kept is lost', async () => {
    await take({ kind: 'gateway.uplink-lost', payload: { committedSeq: 0 } }, appeared('A1'), {
      kind: 'gateway.uplink-restored',
      payload: { keptEvents: 7, lostAt: 1_000 },
    });
    expect(await outages()).toMatchObject([{ kept: 7, replayed: 2, lost: 5 }]);
  });

  test('what became of the events is unknown where nothing tells when the link went', async () => {
    await take(appeared('A1'), {
      kind: 'gateway.uplink-restored',
      payload: { keptEvents: 3, lostAt: 1_000 },
    });
    expect(await outages()).toMatchObject([
      { state: 'closed', kept: 3, replayed: null, lost: null, endedBy: 'gw-1/1/2' },
    ]);
  });

  test('a crash and an orderly stop are outages from the last sign of life, the first start is none', async () => {
    await take(
      { kind: 'gateway.started', payload: { clean: true, version: '1' } },
      {
        kind: 'gateway.started',
        payload: { clean: false, lastAliveAt: 2_000, version: '1' },
        occurredAt: 9_000,
      },
      {
        kind: 'gateway.started',
        payload: { clean: true, lastAliveAt: 10_000, version: '1' },
        occurredAt: 11_000,
      },
    );
    expect(await outages()).toMatchObject([
      { type: 'gateway', cause: 'orderly-stop', startedAt: 10_000, endedAt: 11_000 },
      {
        type: 'gateway',
        cause: 'process or power lost',
        state: 'closed',
        startedAt: 2_000,
        endedAt: 9_000,
        kept: null,
        lost: null,
        endedBy: 'gw-1/1/2',
      },
    ]);
  });

  test('what a silent or unwatched device lost is unknown, not zero', async () => {
    await take(
      { kind: 'device.silent', device: 'r1', payload: { allowedMs: 9, lastHeardAt: 100 } },
      { kind: 'device.silent', device: 'r2', payload: { allowedMs: 9, lastHeardAt: 200 } },
      { kind: 'device.silent', device: 'new', payload: { allowedMs: 9, silentSince: 50 } },
      { kind: 'device.heard', device: 'r1', payload: { silentSince: 100 }, occurredAt: 700 },
      {
        kind: 'device.gap',
        device: 'plc',
        payload: { channels: 2, fromMs: 300, reason: 'link-lost', toMs: 400 },
      },
    );
    expect(await outages()).toMatchObject([
      { type: 'device', device: 'r2', state: 'open', endedAt: null, lost: null },
      { type: 'device', device: 'new', state: 'open', startedAt: 50 },
      { type: 'device', device: 'r1', state: 'closed', startedAt: 100, endedAt: 700, lost: null },
      { type: 'gap', device: 'plc', startedAt: 300, endedAt: 400, lost: null, cause: 'link-lost' },
    ]);
  });

  test('a PLC that is away is one outage, also where its silence was said meanwhile', async () => {
    const silent = (device: string): SaidEvent => ({
      kind: 'device.silent',
      device,
      payload: { allowedMs: 9, lastHeardAt: 150 },
    });
    const heard = (device: string): SaidEvent => {
      return { kind: 'device.heard', device, payload: { silentSince: 150 }, occurredAt: 401 };
    };
    const gap = (device: string): SaidEvent => ({
      kind: 'device.gap',
      device,
      payload: { channels: 2, fromMs: 100, reason: 'server-restart', toMs: 400 },
    });
    await take(silent('plc-1'), gap('plc-1'), heard('plc-1'));
    await take(silent('plc-2'), heard('plc-2'), gap('plc-2'));
    const told = { type: 'gap', cause: 'server-restart', state: 'closed', startedAt: 100 };
    const found = await outages();
    expect(found).toHaveLength(2);
    expect(found).toMatchObject([
      { ...told, endedAt: 400 },
      { ...told, endedAt: 400 },
    ]);
  });

  test('parts of one gap that touch are one outage', async () => {
    const gap = (
      fromMs: number,
      toMs: number,
      reason: 'gateway-down' | 'overflow' = 'gateway-down',
    ): SaidEvent => ({
      kind: 'device.gap',
      device: 'plc',
      payload: { channels: 1, fromMs, reason, toMs },
    });
    await take(gap(100, 200), gap(200, 300), gap(300, 350, 'overflow'), gap(400, 500));
    expect(await outages()).toMatchObject([
      { startedAt: 400, endedAt: 500 },
      { startedAt: 300, endedAt: 350, cause: 'overflow' },
      { startedAt: 100, endedAt: 300, cause: 'gateway-down' },
    ]);
  });

  test('what was held ended with the process that held it', async () => {
    const held = { kind: 'gateway.intake-held', payload: { reason: 'disk-full' } } as const;
    await take({ ...held, occurredAt: 500 });
    expect(await outages()).toMatchObject([{ type: 'intake', state: 'open', cause: 'disk-full' }]);
    const payload = { clean: false, lastAliveAt: 700, version: '1' };
    await take({ kind: 'gateway.started', payload, occurredAt: 900 });
    expect(await outages()).toMatchObject([
      { type: 'gateway', startedAt: 700, endedAt: 900 },
      { type: 'intake', state: 'closed', startedAt: 500, endedAt: 700 },
    ]);
  });

  test('a span of time shows what touches it', async () => {
    const gap = (fromMs: number, toMs: number): SaidEvent => ({
      kind: 'device.gap',
      device: 'plc',
      payload: { channels: 1, fromMs, reason: 'overflow', toMs },
    });
    await take(gap(100, 200), gap(300, 400), gap(500, 600));
    const page = await outagesPage({ fromMs: 200, toMs: 300 });
    expect(page.outages.map((outage) => outage.startedAt)).toEqual([300, 100]);
  });

  test('come by page, what lasts first, each once and none left out', async () => {
    const said: SaidEvent[] = [];
    for (let n = 0; n < 12; n += 1) {
      // Ends that are alike, and starts that are alike, are told apart by their id.
      const fromMs = 100 - (n % 5);
      said.push({
        kind: 'device.gap',
        device: `plc-${n}`,
        payload: { channels: 1, fromMs, reason: 'overflow', toMs: 200 + (n % 3) },
      });
      const payload = { allowedMs: 9, lastHeardAt: 50 + (n % 2) };
      said.push({ kind: 'device.silent', device: `r-${n}`, payload });
    }
    await take(...said);
    const all = await outages();
    expect(all.map(({ state }) => state)).toEqual([
      ...Array.from({ length: 12 }, () => 'open'),
      ...Array.from({ length: 12 }, () => 'closed'),
    ]);
    const starts = all.slice(0, 12).map(({ startedAt }) => startedAt);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
    const ends = all.slice(12).map(({ endedAt }) => endedAt ?? 0);
    expect(ends).toEqual([...ends].sort((a, b) => b - a));
    for (const limit of [1, 5, 7, 12, 23]) {
      expect(await outagesByPage(limit)).toEqual(all);
    }
    expect((await outagesPage({ limit: 24 })).nextCursor).toBeNull();
  });

  test('are never cut without a word, however many there are', async () => {
    for (let batch = 0; batch < 3; batch += 1) {
      const said = Array.from({ length: 400 }, (_, n): SaidEvent => ({
        kind: 'device.gap',
        device: `plc-${n}`,
        payload: { channels: 1, fromMs: batch * 100, reason: 'overflow', toMs: batch * 100 + 50 },
      }));
      await take(...said);
    }
    const ids = new Set((await outagesByPage(500)).map(({ id }) => id));
    expect(ids.size).toBe(1_200);
  });
});
