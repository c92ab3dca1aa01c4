import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterBody } from '../observe/testing/test-site.ts';
import { judgeSources } from './passage-book.ts';
import { asn, countedSite, gtin, serial, StockRig } from './testing/stock-rig.ts';

const all = Array.from({ length: 20 }, (_, index) => serial(index + 1));

/** Tags through the dock, with a belt that counts so many. */
function passage(read: number, counted: number, documented?: number): StockRig {
  const rig = new StockRig(countedSite);
  if (documented !== undefined) rig.document(asn({ serials: all.slice(0, documented) }));
  rig.take(counterBody(100));
  rig.take(counterBody(100 + counted));
  rig.pass(all.slice(0, read), 'in');
  rig.wait(30_000);
  return rig;
}

const reconciledIn = (rig: StockRig) =>
  rig.drafts.filter(({ kind }) => kind === 'stock.reconciled').map(({ payload }) => payload);

describe('what goes through a portal in one go', () => {
  test('says which sources agree and how sure that is', () => {
    expect(reconciledIn(passage(20, 20))).toMatchObject([
      {
        agreed: ['counter', 'rfid'],
        direction: 'in',
        portal: 'dock-1',
        sources: [
          { source: 'counter', units: 20 },
          { source: 'rfid', units: 20 },
        ],
        units: 20,
      },
    ]);
    const [said] = reconciledIn(passage(20, 20)) as { certaintyPermille: number }[];
    expect(said?.certaintyPermille).toBeGreaterThan(990);
  });

  test('is a task where tags and counter differ', () => {
    const rig = passage(18, 20);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['counter'], units: 20 }]);
    expect(rig.stock.tasks()).toMatchObject([
      { task: 'reconcile', reason: 'dock-1 in: counter 20, rfid 18' },
    ]);
  });

  test('needs nobody where document and counter agree and the tags are a quorum of it', () => {
    const rig = passage(18, 20, 20);
    expect(reconciledIn(rig)).toMatchObject([
      { agreed: ['counter', 'document'], units: 20, documents: ['ASN-7'] },
    ]);
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('is a task where the document expects more than anybody saw', () => {
    const rig = passage(18, 18, 20);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['counter', 'rfid'], units: 18 }]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'reconcile' }]);
  });

  test('is also compared where the counter alone saw something', () => {
    expect(reconciledIn(passage(0, 5))).toMatchObject([
      {
        sources: [
          { source: 'counter', units: 5 },
          { source: 'rfid', units: 0 },
        ],
      },
    ]);
  });

  test('says nothing at a portal where only tags are read', () => {
    const rig = new StockRig();
    rig.pass(all, 'in');
    rig.wait(30_000);
    expect(reconciledIn(rig)).toEqual([]);
  });

  test('comes to the same after a restart in the middle', () => {
    const run = (isCut: boolean) => {
      const rig = new StockRig(countedSite);
      rig.take(counterBody(1));
      rig.take(counterBody(8));
      if (isCut) rig.restart();
      rig.pass(all.slice(0, 7), 'in');
      if (isCut) rig.restart();
      rig.wait(30_000);
      return JSON.stringify(rig.drafts);
    };
    expect(run(true)).toBe(run(false));
  });
});

describe('the judgement of sources', () => {
  const source = fc.constantFrom('rfid', 'counter', 'scan', 'document' as const);
  const sources = fc.uniqueArray(fc.record({ source, units: fc.nat(6) }), {
    minLength: 1,
    maxLength: 4,
    selector: ({ source }) => source,
  });

  test('picks a figure that a source has, and says exactly which have it', () => {
    fc.assert(
      fc.property(sources, (list) => {
        const { units, agreed, certainty } = judgeSources(list);
        expect(agreed.length).toBeGreaterThan(0);
        expect(agreed.toSorted()).toEqual(
          list
            .filter((one) => one.units === units)
            .map((one) => one.source)
            .sort(),
        );
        expect(certainty).toBeGreaterThanOrEqual(0);
        expect(certainty).toBeLessThan(1000);
      }),
    );
  });

  test('is surer the more sources agree', () => {
    const one = judgeSources([{ source: 'counter', units: 9 }]).certainty;
    const two = judgeSources([
      { source: 'counter', units: 9 },
      { source: 'document', units: 9 },
    ]).certainty;
    expect(two).toBeGreaterThan(one);
  });
});

test('a serial without a unit is corroborated by the line of a document', () => {
  const rig = new StockRig();
  rig.document(asn({ lines: [{ line: 1, item: gtin, quantity: 2 }] }));
  rig.pass([serial(1)], 'in', 1);
  rig.wait(4000);
  expect(rig.drafts.findLast(({ kind }) => kind === 'stock.received')).toMatchObject({
    payload: {
      document: { id: 'ASN-7', line: 1 },
      evidence: { agreed: ['portal:dock-1', 'document:ASN-7'] },
      lines: [{}, { account: { status: 'receiving' } }],
    },
  });
});
