import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import { configBody } from '../observe/testing/test-site.ts';
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

const goods = (item: string, quantity: number, more: object = {}) => ({
  goods: { item, quantity, ...more },
});

function stocked(): StockRig {
  const rig = new StockRig();
  rig.act({ type: 'receive', zone: 'receiving', what: goods(bulkItem, 50) });
  rig.act({ type: 'receive', zone: 'receiving', what: goods(lotItem, 20, { lot: 'L1' }) });
  rig.act({
    type: 'receive',
    zone: 'receiving',
    what: goods(gtin, 2, { serials: [serial(1), serial(2)] }),
  });
  return rig;
}

const figures = (rig: StockRig, zone?: string) =>
  rig.stock
    .rows(zone === undefined ? {} : { zone }, 100)
    .map(({ item, status, quantity }) => `${item} ${status} ${quantity}`);

const refusal = (code: string) => ({ type: 'refused', code });

describe('an act', () => {
  test('receives, moves and ships, and says who asked for it', () => {
    const rig = stocked();
    const move = { type: 'move', zone: 'receiving', toZone: 'storage' } as const;
    const { outcome, drafts } = rig.act({ ...move, what: goods(bulkItem, 30) });
    expect(outcome).toEqual({ type: 'applied' });
    expect(drafts).toMatchObject([
      {
        kind: 'stock.moved',
        payload: {
          by: { person: 'p-1' },
          evidence: { agreed: ['person'], certaintyPermille: 990 },
        },
      },
    ]);
    rig.act({ type: 'ship', zone: 'storage', what: goods(bulkItem, 10) });
    expect(figures(rig)).toEqual([
      '80614141123458 receiving 2',
      'milk-1l receiving 20',
      'screw-m4 receiving 20',
      'screw-m4 available 20',
    ]);
  });

  test('is applied once, however often it is sent', () => {
    const rig = new StockRig();
    const { act } = rig.act({ type: 'receive', zone: 'storage', what: goods(bulkItem, 5) });
    expect(rig.send(act, fullLease)).toEqual({
      outcome: { type: 'repeated', of: 'applied', isOther: false, pos: 2 },
      drafts: [],
    });
    rig.restart();
    expect(rig.send(act, fullLease).drafts).toEqual([]);
    expect(figures(rig)).toEqual(['screw-m4 available 5']);
  });

  test('is told from another act under its id, also after a restart', () => {
    const rig = new StockRig();
    const { act } = rig.act({ type: 'receive', zone: 'storage', what: goods(bulkItem, 5) });
    rig.restart();
    const other = { ...act, what: goods(bulkItem, 6) } as typeof act;
    expect(rig.send(other, fullLease)).toEqual({
      outcome: { type: 'repeated', of: 'applied', isOther: true, pos: 2 },
      drafts: [],
    });
    expect(figures(rig)).toEqual(['screw-m4 available 5']);
  });

  test('beyond the balance is refused with the reason, and changes nothing', () => {
    const rig = stocked();
    const before = figures(rig);
    const { outcome, drafts } = rig.act({
      type: 'ship',
      zone: 'receiving',
      what: goods(bulkItem, 51),
    });
    expect(outcome).toEqual({
      type: 'refused',
      code: 'beyond-balance',
      detail: '50 of 51 screw-m4 in receiving',
    });
    expect(drafts).toMatchObject([{ kind: 'act.refused', payload: { code: 'beyond-balance' } }]);
    expect(figures(rig)).toEqual(before);
  });

  test.each([
    ['without a lease', null, 'lease-missing'],
    ['under the lease of another person', { ...fullLease, person: 'p-2' }, 'lease-missing'],
    ['after the lease has run out', { ...fullLease, validUntilMs: 1 }, 'lease-expired'],
    ['that the lease does not include', { ...fullLease, may: ['count'] as const }, 'not-permitted'],
    ['in a zone outside the lease', { ...fullLease, zones: ['shipping'] }, 'zone-not-permitted'],
    ['for another owner', { ...fullLease, owners: ['acme'] }, 'owner-not-permitted'],
  ])('%s is refused', (_, lease, code) => {
    const rig = new StockRig();
    const asked = { type: 'receive', zone: 'storage', what: goods(bulkItem, 5) } as const;
    const of = lease === null ? null : { ...lease, may: [...lease.may] };
    expect(rig.act(asked, of, 'p-1').outcome).toMatchObject(refusal(code));
  });

  test('follows the tracking of its item', () => {
    const rig = stocked();
    const receive = { type: 'receive', zone: 'storage' } as const;
    const outcomes = [
      rig.act({ ...receive, what: goods(lotItem, 5) }),
      rig.act({ ...receive, what: goods(gtin, 1) }),
      rig.act({ ...receive, what: goods(gtin, 2, { serials: [serial(9)] }) }),
      rig.act({ ...receive, what: goods(gtin, 1, { serials: [serial(1)] }) }),
      rig.act({ ...receive, what: goods('other', 1, { serials: [serial(9)] }) }),
      rig.act({ type: 'move', zone: 'receiving', toZone: 'storage', what: goods(gtin, 1) }),
      rig.act({ type: 'ship', zone: 'storage', what: goods(gtin, 1, { serials: [serial(1)] }) }),
    ].map(({ outcome }) => (outcome.type === 'refused' ? outcome.code : outcome.type));
    expect(outcomes).toEqual([
      'lot-required',
      'serials-required',
      'serials-mismatch',
      'serial-elsewhere',
      'serials-mismatch',
      'serials-required',
      'serial-elsewhere',
    ]);
  });

  test('goes out only on a document, unless the config says otherwise; comes in without', () => {
    const { documentRequired: _, ...posting } = stockSite.posting;
    const rig = new StockRig({ ...stockSite, posting });
    const what = goods(bulkItem, 5);
    expect(rig.act({ type: 'receive', zone: 'storage', what }).outcome.type).toBe('applied');
    const ship = { type: 'ship', zone: 'storage', what } as const;
    const lease = { ...fullLease, limitPerEntry: 0 };
    expect(rig.act(ship, lease).outcome).toMatchObject(refusal('document-required'));
    expect(figures(rig)).toEqual([`${bulkItem} available 5`]);
    const strict = { ...posting, documentRequired: { receive: true, ship: false } };
    rig.take(configBody({ ...stockSite, posting: strict }));
    expect(rig.act(ship).outcome.type).toBe('applied');
    expect(rig.act({ type: 'receive', zone: 'storage', what }).outcome).toMatchObject(
      refusal('document-required'),
    );
  });

  test('takes the only lot there is where none is named', () => {
    const rig = stocked();
    const move = { type: 'move', zone: 'receiving', toZone: 'storage' } as const;
    const { drafts } = rig.act({ ...move, what: goods(lotItem, 5) });
    expect(drafts.flatMap(linesOf)).toMatchObject([{ lot: 'L1' }, { lot: 'L1' }]);
  });
});

