import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counterBody, scanBody } from '../observe/testing/test-site.ts';
import { restoreObserver } from '../observe/observer.ts';
import { judgeSources } from './judge-sources.ts';
import {
  asn,
  bulkItem,
  countedSite,
  gtin,
  palletTag,
  serial,
  StockRig,
} from './testing/stock-rig.ts';

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
      { agreed: ['counter', 'document', 'unit'], units: 20, documents: ['ASN-7'] },
    ]);
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('is a task where the document expects more than anybody saw', () => {
    const rig = passage(18, 18, 20);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['counter', 'rfid'], units: 18 }]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'reconcile' }]);
  });

  test('says nothing where a counter alone saw something: nobody knows that it was tagged', () => {
    const rig = passage(0, 5);
    expect(reconciledIn(rig)).toEqual([]);
    expect(rig.stock.tasks()).toEqual([]);
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

describe('a document beside what was seen', () => {
  const loose = (quantity: number) => asn({ lines: [{ line: 1, item: gtin, quantity }] });

  test('says what it expects, and not what the tags said', () => {
    const rig = new StockRig(countedSite);
    rig.document(loose(48));
    rig.take(counterBody(100));
    rig.take(counterBody(102));
    rig.pass(all.slice(0, 2), 'in');
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([
      {
        agreed: ['counter', 'rfid'],
        sources: [
          { source: 'counter', units: 2 },
          { source: 'document', units: 48 },
          { source: 'rfid', units: 2 },
        ],
      },
    ]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'reconcile', document: 'ASN-7' }]);
  });

  test('has one question open however many passages it comes in, and none once all has come', () => {
    const rig = new StockRig(countedSite);
    rig.document(loose(20));
    let counter = 100;
    const come = (from: number, to: number) => {
      rig.take(counterBody(counter));
      counter += to - from;
      rig.take(counterBody(counter));
      rig.pass(all.slice(from, to), 'in');
      rig.wait(30_000);
    };
    const open = () => rig.stock.tasks().map(({ reason, task }) => [task, reason]);
    come(0, 6);
    expect(open()).toEqual([['reconcile', 'dock-1 in: counter 6, document 20, rfid 6']]);
    come(6, 12);
    expect(open()).toEqual([['reconcile', 'dock-1 in: counter 6, document 14, rfid 6']]);
    come(12, 20);
    expect(open()).toEqual([]);
    expect(rig.stock.documents('open')).toEqual([]);
  });

  test('that a person closes short leaves its own difference, and no other question', () => {
    const rig = new StockRig(countedSite);
    rig.document(loose(20));
    rig.take(counterBody(100));
    rig.take(counterBody(106));
    rig.pass(all.slice(0, 6), 'in');
    rig.wait(30_000);
    rig.act({ type: 'close', document: { id: 'ASN-7' } });
    const open = rig.stock.tasks().map(({ task, document }) => [task, document]);
    expect(open).toEqual([['resolve-difference', 'ASN-7']]);
  });

  test('does not agree with tags that are too few where nobody else looks', () => {
    const rig = new StockRig();
    rig.document(loose(48));
    rig.pass(all.slice(0, 2), 'in');
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['document'], units: 48 }]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'reconcile' }]);
  });

  test('expects what is still open of it the next time', () => {
    const rig = new StockRig();
    rig.document(loose(20));
    rig.pass(all.slice(0, 12), 'in');
    rig.wait(30_000);
    rig.pass(all.slice(12), 'in');
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([
      { units: 20, agreed: ['document'] },
      { units: 8, agreed: ['document', 'rfid'] },
    ]);
  });

  test('makes antennas speak that should have read what it expects', () => {
    const rig = new StockRig(countedSite);
    rig.document(asn({ serials: all }));
    rig.pass([palletTag], 'in');
    rig.take(counterBody(0));
    rig.take(counterBody(20));
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([
      {
        agreed: ['counter', 'document', 'unit'],
        sources: [{}, {}, { source: 'rfid', units: 0 }, { source: 'unit', units: 20 }],
      },
    ]);
  });
});

