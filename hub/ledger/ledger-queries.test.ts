import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StockQuery } from '#contracts/api/stock-api.ts';
import type { EventHeader } from '#contracts/envelope.ts';
import { appeared, JournalFixture, posted } from '../intake/testing/journal-fixture.ts';
import { IntakeRig } from '../intake/testing/intake-rig.ts';
import { openTestStore } from '../intake/testing/test-hub.ts';
import { parseVerifyKey, sha256Hex } from '../intake/wire-crypto.ts';
import { queryStock } from '../projections/stock-query.ts';
import { queryEvent, type Proofs } from './event-query.ts';
import { queryMovements } from './movements-query.ts';

let hub: Awaited<ReturnType<typeof openTestStore>>;
let rig: IntakeRig;
let journal: JournalFixture;

beforeEach(async () => {
  hub = await openTestStore();
  rig = new IntakeRig(hub.store);
  journal = new JournalFixture('north', 'gw-1').add(
    posted('10%', 5, { serials: ['A1', 'A2', 'A3', 'A4', 'A5'] }),
    posted('100', 7),
    posted('1000', 2),
    posted('10%', 3, { from: 'dock', zone: 'hall' }),
    posted('1000', 2, { from: 'dock', zone: 'hall' }),
    appeared('A1'),
  );
  await rig.welcome(journal);
  await rig.apply(journal, journal.batch(1, 4), journal.batch(5, 6));
});

afterEach(() => hub.close());

async function stock(query: StockQuery) {
  const { store, clock } = rig;
  const page = await queryStock({ store, clock, gateways: () => [] }, query);
  return {
    rows: page.rows.map((row) => `${row.zone} ${row.item} ${row.quantity}`),
    total: page.total,
    quantity: page.totalQuantity,
  };
}

describe('the stock query', () => {
  test('leaves out what is empty and totals what it lets through', async () => {
    expect(await stock({})).toEqual({
      rows: ['dock 10% 2', 'dock 100 7', 'hall 10% 3', 'hall 1000 2'],
      total: 4,
      quantity: 14,
    });
  });

  test('finds items by how they begin, whatever signs people type', async () => {
    expect((await stock({ item: '10%' })).rows).toEqual(['dock 10% 2', 'hall 10% 3']);
    expect((await stock({ item: '100' })).rows).toEqual(['dock 100 7', 'hall 1000 2']);
    expect(await stock({ item: 'x' })).toEqual({ rows: [], total: 0, quantity: 0 });
  });

  test('sorts and pages without overlap', async () => {
    const sorted = { sort: 'quantity', order: 'desc', limit: 2 } as const;
    expect((await stock(sorted)).rows).toEqual(['dock 100 7', 'hall 10% 3']);
    expect((await stock({ ...sorted, offset: 2 })).rows).toEqual(['dock 10% 2', 'hall 1000 2']);
    expect((await stock({ ...sorted, offset: 2 })).total).toBe(4);
  });

  test('filters by zone, status and site', async () => {
    expect((await stock({ zone: 'hall', status: 'available', site: 'north' })).total).toBe(2);
    expect((await stock({ status: 'picking' })).total).toBe(0);
    expect((await stock({ site: 'south' })).total).toBe(0);
  });
});

describe('the movements behind a stock row', () => {
  const row = { site: 'north', status: 'available', owner: 'own' } as const;

  test('sum to it, newest first, with where each came from', async () => {
    const page = await queryMovements(hub.store, { ...row, zone: 'dock', item: '10%' });
    expect(page.total).toBe(2);
    expect(page.rows).toMatchObject([
      {
        event: 'gw-1/1/4',
        kind: 'stock.moved',
        quantity: -3,
        counterAccount: 'zone:hall:available:free',
        device: 'reader-1',
      },
      {
        event: 'gw-1/1/1',
        quantity: 5,
        counterAccount: 'supplier',
        serials: ['A1', 'A2', 'A3', 'A4', 'A5'],
        certaintyPermille: 990,
      },
    ]);
  });

  test('are those of that row alone', async () => {
    const page = await queryMovements(hub.store, { ...row, zone: 'dock', item: '10%', lot: 'L1' });
    expect(page).toEqual({ rows: [], total: 0, nextCursor: null });
  });

  test('come by page, each once and none left out', async () => {
    const more = Array.from({ length: 9 }, (_, n) => posted('10%', n + 1));
    journal.add(...more);
    await rig.apply(journal, journal.batch(7, journal.seq));
    const of = { ...row, zone: 'dock', item: '10%' } as const;
    const all = await queryMovements(hub.store, of);
    expect(all).toMatchObject({ total: 11, nextCursor: null });
    for (const limit of [1, 4, 10]) {
      const events: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const query = { ...of, limit, ...(cursor === undefined ? {} : { cursor }) };
        const page = await queryMovements(hub.store, query);
        expect(page.total).toBe(11);
        // A cursor that leads nowhere new would go on for ever.
        expect(events.length).toBeLessThan(11);
        events.push(...page.rows.map(({ event }) => event));
        cursor = page.nextCursor;
      }
      expect(events).toEqual(all.rows.map(({ event }) => event));
    }
  });
});