describe('a hold', () => {
  test('keeps goods from being shipped, goes with them when they move, and is released', () => {
    const rig = stocked();
    rig.act({ type: 'hold', zone: 'receiving', what: goods(bulkItem, 50), reason: 'quality' });
    const ship = { type: 'ship', zone: 'receiving', what: goods(bulkItem, 1) } as const;
    expect(rig.act(ship).outcome).toMatchObject(refusal('beyond-balance'));
    expect(rig.act({ ...ship, status: 'quality-hold' }).outcome).toMatchObject(
      refusal('wrong-status'),
    );
    const move = { type: 'move', zone: 'receiving', toZone: 'storage' } as const;
    const mover = { ...fullLease, may: ['move' as const] };
    rig.act({ ...move, what: goods(bulkItem, 50) }, mover);
    expect(figures(rig, 'storage')).toEqual(['screw-m4 quality-hold 50']);
    const back = { ...move, zone: 'storage', toZone: 'receiving', toStatus: 'available' } as const;
    expect(rig.act({ ...back, what: goods(bulkItem, 1) }, mover).outcome).toMatchObject(
      refusal('not-permitted'),
    );
    rig.act({ type: 'release', zone: 'storage', what: goods(bulkItem, 20) });
    expect(figures(rig, 'storage')).toEqual(['screw-m4 available 20', 'screw-m4 quality-hold 30']);
  });

  test('of a unit holds all that is in it', () => {
    const rig = new StockRig();
    rig.document(asn({ serials: [serial(1), serial(2)] }));
    rig.act({ type: 'receive', zone: 'receiving', what: { unit: pallet } });
    rig.act({ type: 'hold', zone: 'receiving', what: { unit: pallet }, reason: 'damage' });
    expect(figures(rig)).toEqual(['80614141123458 quality-hold 2']);
    const ship = { type: 'ship', zone: 'receiving', what: { unit: pallet } } as const;
    expect(rig.act(ship).outcome).toMatchObject(refusal('wrong-status'));
    const release = { type: 'release', zone: 'receiving', what: { unit: pallet } } as const;
    expect(kindsOf(rig.act(release).drafts)).toEqual(['stock.released']);
  });
});