describe('a unit of which a quorum was read', () => {
  const pass = (read: number, counted?: number) => {
    const rig = new StockRig(counted === undefined ? undefined : countedSite);
    rig.document(asn({ serials: all.slice(0, 5) }));
    if (counted !== undefined) rig.take(counterBody(0));
    if (counted !== undefined) rig.take(counterBody(counted));
    rig.pass(all.slice(0, read), 'in');
    rig.wait(30_000);
    return rig;
  };

  test('is judged alike by the unit and by its passage', () => {
    const rig = pass(3);
    expect(rig.drafts.find(({ kind }) => kind === 'unit.observed')).toMatchObject({
      payload: { seen: 3, of: 5, trusted: true },
    });
    expect(reconciledIn(rig)).toMatchObject([
      { agreed: ['document', 'unit'], units: 5, sources: [{}, { source: 'rfid', units: 3 }, {}] },
    ]);
    const [said] = reconciledIn(rig) as { certaintyPermille: number }[];
    expect(said?.certaintyPermille).toBeGreaterThan(900);
    expect(rig.stock.tasks()).toEqual([]);
  });

  test('does not outvote a belt that counted as many as were read', () => {
    const rig = pass(3, 3);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['counter', 'rfid'], units: 3 }]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'reconcile' }]);
  });

  test('is one question where too few of it were read', () => {
    const rig = pass(1);
    expect(reconciledIn(rig)).toEqual([]);
    expect(rig.stock.tasks()).toMatchObject([{ task: 'verify-movement' }]);
  });
});

describe('a scan behind the portal', () => {
  const link = (text: string) => `https://id.gs1.org/01/${gtin}${text}`;
  const scan = (rig: StockRig, code: string) => {
    scans += 1;
    rig.take(scanBody(`scan-${1000 + scans}`, code));
  };
  let scans = 0;

  test('of goods that did not pass is nothing, and leaves nothing', () => {
    const rig = new StockRig(countedSite);
    scan(rig, link('/21/1'));
    rig.wait(90_000);
    expect(reconciledIn(rig)).toEqual([]);
    expect(rig.stock.tasks()).toEqual([]);
    expect(rig.stateRows('passage-scan')).toEqual([]);
  });

  test('by a scanner at the portal itself stands beside its counter', () => {
    const devices = countedSite.devices.map((device) =>
      device.id === 'gun'
        ? { ...device, antennas: [{ antenna: 1, portal: 'dock-1', side: 'inside' as const }] }
        : device,
    );
    const rig = new StockRig({ ...countedSite, devices });
    rig.take(counterBody(0));
    rig.take(counterBody(2));
    for (const number of [1, 2]) scan(rig, link(`/21/${number}`));
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['counter', 'scan'], units: 2 }]);
  });

  test('of goods that pass is theirs, once for each label', () => {
    const rig = new StockRig();
    scan(rig, link('/21/1'));
    scan(rig, `(01)${gtin}(21)1`);
    scan(rig, `(01)${gtin}(21)2`);
    rig.pass(all.slice(0, 2), 'in');
    rig.restart();
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([{ agreed: ['rfid', 'scan'], units: 2 }]);
  });

  test('of goods that somebody receives there stands beside the counter, without tags', () => {
    const rig = new StockRig(countedSite);
    rig.take(counterBody(0));
    rig.take(counterBody(2));
    const goods = { item: gtin, quantity: 2, serials: [serial(1), serial(2)] };
    rig.act({ type: 'receive', zone: 'receiving', what: { goods } });
    scan(rig, link('/21/1'));
    scan(rig, link('/21/2'));
    rig.wait(30_000);
    expect(reconciledIn(rig)).toMatchObject([
      { agreed: ['counter', 'scan'], sources: [{ units: 2 }, { units: 2 }] },
    ]);
  });
});

