import { describe, expect, test } from 'vitest';
import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import { arrivalAt } from '../observe/moment.ts';
import { restoreObserver, type StateRow } from '../observe/observer.ts';
import { siteModelOf } from '../observe/site-model.ts';
import { configBody, entriesOf, impinjBody } from '../observe/testing/test-site.ts';
import { StockDesk } from './stock-desk.ts';
import {
  asn,
  bulkItem,
  fullLease,
  gtin,
  kindsOf,
  linesOf,
  lotItem,
  pallet,
  serial,
  StockRig,
  stockSite,
} from './testing/stock-rig.ts';

const payloadsOf = (rig: StockRig, kind: string) =>
  rig.drafts.filter((draft) => draft.kind === kind).map(({ payload }) => payload);

function withPosting(posting: Partial<typeof stockSite.posting>): StockRig {
  return new StockRig({ ...stockSite, posting: { ...stockSite.posting, ...posting } });
}

function seeIn(rig: StockRig, epc: string, antenna: number): void {
  for (let times = 0; times < 4; times += 1) rig.take(impinjBody({ epc, antenna }), 500);
}

describe('a pass where documents are required', () => {
  test('is received as unverified when none expects it', () => {
    const rig = withPosting({ documents: 'require' });
    rig.pass([serial(1)], 'in', 9);
    rig.wait(4000);
    expect(payloadsOf(rig, 'stock.received')).toMatchObject([
      { discrepancies: ['not-on-document'], lines: [{}, { account: { status: 'unverified' } }] },
    ]);
  });

  test('is received when one does', () => {
    const rig = withPosting({ documents: 'require' });
    rig.document(asn({ lines: [{ line: 1, item: gtin, quantity: 1, serials: [serial(1)] }] }));
    rig.pass([serial(1)], 'in', 9);
    rig.wait(4000);
    expect(payloadsOf(rig, 'stock.received')).toMatchObject([
      { document: { id: 'ASN-7', line: 1 }, lines: [{}, { account: { status: 'receiving' } }] },
    ]);
  });

  test('posts beyond the document all the same, and flags it', () => {
    const rig = new StockRig();
    rig.document(
      asn({ lines: [{ line: 1, item: gtin, quantity: 1, serials: [2, 3].map(serial) }] }),
    );
    rig.pass([serial(2), serial(3)], 'in', 9);
    rig.wait(4000);
    expect(payloadsOf(rig, 'stock.received')).toMatchObject([
      { document: { id: 'ASN-7' } },
      { document: { id: 'ASN-7' }, discrepancies: ['over-document'] },
    ]);
  });
});

describe('what goes along with the goods of a document and is on none', () => {
  const named = asn({
    id: 'SH-1',
    lines: [{ line: 1, item: gtin, quantity: 3, serials: [1, 2, 3].map(serial) }],
  });
  const reconcileTasks = (rig: StockRig) =>
    rig.stock.tasks().filter(({ task }) => task === 'reconcile');

  test.each([
    ['another item', '3034257BF7194E4000000009'],
    ['another thing of an item of which all are named', serial(4)],
  ])('%s: the document does not agree, whatever the sum is', (_, stranger) => {
    const rig = new StockRig();
    rig.document(named);
    rig.pass([serial(1), serial(2), stranger], 'in', 9);
    rig.wait(30_000);
    expect(payloadsOf(rig, 'stock.reconciled')).toMatchObject([
      {
        agreed: ['rfid'],
        besides: 1,
        documents: ['SH-1'],
        sources: [
          { source: 'document', units: 3 },
          { source: 'rfid', units: 3 },
        ],
      },
    ]);
    expect(reconcileTasks(rig)).toMatchObject([
      { document: 'SH-1', reason: 'dock-1 in: document 3, rfid 3, 1 on no document' },
    ]);
    expect(rig.stock.document('SH-1')?.seenByLine.get(1)).toBe(2);
  });

  test('a thing that a document names others in place of is not taken on it, by nobody', () => {
    const rig = new StockRig();
    rig.document(named);
    rig.document({ ...named, id: 'SH-2', type: 'shipment' });
    const what = (n: number) => ({ goods: { item: gtin, quantity: 1, serials: [serial(n)] } });
    const receive = { type: 'receive', zone: 'receiving' } as const;
    const on = (n: number) => rig.act({ ...receive, what: what(n), document: { id: 'SH-1' } });
    expect(on(4).outcome).toMatchObject({ type: 'refused', code: 'not-on-document' });
    expect(on(1).outcome).toMatchObject({ type: 'applied' });
    expect(rig.act({ ...receive, what: what(4) }).outcome).toMatchObject({ type: 'applied' });
    const ship = { type: 'ship', zone: 'receiving', document: { id: 'SH-2' } } as const;
    expect(rig.act({ ...ship, what: what(4) }).outcome).toMatchObject({
      type: 'refused',
      code: 'not-on-document',
    });
    expect(rig.act({ ...ship, what: what(1) }).outcome).toMatchObject({ type: 'applied' });
  });

  test('goods that no document speaks of are compared as before', () => {
    const rig = new StockRig();
    rig.pass([serial(1), serial(2)], 'in', 9);
    rig.wait(30_000);
    expect(payloadsOf(rig, 'stock.reconciled')).toEqual([]);
    expect(reconcileTasks(rig)).toEqual([]);
  });
});