describe('an adjustment', () => {
  const less = (quantity: number) =>
    ({ type: 'adjust', zone: 'receiving', item: bulkItem, quantity, reason: 'damaged' }) as const;

  test('goes to scrap or to the count variance by its reason', () => {
    const rig = stocked();
    const accounts = [
      less(-3),
      { ...less(-2), reason: 'lost' as const },
      { ...less(4), reason: 'found' as const },
    ]
      .flatMap((asked) => rig.act(asked).drafts)
      .flatMap(linesOf)
      .map(({ account, quantity }) => `${account.type} ${quantity}`);
    expect(accounts).toEqual([
      'zone -3',
      'scrap 3',
      'zone -2',
      'count-variance 2',
      'count-variance -4',
      'zone 4',
    ]);
  });

  test('stays within the limits of each entry and of the lease, also after a restart', () => {
    const rig = stocked();
    const lease = { ...fullLease, id: 'small', limitPerEntry: 8, limitCumulative: 20 };
    expect(rig.act(less(-9), lease).outcome).toMatchObject(refusal('limit-per-entry'));
    expect(rig.act(less(-8), lease).outcome.type).toBe('applied');
    rig.restart();
    expect(rig.act(less(-8), lease).outcome.type).toBe('applied');
    expect(rig.act(less(-5), lease).outcome).toMatchObject({
      ...refusal('limit-cumulative'),
      detail: '5 of 4 units left',
    });
    expect(rig.act(less(-4), lease).outcome.type).toBe('applied');
    expect(rig.act(less(-1), { ...lease, id: 'renewed' }).outcome.type).toBe('applied');
  });

  test('stays within limits by value, and refuses what has no known value', () => {
    const rig = stocked();
    const lease = { ...fullLease, id: 'value', valuePerEntryMinor: 50, valueCumulativeMinor: 60 };
    expect(rig.act(less(-11), lease).outcome).toMatchObject(refusal('limit-per-entry'));
    expect(rig.act(less(-10), lease).outcome.type).toBe('applied');
    expect(rig.act(less(-3), lease).outcome).toMatchObject(refusal('limit-cumulative'));
    const unknown = { ...less(1), item: 'no-value' };
    expect(rig.act(unknown, lease).outcome).toMatchObject(refusal('value-unknown'));
  });
});

