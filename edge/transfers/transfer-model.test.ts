import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActOf } from '#contracts/acts.ts';
import { bulkItem, gtin, pallet, serial } from '../post/testing/stock-rig.ts';
import { TwoGateways } from './testing/two-gateways.ts';

/** 1 to 3 go by themselves, 4 to 6 on the pallet; some screws go loose. */
const singles = [1, 2, 3].map(serial);
const onPallet = [4, 5, 6].map(serial);
const screws = 10;

type Step = (gateways: TwoGateways) => void;

function begin(isDoor: boolean): TwoGateways {
  const gateways = new TwoGateways(isDoor);
  gateways.at('north', (rig) => {
    const take = (item: string, epcs: readonly string[]) =>
      rig.act({
        type: 'receive',
        zone: 'north-store',
        what: { goods: { item, quantity: epcs.length, serials: [...epcs] } },
      });
    take(gtin, [...singles, ...onPallet]);
    rig.act({ type: 'pack', parent: pallet, zone: 'north-store', serials: onPallet });
    rig.act({
      type: 'receive',
      zone: 'north-store',
      what: { goods: { item: bulkItem, quantity: screws } },
    });
  });
  return gateways;
}

/** What north's people and south's readers and people do, once each, whenever they come to it. */
const sends: readonly Step[] = [
  ...singles.map((epc) => leaving({ goods: { item: gtin, quantity: 1, serials: [epc] } })),
  leaving({ unit: pallet }),
  leaving({ goods: { item: bulkItem, quantity: screws } }),
];

function leaving(what: ActOf<'move'>['what']): Step {
  return (gateways) => {
    gateways.at('north', (rig) =>
      rig.act({ type: 'move', zone: 'north-store', toZone: 'south-dock', what }),
    );
  };
}

const reads = [...singles.map((epc) => [epc]), onPallet].map((epcs): Step => (gateways) => {
  gateways.at('south', (rig) => {
    rig.pass(epcs, 'in');
    rig.wait(4000);
  });
});

/** Where south was told, it confirms what it was told; else it says where the screws are from. */
const screwsArrive: Step = (gateways) => {
  gateways.at('south', (rig) => {
    const coming = rig.stock.transfers().find(({ isOwn, lines }) => {
      return !isOwn && lines.some(({ item }) => item === bulkItem);
    });
    const named = coming === undefined ? { from: 'north' } : { transfer: coming.transfer };
    const what = { goods: { item: bulkItem, quantity: screws } };
    rig.act({ type: 'receive', zone: 'south-dock', what, ...named });
  });
};

const between: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ name: fc.constantFrom('north' as const, 'south' as const), events: fc.nat(12) }).map(
    ({ name, events }): Step =>
      (gateways) =>
        gateways.send(name, events),
  ),
  fc.record({ name: fc.constantFrom('north' as const, 'south' as const), again: fc.boolean() }).map(
    ({ again, name }): Step =>
      (gateways) =>
        gateways.tell(name, again),
  ),
  fc.constantFrom('north' as const, 'south' as const).map(
    (name): Step =>
      (gateways) =>
        gateways.rigs[name].restart(),
  ),
  fc.constantFrom('north' as const, 'south' as const).map(
    (name): Step =>
      (gateways) =>
        gateways.at(name, (rig) => rig.wait(9000)),
  ),
);

test('whatever the order of the two legs, each thing ends in one account and the lanes are empty', () => {
  const legs = fc.shuffledSubarray([...sends, ...reads, screwsArrive], {
    minLength: sends.length + reads.length + 1,
  });
  const order = legs.chain((all) =>
    fc.tuple(...all.map((leg) => fc.tuple(fc.constant(leg), fc.array(between, { maxLength: 3 })))),
  );
  fc.assert(
    fc.property(order, fc.boolean(), (steps, isDoor) => {
      const gateways = begin(isDoor);
      for (const [leg, rest] of steps) {
        leg(gateways);
        for (const step of rest) step(gateways);
      }
      gateways.settle();
      const sums = new Map<string, number>();
      for (const [key, quantity] of gateways.balances()) {
        const [where = '', , item = ''] = key.startsWith('south ') ? key.split(' ') : [key];
        const at = where === 'south' ? `south ${item}` : key;
        sums.set(at, (sums.get(at) ?? 0) + quantity);
      }
      expect(Object.fromEntries(sums)).toEqual({
        [`supplier ${gtin}`]: -6,
        [`supplier ${bulkItem}`]: -screws,
        [`south ${gtin}`]: 6,
        [`south ${bulkItem}`]: screws,
      });
      const { north, south } = gateways.rigs;
      for (const epc of [...singles, ...onPallet]) {
        expect(north.stock.find(epc, 5).serials.map(({ zone }) => zone)).toEqual([undefined]);
        expect(south.stock.find(epc, 5).serials.map(({ zone }) => zone)).toEqual(['south-dock']);
      }
      expect([...north.stock.transfers(), ...south.stock.transfers()]).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test('a book is the sum of its own lines while things go to and fro, and none is in two books', () => {
  const crossing = fc.record({
    epc: fc.constantFrom(...singles),
    to: fc.constantFrom('north' as const, 'south' as const),
    isTold: fc.boolean(),
    rest: fc.array(between, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(fc.array(crossing, { minLength: 1, maxLength: 10 }), (crossings) => {
      const gateways = begin(false);
      for (const { epc, isTold, rest, to } of crossings) {
        const from = to === 'north' ? 'south' : 'north';
        gateways.at(from, (rig) => {
          const [place] = rig.stock.find(epc, 1).serials;
          if (!isTold || place?.zone === undefined) return;
          const what = { goods: { item: gtin, quantity: 1, serials: [epc] } };
          rig.act({ type: 'move', zone: place.zone, toZone: `${to}-dock`, what });
        });
        gateways.at(to, (rig) => {
          rig.pass([epc], 'in');
          rig.wait(4000);
        });
        for (const step of rest) step(gateways);
      }
      gateways.settle();
      const last = new Map(crossings.map(({ epc, to }) => [epc, to]));
      for (const [epc, to] of last) {
        const placed = (['north', 'south'] as const).filter((name) =>
          gateways.rigs[name].stock.find(epc, 1).serials.some(({ zone }) => zone !== undefined),
        );
        expect(placed).toEqual([to]);
      }
      for (const name of ['north', 'south'] as const) {
        const rows = gateways.rigs[name].stock.rows({ item: gtin }, 50);
        const booked = rows.reduce((sum, { quantity }) => sum + quantity, 0);
        const summed = [...gateways.balances()].filter(([key]) => {
          return key.startsWith(`${name} `) && key.includes(gtin);
        });
        expect(booked).toBe(summed.reduce((sum, [, quantity]) => sum + quantity, 0));
      }
    }),
    { numRuns: 150 },
  );
}, 30_000);