describe('a physical fact', () => {
  test('posts into a negative balance, flagged, where the book knows nothing', () => {
    const rig = new StockRig();
    rig.pass([serial(1)], 'out', 9);
    rig.wait(4000);
    expect(payloadsOf(rig, 'stock.shipped')).toMatchObject([
      { discrepancies: ['negative-balance', 'not-in-book'] },
    ]);
    expect(rig.stock.rows({}, 9)).toMatchObject([{ zone: 'receiving', quantity: -1 }]);
  });

  test('ships what is on hold, since it is gone, and says so', () => {
    const rig = new StockRig();
    const what = { goods: { item: gtin, quantity: 1, serials: [serial(1)] } };
    rig.act({ type: 'receive', zone: 'receiving', what });
    rig.act({ type: 'hold', zone: 'receiving', what, reason: 'recall' });
    rig.pass([serial(1)], 'out', 9);
    rig.wait(4000);
    expect(payloadsOf(rig, 'stock.shipped')).toMatchObject([{ discrepancies: ['on-hold'] }]);
  });

  test('keeps a hold on a serial that is carried elsewhere', () => {
    const rig = new StockRig();
    const what = { goods: { item: gtin, quantity: 1, serials: [serial(1)] } };
    rig.act({ type: 'receive', zone: 'storage', what });
    rig.act({ type: 'hold', zone: 'storage', what, reason: 'quality' });
    seeIn(rig, serial(1), 2);
    expect(rig.stock.rows({}, 9)).toMatchObject([{ zone: 'shipping', status: 'quality-hold' }]);
  });

  test('answers the open task about its serial', () => {
    const rig = new StockRig();
    rig.pass([serial(1)], 'in', 9);
    rig.wait(4000);
    rig.pass([serial(1)], 'out', 1);
    rig.wait(4000);
    expect(rig.stock.tasks()).toMatchObject([{ reason: 'ship-unverified' }]);
    rig.pass([serial(1)], 'out', 9);
    rig.wait(4000);
    expect(rig.stock.tasks()).toEqual([]);
    expect(payloadsOf(rig, 'task.closed')).toMatchObject([{ outcome: 'superseded' }]);
  });
});

describe('the tracking of an item', () => {
  const tracked = (tracking: 'bulk' | 'serial-at-receipt' | 'serial-at-shipment') =>
    new StockRig({ ...stockSite, items: [{ item: gtin, tracking }] });

  test.each([
    ['bulk', 0, 0],
    ['serial-at-receipt', 1, 0],
    ['serial-at-shipment', 0, 1],
  ] as const)('%s: its tags post %d receipts and %d shipments', (tracking, received, shipped) => {
    const rig = tracked(tracking);
    rig.pass([serial(1)], 'in', 9);
    rig.wait(4000);
    seeIn(rig, serial(1), 1);
    rig.pass([serial(1)], 'out', 9);
    rig.wait(4000);
    expect(payloadsOf(rig, 'stock.received')).toHaveLength(received);
    expect(payloadsOf(rig, 'stock.moved')).toHaveLength(0);
    expect(payloadsOf(rig, 'stock.shipped')).toHaveLength(shipped);
  });
});