describe('a receipt against a document', () => {
  const lines = [
    { line: 1, item: bulkItem, quantity: 40 },
    { line: 2, item: lotItem, lot: 'L9', quantity: 10 },
  ];
  const on = { id: 'ASN-7' };

  test('counts on its line, takes its lot, and closes it when all is there', () => {
    const rig = new StockRig();
    rig.document(asn({ lines }));
    const receive = { type: 'receive', zone: 'receiving', document: on } as const;
    const { drafts } = rig.act({ ...receive, what: goods(lotItem, 10) });
    expect(drafts).toMatchObject([
      { payload: { document: { id: 'ASN-7', line: 2 }, lines: [{ lot: 'L9' }, { lot: 'L9' }] } },
    ]);
    rig.act({ ...receive, what: goods(bulkItem, 40) });
    expect(rig.wait(12_000)).toMatchObject([
      { kind: 'document.progressed', payload: { seen: 50, expected: 50 } },
      { kind: 'document.closed', payload: { complete: true, reason: 'complete', lines: [] } },
    ]);
  });

  test('is refused beyond its tolerance, for what is not on it, and once it is closed', () => {
    const rig = new StockRig();
    rig.document(asn({ lines }));
    const receive = { type: 'receive', zone: 'receiving', document: on } as const;
    expect(rig.act({ ...receive, what: goods(bulkItem, 45) }).outcome).toMatchObject({
      ...refusal('over-document'),
      detail: '45 of 44 still expected',
    });
    expect(rig.act({ ...receive, what: goods('stray', 1) }).outcome).toMatchObject({
      ...refusal('not-on-document'),
      detail: 'stray of owner own on ASN-7',
    });
    const others = { goods: { item: bulkItem, quantity: 1, owner: 'acme' } };
    expect(rig.act({ ...receive, what: others }).outcome).toMatchObject({
      ...refusal('not-on-document'),
      detail: `${bulkItem} of owner acme on ASN-7: there it is of owner own`,
    });
    const { drafts } = rig.act({ type: 'close', document: on });
    expect(drafts).toMatchObject([
      { kind: 'document.closed', payload: { complete: false, by: { person: 'p-1' } } },
      { kind: 'task.opened', payload: { task: 'resolve-difference', document: 'ASN-7' } },
    ]);
    expect(rig.act({ ...receive, what: goods(bulkItem, 1) }).outcome).toMatchObject(
      refusal('document-closed'),
    );
    expect(
      rig.act({ ...receive, document: { id: 'none' }, what: goods(bulkItem, 1) }).outcome,
    ).toMatchObject(refusal('unknown-document'));
  });
});

