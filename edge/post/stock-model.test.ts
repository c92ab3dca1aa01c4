import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assert } from '#contracts/assert.ts';
import { encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import { SiteBook } from '#contracts/site-book.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import type { UnitView } from '../stock/stock-view.ts';
import * as rigs from './testing/stock-rig.ts';
import { StockRig, type Asked } from './testing/stock-rig.ts';

const zone = fc.constantFrom(...rigs.zones);
const unit = fc.constantFrom(rigs.pallet, 'lpn:A', 'lpn:B', 'lpn:C');
const epc = fc.integer({ min: 1, max: 8 }).map(rigs.serial);
const epcs = fc.uniqueArray(epc, { minLength: 1, maxLength: 4 });
const counted = fc.record({
  item: fc.constant(rigs.bulkItem),
  quantity: fc.integer({ min: 1, max: 12 }),
});
const lots = fc.record({
  item: fc.constant(rigs.lotItem),
  lot: fc.constantFrom('L1', 'L2'),
  owner: fc.constantFrom('own', 'acme'),
  quantity: fc.integer({ min: 1, max: 12 }),
});
const serials = epcs.map((list) => ({
  item: rigs.gtin,
  quantity: list.length,
  serials: list,
}));
const loose = fc.oneof(counted, lots, serials);
const goods = fc.oneof(
  { weight: 3, arbitrary: loose },
  {
    weight: 1,
    arbitrary: fc.tuple(loose, unit).map(([of, handlingUnit]) => ({ ...of, handlingUnit })),
  },
);
const what = fc.oneof(
  { weight: 3, arbitrary: goods.map((of) => ({ goods: of })) },
  { weight: 2, arbitrary: unit.map((of) => ({ unit: of })) },
);
const some = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

/** Leaves out what is undefined, as JSON does. */
function plain<T>(of: T): T {
  return JSON.parse(JSON.stringify(of)) as T;
}

const asked: fc.Arbitrary<Asked> = fc
  .oneof(
    { weight: 5, arbitrary: fc.record({ type: fc.constant('receive' as const), what, zone }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('ship' as const), what, zone }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('move' as const),
        what,
        zone,
        toZone: zone,
        toStatus: some(fc.constantFrom('available', 'quarantine' as const)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('hold' as const),
        what,
        zone,
        reason: fc.constant('quality' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('release' as const), what, zone }) },
    {
      weight: 2,
      arbitrary: fc
        .record({ of: goods, zone, sign: fc.constantFrom(-1, 1) })
        .map(({ of, zone: at, sign }) => ({
          type: 'adjust' as const,
          zone: at,
          ...of,
          quantity: sign * of.quantity,
          reason: 'correction' as const,
        })),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant('pack' as const),
        parent: unit,
        zone,
        goods: some(fc.array(goods, { maxLength: 2 })),
        serials: some(epcs),
        units: some(fc.uniqueArray(unit, { maxLength: 2 })),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        type: fc.constant('unpack' as const),
        parent: unit,
        goods: some(fc.array(loose, { minLength: 1, maxLength: 2 })),
        units: some(fc.uniqueArray(unit, { minLength: 1, maxLength: 2 })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('count' as const),
        zone,
        found: fc.array(fc.oneof(counted, lots), { maxLength: 2 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('sweep' as const), zone, epcs }) },
  )
  .map((of) => plain(of) as Asked);

type Deed = (rig: StockRig) => void;

const acts: fc.Arbitrary<Deed> = asked.map((of) => (rig) => void rig.act(of));
/** What was just received is held and released again, some of it. */
const inspect: fc.Arbitrary<Deed> = fc
  .record({ of: loose, zone, more: fc.boolean() })
  .map(({ of, zone: at, more }) => (rig) => {
    const place = { zone: at, what: { goods: plain(of) } };
    rig.act({ type: 'receive', ...place });
    rig.act({ type: 'hold', ...place, reason: 'quality' });
    if (more) rig.act({ type: 'release', ...place });
  });
const announce: fc.Arbitrary<Deed> = fc
  .record({ list: fc.uniqueArray(epc, { minLength: 3, maxLength: 6 }), version: fc.nat(3) })
  .map(({ list, version }) => (rig) => {
    const state = version === 3 ? 'cancelled' : 'open';
    rig.document(rigs.asn({ serials: list, version: version + 1, state }));
  });
const passes: fc.Arbitrary<Deed> = fc
  .record({
    list: fc.uniqueArray(fc.oneof(epc, fc.constant(rigs.palletTag)), {
      minLength: 1,
      maxLength: 6,
    }),
    direction: fc.constantFrom('in', 'out' as const),
    reads: fc.integer({ min: 1, max: 6 }),
  })
  .map(
    ({ list, direction, reads }) =>
      (rig) =>
        void rig.pass(list, direction, reads),
  );
const waits: fc.Arbitrary<Deed> = fc
  .constantFrom(1000, 4000, 12_000)
  .map((ms) => (rig) => void rig.wait(ms));

const byPersons = fc.array(fc.oneof({ weight: 20, arbitrary: acts }, inspect, announce), {
  maxLength: 60,
  size: 'max',
});
const byAll = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: acts },
    { weight: 1, arbitrary: inspect },
    { weight: 1, arbitrary: announce },
    { weight: 4, arbitrary: passes },
    { weight: 3, arbitrary: waits },
  ),
  { maxLength: 50, size: 'max' },
);