describe('a scan', () => {
  const model = siteModelOf(stockSite, () => undefined);
  const code = (of: Partial<ScannedCode>): ScannedCode => {
    return { elements: [], form: 'element-string', text: 'as read', ...of };
  };

  function scannedAfter(setUp: (desk: StockDesk, out: EventDraft[]) => void, of: ScannedCode) {
    const desk = new StockDesk({ tagsIn: () => [], zoneOf: () => undefined });
    desk.configure(model);
    setUp(desk, []);
    const at = { at: arrivalAt(10), nowMs: 10, device: 'gun-1', zone: 'storage' };
    return { desk, drafts: desk.poster.scanned(model, { ...at, code: of }) };
  }

  const receiveUnit = (desk: StockDesk, out: EventDraft[]): void => {
    desk.takeDocument(model, asn({ serials: [serial(1), serial(2)] }), 0, out);
    const act = { type: 'receive', id: 'act-00001', person: 'p-1', zone: 'receiving' } as const;
    const lease = { ...fullLease, validFromMs: 0 };
    desk.takeAct(model, { ...act, what: { unit: pallet } }, lease, 1, out);
  };

  test('of a unit moves the unit', () => {
    const { drafts } = scannedAfter(receiveUnit, code({ sscc: pallet.slice(5) }));
    expect(drafts).toMatchObject([
      {
        kind: 'stock.moved',
        payload: { unit: pallet, evidence: { agreed: [`unit:${pallet}`, 'scan:gun-1'] } },
      },
    ]);
  });

  test('of a serial moves what the book knows, whatever filter its tag has', () => {
    const { desk, drafts } = scannedAfter(
      (of) => {
        const pass = { epc: serial(7), reads: 9, device: 'dock', at: arrivalAt(1), nowMs: 1 };
        const inwards = { portal: 'dock-1', direction: 'in', seenSinceIn: undefined } as const;
        of.poster.passed(model, { ...pass, ...inwards });
      },
      code({ gtin, serial: '7' }),
    );
    expect(drafts).toMatchObject([
      { kind: 'stock.moved', payload: { evidence: { agreed: ['scan:gun-1'] } } },
    ]);
    expect(desk.view.find(serial(7), 1).serials).toMatchObject([{ zone: 'storage' }]);
  });

  test('receives nothing that the book does not know', () => {
    expect(scannedAfter(() => {}, code({ gtin, serial: '7' })).drafts).toEqual([]);
    expect(scannedAfter(() => {}, code({ sscc: pallet.slice(5) })).drafts).toEqual([]);
  });
});

describe('a hold of a zone', () => {
  test('takes all that is usable there, in lots and units, in one posting', () => {
    const rig = new StockRig();
    const desk = new StockDesk({ tagsIn: () => [], zoneOf: () => undefined });
    const model = siteModelOf(stockSite, () => undefined);
    desk.configure(model);
    const out: EventDraft[] = [];
    const lease = { ...fullLease, validFromMs: 0 };
    const receive = { type: 'receive', person: 'p-1', zone: 'storage' } as const;
    const goods = [
      { item: lotItem, lot: 'L1', quantity: 4, handlingUnit: 'lpn:A' },
      { item: bulkItem, quantity: 9 },
      { item: gtin, quantity: 1, serials: [serial(1)] },
    ];
    goods.forEach((of, index) => {
      desk.takeAct(
        model,
        { ...receive, id: `act-0000${index}`, what: { goods: of } },
        lease,
        1,
        out,
      );
    });
    out.length = 0;
    const evidence = { agreed: ['climate:storage'], certaintyPermille: 999 };
    const turn = { site: model, nowMs: 5, at: arrivalAt(5), out };
    const fits = ({ item }: { item: string }) => item !== bulkItem;
    desk.holdZone(turn, 'storage', { reason: 'climate', evidence, fits });
    desk.holdZone(turn, 'storage', { reason: 'climate', evidence, fits });
    expect(kindsOf(out)).toEqual(['stock.held']);
    expect(out.flatMap(linesOf)).toHaveLength(4);
    expect(desk.view.rows({ item: gtin }, 1)).toMatchObject([{ status: 'quality-hold' }]);
    expect(desk.view.find(serial(1), 1).serials).toMatchObject([{ status: 'quality-hold' }]);
    expect(rig.stock.rows({}, 1)).toEqual([]);
  });
});

test('a gateway of the release before keeps its serials, and has quantities from then on', () => {
  const rows: StateRow[] = [
    { machine: 'book', key: serial(1), value: '["storage","available"]' },
    { machine: 'book', key: serial(2), value: '["storage","available"]' },
  ];
  const observer = restoreObserver(rows);
  expect(observer.stock.rows({}, 9)).toMatchObject([{ zone: 'storage', item: gtin, quantity: 2 }]);
  const [entry] = entriesOf([[0, configBody(stockSite)]]);
  if (entry !== undefined) observer.step(entry);
  const again = restoreObserver([...rows, ...observer.takeDirty()]);
  expect(again.stock.rows({}, 9)).toMatchObject([{ quantity: 2 }]);
});