describe('the evidence of an event', () => {
  const proofs = (): Proofs => {
    const key = parseVerifyKey(journal.signingKey);
    return {
      sha256: sha256Hex,
      isSigned: (_, keyId, text, signature) =>
        key.ok && key.value.keyId === keyId && key.value.verify(text, signature),
    };
  };
  const at = (seq: number) => ({ gateway: 'gw-1', epoch: 1, seq });

  test('leads from its text over the chain to what the gateway signed', async () => {
    const evidence = await queryEvent(hub.store, proofs(), at(2));
    expect(evidence).toMatchObject({
      event: 'gw-1/1/2',
      header: journal.events[1]?.header,
      payload: journal.events[1]?.payload,
      hash: journal.hashAt(2),
      previousHash: journal.hashAt(1),
      state: 'applied',
      signedSeq: 4,
      keyId: journal.keyId,
      chainVerified: true,
      signatureVerified: true,
    });
    const first = await queryEvent(hub.store, proofs(), at(1));
    expect(first).toMatchObject({ previousHash: journal.hashAt(0), chainVerified: true });
  });

  test('fails where a stored text was changed, for all events of its batch before it too', async () => {
    await hub.store.write(async ({ db }) => {
      const changed = { payload: journal.events[2]?.payload.replaceAll('2', '3') ?? '' };
      await db.updateTable('journal_event').set(changed).where('seq', '=', 3).execute();
    });
    expect(await queryEvent(hub.store, proofs(), at(3))).toMatchObject({ chainVerified: false });
    expect(await queryEvent(hub.store, proofs(), at(1))).toMatchObject({ chainVerified: false });
    expect(await queryEvent(hub.store, proofs(), at(5))).toMatchObject({ chainVerified: true });
  });

  test('fails where what was signed was changed', async () => {
    await hub.store.write(async ({ db }) => {
      const changed = { signature: journal.sign('something else') };
      await db.updateTable('batch').set(changed).execute();
    });
    expect(await queryEvent(hub.store, proofs(), at(1))).toMatchObject({
      chainVerified: true,
      signatureVerified: false,
    });
  });

  test('shows corrected times once the gateway said that its clock is right', async () => {
    const seq = journal.seq + 1;
    const unjudged = { ...posted('100', 1), timeQuality: 'unjudged' } as const;
    journal.add(unjudged);
    await rig.apply(journal, journal.batch(seq, seq));
    const receivedAt = (JSON.parse(journal.events[seq - 1]?.header ?? '') as EventHeader)
      .receivedAt;
    expect(await queryEvent(hub.store, proofs(), at(seq))).not.toHaveProperty('corrected');
    const trusted = { since: receivedAt, until: receivedAt + 500 };
    const payload = { ...trusted, shift: { byMs: 90_000, from: receivedAt } };
    journal.add({ kind: 'gateway.clock-trusted', payload });
    await rig.apply(journal, journal.batch(seq + 1, seq + 1));
    expect(await queryEvent(hub.store, proofs(), at(seq))).toMatchObject({
      header: journal.events[seq - 1]?.header,
      corrected: {
        receivedAt: receivedAt + 90_000,
        occurredAt: receivedAt + 90_000,
        timeQuality: 'arrival',
      },
    });
    expect(await queryEvent(hub.store, proofs(), at(2))).not.toHaveProperty('corrected');
  });

  test('of an event that is not there is undefined', async () => {
    expect(await queryEvent(hub.store, proofs(), at(99))).toBeUndefined();
  });
});