/** The books as the lines of all events have them, told by nothing else. */
function sumOfLines(rig: StockRig): Map<string, number> {
  const sums = new Map<string, number>();
  for (const draft of rig.drafts) {
    for (const { account, owner, item, lot = '', handlingUnit = '', quantity } of rigs.linesOf(
      draft,
    )) {
      if (account.type !== 'zone') continue;
      const key = [account.zone, account.status, owner, item, lot, handlingUnit].join(' ');
      const sum = (sums.get(key) ?? 0) + quantity;
      if (sum === 0) sums.delete(key);
      else sums.set(key, sum);
    }
  }
  return sums;
}

function rowsOf(rig: StockRig): Map<string, number> {
  return new Map(
    rig.stock.rows({}, 10_000).map((row) => {
      const { owner, item, lot = '', handlingUnit = '', quantity, status } = row;
      return [[row.zone, status, owner, item, lot, handlingUnit].join(' '), quantity];
    }),
  );
}

const unitNames = [rigs.pallet, 'lpn:A', 'lpn:B', 'lpn:C'];

function treeOf(view: UnitView): UnitView[] {
  return [view, ...view.units.flatMap(treeOf)];
}

/** Every unit and serial has one holder at most, and trees end. */
function checkForest(rig: StockRig): void {
  const views = unitNames.flatMap((name) => rig.stock.unit(name) ?? []);
  const roots = views.filter(({ parent }) => parent === undefined);
  const inTrees = roots.flatMap(treeOf);
  expect(inTrees.map((view) => view.unit).sort()).toEqual(views.map((view) => view.unit).sort());
  const held = inTrees.flatMap(({ serials: list }) => list);
  expect(new Set(held).size).toBe(held.length);
}

/** What units hold is what stands in their accounts, and nothing else stands in units' accounts. */
function checkContents(rig: StockRig): void {
  const rows = rig.stock.rows({}, 10_000).filter((row) => row.handlingUnit !== undefined);
  const booked = new Map<string, number>();
  for (const { zone: at, handlingUnit = '', owner, item, lot = '', quantity } of rows) {
    const key = [at, handlingUnit, owner, item, lot].join(' ');
    booked.set(key, (booked.get(key) ?? 0) + quantity);
  }
  const held = new Map<string, number>();
  for (const name of unitNames) {
    const view = rig.stock.unit(name);
    if (view?.state !== 'here' || view.parent !== undefined) continue;
    for (const { owner, item, lot = '', quantity } of treeOf(view).flatMap((one) => one.goods)) {
      const key = [view.zone, name, owner, item, lot].join(' ');
      held.set(key, (held.get(key) ?? 0) + quantity);
    }
  }
  expect(held).toEqual(booked);
}