test('a receipt at the desk takes no counter from goods that go out', () => {
  const rig = new StockRig(countedSite);
  rig.pass(all.slice(0, 3), 'in');
  rig.wait(30_000);
  rig.drafts.length = 0;
  rig.take(counterBody(0));
  rig.take(counterBody(3));
  rig.pass(all.slice(0, 3), 'out');
  const goods = { item: bulkItem, quantity: 9 };
  rig.act({ type: 'receive', zone: 'receiving', what: { goods } });
  rig.wait(30_000);
  expect(reconciledIn(rig)).toMatchObject([{ agreed: ['counter', 'rfid'], direction: 'out' }]);
});

describe('a door that is never quiet', () => {
  const busy = (isCut: boolean) => {
    const rig = new StockRig(countedSite);
    rig.document(asn({ lines: [{ line: 1, item: gtin, quantity: 5000 }] }));
    rig.take(counterBody(0));
    for (let piece = 1; piece <= 900; piece += 1) {
      rig.take(counterBody(piece));
      rig.pass([serial(piece)], 'in');
      rig.wait(2000);
      if (isCut && piece % 100 === 0) rig.restart();
    }
    return rig;
  };

  test('is summed up all the same, and what it keeps stays small', () => {
    const rig = busy(false);
    const said = reconciledIn(rig) as { endedAt: number; startedAt: number }[];
    expect(said.length).toBeGreaterThan(3);
    for (const { endedAt, startedAt } of said) {
      expect(endedAt - startedAt).toBeLessThanOrEqual(600_000);
    }
    const open = rig.stock.tasks().filter(({ task }) => task === 'reconcile');
    expect(open.length).toBeLessThanOrEqual(1);
    expect(JSON.stringify(rig.stateRows('passage')).length).toBeLessThan(2000);
  });

  test('is summed up alike after restarts', () => {
    expect(JSON.stringify(reconciledIn(busy(true)))).toBe(
      JSON.stringify(reconciledIn(busy(false))),
    );
  });

  test('keeps no more documents than an event lists', () => {
    const rig = new StockRig();
    for (let number = 1; number <= 30; number += 1) {
      const line = { line: 1, item: gtin, quantity: 1, serials: [serial(number)] };
      rig.document(asn({ id: `ASN-${number}`, lines: [line] }));
    }
    rig.pass(
      Array.from({ length: 30 }, (_, index) => serial(index + 1)),
      'in',
    );
    rig.wait(3000);
    const [row] = rig.stateRows('passage');
    const { documents } = JSON.parse(row ?? '{}') as { documents: string[] };
    expect(documents).toHaveLength(20);
  });
});

test('a passage that the release before left running is summed up', () => {
  const value = JSON.stringify({
    counted: 0,
    documented: 3,
    documents: ['ASN-7'],
    lastMs: 1,
    read: 3,
    scanned: 2,
    startedMs: 1,
  });
  const observer = restoreObserver([{ machine: 'passage', key: 'dock-1\nin', value }]);
  expect(observer.stock.doors()).toEqual([]);
  const rig = new StockRig(countedSite, [{ machine: 'passage', key: 'dock-1\nin', value }]);
  rig.wait(20_000);
  expect(reconciledIn(rig)).toMatchObject([
    {
      sources: [
        { source: 'counter', units: 0 },
        { source: 'rfid', units: 3 },
      ],
    },
  ]);
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

  test('hears the tags and the units they stand for as one', () => {
    const rfid = { source: 'rfid' as const, units: 40 };
    const unit = { source: 'unit' as const, units: 48 };
    expect(judgeSources([{ source: 'counter', units: 40 }, rfid, unit])).toMatchObject({
      agreed: ['counter', 'rfid'],
      units: 40,
    });
    expect(judgeSources([{ source: 'counter', units: 48 }, rfid, unit])).toMatchObject({
      agreed: ['counter', 'unit'],
      units: 48,
    });
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