describe('tasks and revocations', () => {
  test('an act that works a task off closes it', () => {
    const rig = new StockRig();
    rig.pass([serial(1)], 'in', 1);
    rig.wait(8000);
    rig.pass([serial(1)], 'out', 1);
    rig.wait(8000);
    const [task] = rig.stock.tasks();
    expect(task).toMatchObject({ task: 'verify-movement', reason: 'ship-unverified' });
    const { drafts } = rig.act({ type: 'resolve', outcome: 'dismissed', task: task?.id ?? 't0-0' });
    expect(drafts).toMatchObject([{ kind: 'task.closed', payload: { outcome: 'dismissed' } }]);
    expect(rig.stock.tasks()).toEqual([]);
    const again = { type: 'resolve', outcome: 'done', task: task?.id ?? 't0-0' } as const;
    expect(rig.act(again).outcome).toMatchObject(refusal('unknown-task'));
  });

  test('acts of a person who had been revoked are kept, marked and sent for review', () => {
    const rig = new StockRig();
    const receive = { type: 'receive', zone: 'storage', what: goods(bulkItem, 5) } as const;
    rig.act(receive);
    const revokedAtMs = rig.nowMs + 1;
    const { act } = rig.act(receive);
    const drafts = rig.take({ type: 'revocation', person: 'p-1', revokedAtMs });
    expect(drafts).toMatchObject([
      { kind: 'person.revoked' },
      { kind: 'act.flagged', payload: { act: act.id, type: 'receive' } },
      { kind: 'task.opened', payload: { task: 'review-act', act: act.id } },
    ]);
    expect(figures(rig)).toEqual(['screw-m4 available 10']);
    expect(rig.act(receive).outcome).toMatchObject(refusal('not-permitted'));
    const later = { ...fullLease, id: 'lease-2', validFromMs: revokedAtMs + 1 };
    expect(rig.act(receive, later).outcome.type).toBe('applied');
  });

  test('whoever is let in again and revoked again is reviewed for both times', () => {
    const rig = new StockRig();
    const receive = { type: 'receive', zone: 'storage', what: goods(bulkItem, 1) } as const;
    const reviewed = (drafts: readonly EventDraft[]) =>
      drafts.flatMap(({ kind, payload }) =>
        kind === 'act.flagged' ? [(payload as { act: string }).act] : [],
      );
    const firstMs = rig.nowMs + 1;
    const first = rig.act(receive).act.id;
    const told = { type: 'revocation', person: 'p-1' } as const;
    expect(reviewed(rig.take({ ...told, revokedAtMs: firstMs }))).toEqual([first]);
    const second = { ...fullLease, id: 'lease-2', validFromMs: rig.nowMs + 1 };
    expect(reviewed(rig.act(receive, second).drafts)).toEqual([]);
    rig.restart();
    const secondMs = rig.nowMs + 1;
    const then = rig.act(receive, second).act.id;
    const again = rig.take({ ...told, revokedAtMs: secondMs });
    expect(kindsOf(again)).toEqual(['person.revoked', 'act.flagged', 'task.opened']);
    expect(reviewed(again)).toEqual([then]);
    expect(rig.take({ ...told, revokedAtMs: secondMs })).toEqual([]);
    expect(rig.act(receive, second).outcome).toMatchObject(refusal('not-permitted'));
    const third = { ...fullLease, id: 'lease-3', validFromMs: rig.nowMs + 1 };
    expect(rig.act(receive, third).outcome).toEqual({ type: 'applied' });
  });

  test('a time without rights that was over before the gateway heard of it is reviewed too', () => {
    const rig = new StockRig();
    const receive = { type: 'receive', zone: 'storage', what: goods(bulkItem, 1) } as const;
    rig.act(receive);
    const revokedAtMs = rig.nowMs + 1;
    const { act } = rig.act(receive);
    const untilMs = rig.nowMs + 1;
    rig.act(receive);
    const over = { type: 'revocation', person: 'p-1', revokedAtMs, untilMs } as const;
    expect(rig.take(over)).toMatchObject([
      { kind: 'person.revoked', payload: { revokedAt: revokedAtMs, until: untilMs } },
      { kind: 'act.flagged', payload: { act: act.id, revokedAt: revokedAtMs } },
      { kind: 'task.opened', payload: { task: 'review-act', act: act.id } },
    ]);
    rig.restart();
    expect(rig.take(over)).toEqual([]);
    expect(rig.act(receive).outcome).toMatchObject(refusal('not-permitted'));
    const lease = { ...fullLease, id: 'lease-2', validFromMs: untilMs };
    const late = rig.act({ ...receive, atMs: revokedAtMs + 1 }, lease);
    expect(late.outcome).toEqual({ type: 'applied' });
    expect(kindsOf(late.drafts)).toEqual(['stock.received', 'act.flagged', 'task.opened']);
    expect(kindsOf(rig.act(receive, lease).drafts)).toEqual(['stock.received']);
  });

  test('what an earlier version stored of a revocation still counts', () => {
    const value = String(new StockRig().nowMs);
    const rig = new StockRig(stockSite, [{ machine: 'revoked', key: 'p-1', value }]);
    const receive = { type: 'receive', zone: 'storage', what: goods(bulkItem, 1) } as const;
    expect(rig.act(receive).outcome).toMatchObject(refusal('not-permitted'));
  });

  test('an act of somebody without rights that another brings is kept whole, and not applied', () => {
    const rig = stocked();
    const before = figures(rig);
    const what = goods(bulkItem, 5);
    const move = { type: 'move', zone: 'receiving', toZone: 'storage', what } as const;
    const act = { ...move, id: 'left-0001', person: 'p-1', atMs: rig.nowMs };
    const left = { type: 'act', act, lease: null, broughtBy: 'p-2' } as const;
    const drafts = rig.take(left);
    expect(drafts).toMatchObject([
      { kind: 'act.refused', payload: { code: 'author-revoked', person: 'p-1' } },
      { kind: 'act.kept', payload: { asked: encodeCanonical(act), broughtBy: 'p-2' } },
      {
        kind: 'task.opened',
        payload: {
          act: 'left-0001',
          item: bulkItem,
          reason: `not done, of p-1, brought by p-2: move 5 ${bulkItem}, receiving to storage`,
          task: 'review-act',
          zone: 'receiving',
        },
      },
    ]);
    expect(rig.take(left)).toEqual([]);
    expect(figures(rig)).toEqual(before);
  });

  test('a gateway without a configuration refuses', () => {
    const rig = new StockRig({ ...stockSite, zones: [] });
    const receive = { type: 'receive', zone: 'storage', what: goods(bulkItem, 5) } as const;
    expect(rig.act(receive).outcome).toMatchObject(refusal('unknown-zone'));
  });
});
