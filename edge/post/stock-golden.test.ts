import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BlockSealer } from '../journal/seal.ts';
import { counterBody } from '../observe/testing/test-site.ts';
import {
  asn,
  bulkItem,
  countedSite,
  fullLease,
  gtin,
  lotItem,
  pallet,
  serial,
  StockRig,
} from './testing/stock-rig.ts';

/**
 * One day at the dock, whose events lie in `fixtures/stock-events.ndjson` byte for byte: a header
 * line and a payload line each, sealed. A line that differs is an event that old journals do not
 * explain: it needs a new version of its kind.
 */
function dayAtTheDock(): StockRig {
  const rig = new StockRig(countedSite);
  const second = { ...fullLease, id: 'lease-2', person: 'p-2' };
  const announced = [1, 2, 3, 4, 5].map(serial);
  rig.document(asn({ serials: announced, partner: 'Dairy & Sons', expectedAtMs: rig.nowMs }));
  rig.take(counterBody(10));
  rig.take(counterBody(15));
  rig.pass(announced.slice(0, 4), 'in');
  rig.wait(20_000);
  rig.act({ type: 'move', zone: 'receiving', toZone: 'storage', what: { unit: pallet } });
  const milk = { item: lotItem, lot: 'L1', quantity: 12, owner: 'acme' };
  rig.act({ type: 'receive', zone: 'storage', what: { goods: milk } });
  const screws = { item: bulkItem, quantity: 40 };
  rig.act({ type: 'receive', zone: 'storage', what: { goods: screws } });
  rig.act({
    type: 'pack',
    zone: 'storage',
    parent: 'lpn:T-1',
    goods: [{ ...screws, quantity: 8 }],
  });
  rig.act({ type: 'pack', zone: 'storage', parent: 'lpn:T-1', units: [pallet] });
  rig.act({ type: 'hold', zone: 'storage', what: { goods: milk }, reason: 'climate' });
  const some = { ...milk, quantity: 5 };
  rig.act({ type: 'release', zone: 'storage', what: { goods: some } });
  const count = { type: 'count' as const, zone: 'storage', items: [bulkItem] };
  const found = [
    { item: bulkItem, quantity: 20 },
    { item: bulkItem, quantity: 8, handlingUnit: 'lpn:T-1' },
  ];
  const { act } = rig.act({ ...count, found });
  rig.act({ ...count, found, recountOf: act.id }, second);
  rig.act({ type: 'sweep', zone: 'storage', epcs: [serial(1), serial(9)] });
  rig.act({ type: 'adjust', zone: 'storage', item: bulkItem, quantity: -2, reason: 'damaged' });
  rig.act({ type: 'ship', zone: 'storage', what: { goods: { item: gtin, quantity: 99 } } });
  rig.act({ type: 'unpack', parent: 'lpn:T-1', units: [pallet] });
  rig.pass([serial(1), serial(2)], 'out');
  rig.wait(20_000);
  rig.act({ type: 'ship', zone: 'storage', what: { unit: pallet } });
  rig.document(asn({ id: 'ASN-8', lines: [{ line: 1, item: bulkItem, quantity: 7 }] }));
  rig.act({ type: 'close', document: { id: 'ASN-8' } });
  const [task] = rig.stock.tasks();
  rig.act({ type: 'resolve', outcome: 'done', task: task?.id ?? 't0-0' });
  rig.take({ type: 'revocation', person: 'p-2', revokedAtMs: rig.nowMs - 60_000 });
  return rig;
}

test('the events of a day at the dock are the same to the byte as ever', () => {
  const epoch = {
    gateway: 'gw-1',
    id: 'ab'.repeat(16),
    ordinal: 1,
    parent: null,
    site: 'leeds',
    startedAt: 0,
    tenant: 'main',
  };
  const sealer = new BlockSealer(epoch);
  const { bytes } = sealer.seal({ seq: 0, hash: '0'.repeat(64) }, dayAtTheDock().items);
  const text = bytes.toString('utf8');
  const stored = readFileSync(new URL('fixtures/stock-events.ndjson', import.meta.url), 'utf8');
  expect(text.split('\n')).toEqual(stored.split('\n'));
});