/** Units that are here and hold something, and where each serial is. */
function hereIn(rig: StockRig) {
  const units = unitNames
    .flatMap((name) => rig.stock.unit(name) ?? [])
    .filter((view) => view.zone !== undefined && treeOf(view).some((one) => one.goods.length > 0))
    .map(({ goods, parent, serials: list, unit: name, zone: at }) => ({
      goods: goods.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
      list,
      name,
      at,
      parent,
    }));
  const places = Array.from({ length: 8 }, (_, index) => {
    const [found] = rig.stock.find(rigs.serial(index + 1), 1).serials;
    return found?.zone === undefined ? undefined : [found.zone, found.status, found.unit];
  });
  return { units, places };
}

describe('the books', () => {
  test('are the sum of the lines of all events, whatever persons and devices do', () => {
    fc.assert(
      fc.property(byAll, (deeds) => {
        const rig = new StockRig();
        for (const deed of deeds) deed(rig);
        expect(rowsOf(rig)).toEqual(sumOfLines(rig));
        checkForest(rig);
        checkContents(rig);
      }),
      { numRuns: 250 },
    );
  }, 60_000);

  test('never go below zero by what persons ask for', () => {
    fc.assert(
      fc.property(byPersons, (deeds) => {
        const rig = new StockRig();
        for (const deed of deeds) {
          deed(rig);
          for (const [key, quantity] of rowsOf(rig)) assert(quantity > 0, `${key} ${quantity}`);
          checkContents(rig);
        }
        const said = rig.drafts.map(({ payload }) => payload as { discrepancies?: unknown });
        expect(said.filter(({ discrepancies }) => discrepancies !== undefined)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('have each serial in one account, as find says', () => {
    fc.assert(
      fc.property(byPersons, (deeds) => {
        const rig = new StockRig();
        for (const deed of deeds) deed(rig);
        const found = Array.from({ length: 8 }, (_, index) => {
          return rig.stock.find(rigs.serial(index + 1), 1).serials[0]?.zone;
        });
        const quantity = rig.stock
          .rows({ item: rigs.gtin }, 1000)
          .reduce((sum, row) => sum + row.quantity, 0);
        expect(found.filter((at) => at !== undefined)).toHaveLength(quantity);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('change nothing when an act is refused or sent again', () => {
    fc.assert(
      fc.property(byPersons, asked, (deeds, last) => {
        const rig = new StockRig();
        for (const deed of deeds) deed(rig);
        const before = rowsOf(rig);
        const { act, outcome } = rig.act(last);
        if (outcome.type === 'refused') expect(rowsOf(rig)).toEqual(before);
        // Else a box in the place of this one would not know it again.
        expect(idsIn(rig)).toHaveLength(rig.stateRows('act').length);
        const after = rowsOf(rig);
        const { outcome: again } = rig.send(act, rigs.fullLease);
        const of = outcome.type === 'refused' ? outcome.code : 'applied';
        expect(again).toMatchObject({ type: 'repeated', of, isOther: false });
        expect(rowsOf(rig)).toEqual(after);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('come to the same, to the byte, wherever the gateway is restarted', () => {
    fc.assert(
      fc.property(byAll, fc.array(fc.nat(49), { maxLength: 8 }), (deeds, cuts) => {
        const run = (at: ReadonlySet<number>): string => {
          const rig = new StockRig();
          deeds.forEach((deed, index) => {
            if (at.has(index)) rig.restart();
            deed(rig);
          });
          rig.wait(20_000);
          const said = rig.drafts as unknown as Canonical;
          return encodeCanonical([said, [...rowsOf(rig)], plain(rig.stock.tasks())]);
        };
        expect(run(new Set(cuts))).toBe(run(new Set()));
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  test('are told whole by the events alone, so that another box can go on with them', () => {
    fc.assert(
      fc.property(byAll, byPersons, (deeds, later) => {
        const rig = new StockRig();
        for (const deed of deeds) deed(rig);
        const other = new StockRig();
        const book = new SiteBook();
        for (const { draft, receivedAtMs } of rig.items) {
          book.apply(draft.kind, draft.payload, receivedAtMs);
        }
        other.take({ type: 'book-restored', part: 1, parts: 1, rows: book.rows() });
        expect(rowsOf(other)).toEqual(rowsOf(rig));
        expect(hereIn(other)).toEqual(hereIn(rig));
        checkForest(other);
        checkContents(other);
        for (const deed of later) deed(other);
        checkForest(other);
        checkContents(other);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  test('have a unit by itself that came back without the one with which it left', () => {
    const rig = new StockRig();
    const one = rigs.serial(1);
    const inner = { item: rigs.gtin, quantity: 1, serials: [one], handlingUnit: 'lpn:C' };
    rig.act({ type: 'receive', what: { goods: inner }, zone: 'storage' });
    rig.act({ type: 'pack', parent: rigs.pallet, zone: 'storage', units: ['lpn:C'] });
    rig.pass([one], 'out', 1);
    rig.wait(1000);
    rig.act({ type: 'receive', what: { unit: 'lpn:C' }, zone: 'receiving' });
    const book = new SiteBook();
    for (const { draft, receivedAtMs } of rig.items) {
      book.apply(draft.kind, draft.payload, receivedAtMs);
    }
    const units = book.rows().units.map(({ unit, parent, zone: at }) => ({ unit, parent, at }));
    expect(units).toEqual([{ unit: 'lpn:C', parent: undefined, at: 'receiving' }]);
  });

  test('have a thing once that came back in another unit than it left in', () => {
    const rig = new StockRig();
    const [one, two] = [rigs.serial(1), rigs.serial(2)];
    const both = { item: rigs.gtin, quantity: 2, serials: [one, two], handlingUnit: 'lpn:A' };
    const alone = { item: rigs.gtin, quantity: 1, serials: [one], handlingUnit: 'lpn:B' };
    rig.act({ type: 'receive', what: { goods: both }, zone: 'receiving' });
    rig.act({ type: 'ship', what: { unit: 'lpn:A' }, zone: 'receiving' });
    rig.act({ type: 'receive', what: { goods: alone }, zone: 'receiving' });
    rig.act({ type: 'receive', what: { unit: 'lpn:A' }, zone: 'receiving' });
    const book = new SiteBook();
    for (const { draft, receivedAtMs } of rig.items) {
      book.apply(draft.kind, draft.payload, receivedAtMs);
    }
    const { units } = book.rows();
    expect(
      units.map(({ unit, goods: [held], serials: list }) => [unit, held?.quantity, list.length]),
    ).toEqual([
      ['lpn:A', 1, 1],
      ['lpn:B', 1, 1],
    ]);
  });

  test('reach every kind of stock event in these runs', () => {
    const said = new Set<string>();
    for (const deeds of fc.sample(byAll, { numRuns: 300, seed: 3 })) {
      const rig = new StockRig();
      for (const deed of deeds) deed(rig);
      for (const { kind } of rig.drafts) said.add(kind);
    }
    expect([...said]).toEqual(
      expect.arrayContaining([
        'stock.received',
        'stock.moved',
        'stock.shipped',
        'stock.adjusted',
        'stock.held',
        'stock.released',
        'stock.reconciled',
        'stock.regrouped',
        'stock.counted',
        'stock.swept',
        'unit.packed',
        'unit.unpacked',
        'unit.observed',
        'document.opened',
        'document.progressed',
        'document.closed',
        'act.refused',
        'task.opened',
        'task.closed',
      ]),
    );
  });
});

test('an entry of an act is canonical, so that the intake log keeps it exactly', () => {
  fc.assert(
    fc.property(asked, (of) => {
      const act = { ...of, id: 'act-00001', person: 'p-1' };
      const body = { type: 'act', act, lease: rigs.fullLease } as unknown as IntakeBody;
      expect(JSON.parse(encodeCanonical(body as unknown as Canonical))).toEqual(body);
    }),
  );
});

/** The acts that events name. */
function idsIn(rig: StockRig): string[] {
  const ids = rig.drafts.flatMap(({ payload }) => {
    const { act, by } = payload as { act?: string; by?: { act: string } };
    return [by?.act ?? act ?? []].flat();
  });
  return [...new Set(ids)];
}
