import { describe, expect, test } from 'vitest';
import {
  floorActAnswer,
  floorDocument,
  floorPaths,
  floorSession,
  floorStock,
  floorTasks,
  type FloorCountSheet,
  type FloorDocument,
  type FloorDocuments,
  type FloorFound,
  type FloorProblem,
  type FloorSession,
  type FloorSite,
  type FloorStock,
  type FloorTasks,
} from '#contracts/api/floor-api.ts';
import { floorTransfers, type FloorTransfers } from '#contracts/api/floor-transfers-api.ts';
import { faultsOf } from '#contracts/validate.ts';
import { startMs } from '../observe/testing/test-site.ts';
import { asn, bulkItem, gtin, lotItem, pallet, serial } from '../post/testing/stock-rig.ts';
import { asked, leaseFor, openFloor, person, type FloorClient } from './testing/floor-site.ts';

const wrongUnit = 'sscc:00614141123456789';
const screws = (quantity: number) => ({ goods: { item: bulkItem, quantity } });

async function quantityIn(client: FloorClient, zone: string, item = bulkItem) {
  const { rows } = await client.get<FloorStock>(floorPaths.stock, { zone, item });
  return rows.map(({ status, quantity }) => [status, quantity]);
}

async function stocked(quantity = 40) {
  const people = [person('mia'), person('ole'), person('eva')];
  const floor = await openFloor({ people });
  const mia = await floor.client('mia');
  await mia.act(asked({ type: 'receive', zone: 'storage', what: screws(quantity) }));
  return { ...floor, mia };
}

describe('receiving against a document, with the hub away', () => {
  test('is durable, said by an event, and counted on the document', async () => {
    const { client, submit } = await openFloor();
    const lines = [{ line: 1, item: lotItem, lot: 'L1', quantity: 10 }];
    await submit({ type: 'document', origin: 'file', document: asn({ lines }) });
    const mia = await client('mia');
    const { documents } = await mia.get<FloorDocuments>(floorPaths.documents, { state: 'open' });
    expect(documents).toMatchObject([{ id: 'ASN-7', expected: 10, seen: 0 }]);
    const what = { goods: { item: lotItem, quantity: 4 } };
    const document = { id: 'ASN-7' };
    const answer = await mia.act(asked({ type: 'receive', zone: 'receiving', what, document }));
    expect(faultsOf(floorActAnswer, answer)).toEqual([]);
    expect(answer).toMatchObject({ outcome: 'applied', repeated: false, refusal: null });
    expect(answer.events).toEqual([{ event: 'gw-1/1/3', kind: 'stock.received' }]);
    const of = await mia.get<FloorDocument>(floorPaths.document, { id: 'ASN-7' });
    expect(faultsOf(floorDocument, of)).toEqual([]);
    expect(of.lines).toMatchObject([
      { lot: 'L1', tracking: 'lot', expected: 10, seen: 4, room: 7 },
    ]);
    const much = { goods: { item: lotItem, quantity: 8 } };
    const beyond = asked({ type: 'receive', zone: 'receiving', what: much, document });
    expect(await mia.act(beyond)).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'over-document', path: 'what.goods.quantity', value: 8 },
    });
  });

  test('takes a whole unit by its barcode, and finds what is in it', async () => {
    const { client, submit } = await openFloor();
    const serials = [serial(1), serial(2)];
    await submit({ type: 'document', origin: 'rest', document: asn({ serials }) });
    const mia = await client('mia');
    const text = `(00)${pallet.slice(5)}`;
    const before = await mia.get<FloorFound>(floorPaths.find, { text });
    expect(before).toMatchObject({ unit: pallet, units: [{ state: 'expected', zone: null }] });
    const what = { unit: pallet };
    const act = asked({ type: 'receive', zone: 'receiving', what, document: { id: 'ASN-7' } });
    expect(await mia.act(act)).toMatchObject({ outcome: 'applied' });
    const after = await mia.get<FloorFound>(floorPaths.find, { text });
    expect(after.units).toMatchObject([{ state: 'here', zone: 'receiving', serials }]);
    const tag = await mia.get<FloorFound>(floorPaths.find, { text: serial(2).toLowerCase() });
    expect(tag).toMatchObject({ epc: serial(2), item: { item: gtin, tracking: 'serial' } });
    expect(tag.serials).toMatchObject([{ zone: 'receiving', unit: pallet }]);
  });

  test('a GTIN with a serial is the EPC that the document announces', async () => {
    const { client, submit } = await openFloor();
    await submit({ type: 'document', origin: 'rest', document: asn({ serials: [serial(7)] }) });
    const mia = await client('mia');
    const text = `(01)${gtin}(21)7`;
    const found = await mia.get<FloorFound>(floorPaths.find, { text });
    expect(found).toMatchObject({ epc: serial(7), item: { item: gtin } });
    expect(found.expectedOn).toMatchObject([{ document: 'ASN-7', line: 1, expected: 1, seen: 0 }]);
  });
});

describe('the other acts', () => {
  test('move, hold and release', async () => {
    const { mia } = await stocked();
    const at = { zone: 'storage', toZone: 'shipping' };
    await mia.act(asked({ type: 'move', ...at, what: screws(15) }));
    expect(await quantityIn(mia, 'shipping')).toEqual([['shipping', 15]]);
    const zone = 'storage';
    await mia.act(asked({ type: 'hold', zone, what: screws(5), reason: 'damage' }));
    expect(await quantityIn(mia, zone)).toEqual([
      ['available', 20],
      ['quality-hold', 5],
    ]);
    await mia.act(asked({ type: 'release', zone, what: screws(5) }));
    expect(await quantityIn(mia, zone)).toEqual([['available', 25]]);
  });

  test('pack and unpack', async () => {
    const { mia } = await stocked(12);
    const parent = 'lpn:CAGE-1';
    const goods = [{ item: bulkItem, quantity: 12 }];
    const packed = await mia.act(asked({ type: 'pack', zone: 'storage', parent, goods }));
    expect(packed.events.map(({ kind }) => kind)).toEqual(['unit.packed', 'stock.regrouped']);
    const query = { unit: parent };
    const { rows } = await mia.get<FloorStock>(floorPaths.stock, query);
    expect(rows).toMatchObject([{ handlingUnit: parent, quantity: 12 }]);
    await mia.act(asked({ type: 'unpack', parent }));
    expect(await mia.get(floorPaths.stock, query)).toMatchObject({ rows: [] });
  });

  test('a task is listed, and closed by an act', async () => {
    const { mia, client } = await stocked();
    await mia.act(asked({ type: 'count', zone: 'storage', found: [] }));
    const open = await mia.get<FloorTasks>(floorPaths.tasks);
    expect(faultsOf(floorTasks, open)).toEqual([]);
    expect(open.tasks).toMatchObject([{ task: 'recount', zone: 'storage' }]);
    const task = open.tasks[0]?.id ?? '';
    const dismiss = { type: 'resolve', task, outcome: 'dismissed' } as const;
    expect(await mia.act(asked(dismiss))).toMatchObject({
      refusal: { code: 'task-not-yours', path: 'task', value: task },
    });
    const ole = await client('ole');
    expect(await ole.act(asked(dismiss))).toMatchObject({ outcome: 'applied' });
    expect(await mia.get(floorPaths.tasks)).toMatchObject({ tasks: [] });
  });
});

describe('an adjustment', () => {
  const of = (quantity: number) =>
    asked({ type: 'adjust', zone: 'storage', item: bulkItem, quantity, reason: 'damaged' });

  test('is kept within what the lease lends, each and in all, and says what is left', async () => {
    const { mia } = await stocked();
    expect(await mia.act(of(-6))).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'limit-per-entry', detail: '6 of 5 units', path: 'quantity', value: -6 },
    });
    expect(await mia.act(of(-5))).toMatchObject({ outcome: 'applied' });
    const session = await mia.get<FloorSession>(floorPaths.session);
    expect(faultsOf(floorSession, session)).toEqual([]);
    expect(session.lease).toMatchObject({ limitPerEntry: 5, limitCumulative: 8, leftUnits: 3 });
    const beyond = await mia.act(of(-4));
    expect(beyond.refusal).toMatchObject({
      code: 'limit-cumulative',
      detail: '4 of 3 units left',
      remedy: 'your limit is used up: have it renewed, or take less',
    });
    expect(beyond.events).toMatchObject([{ kind: 'act.refused' }]);
    expect(await quantityIn(mia, 'storage')).toEqual([['available', 35]]);
  });

  test('is refused to who was lent nothing, and that is on record', async () => {
    const { lease: _, ...without } = person('ann');
    const counts = person('cem', { lease: leaseFor('p-cem', { may: ['count'] }) });
    const { client } = await openFloor({ people: [without, counts] });
    const ann = await client('ann');
    expect(await ann.get(floorPaths.session)).toMatchObject({ may: [], lease: null });
    expect(await ann.act(of(1))).toMatchObject({ refusal: { code: 'lease-missing', path: null } });
    const cem = await client('cem');
    expect((await cem.act(of(1))).refusal).toMatchObject({ code: 'not-permitted', path: 'type' });
  });
});

describe('a count', () => {
  const found = (quantity: number) => ({
    type: 'count' as const,
    zone: 'storage',
    found: [{ item: bulkItem, quantity }],
  });

  test('is blind: no answer has the book’s figure before it', async () => {
    const { mia, client } = await stocked(41);
    const query = { zone: 'storage' };
    const sheet = await mia.get<FloorCountSheet>(floorPaths.countSheet, query);
    expect(sheet).toMatchObject({ recountOf: null, lines: [{ item: bulkItem, tracking: 'bulk' }] });
    expect(await quantityIn(mia, 'storage')).toEqual([['available', null]]);
    const seen = [
      sheet,
      await mia.get(floorPaths.find, { text: bulkItem }),
      await mia.act(asked({ type: 'move', ...query, toZone: 'shipping', what: screws(99) })),
      await mia.get(floorPaths.tasks),
    ];
    for (const answer of seen) expect(JSON.stringify(answer)).not.toMatch(/\b41\b/);
    const ole = await client('ole');
    expect(await quantityIn(ole, 'storage')).toEqual([['available', 41]]);
    const counted = await mia.act(asked(found(41)));
    expect(counted.count).toMatchObject({ result: 'agrees', lines: [{ booked: 41 }] });
    expect(await quantityIn(mia, 'storage')).toEqual([['available', 41]]);
  });

  test('that differs asks for a recount, and hides the book from everybody until then', async () => {
    const { mia, client } = await stocked(40);
    const first = await mia.act(asked(found(36)));
    expect(first.count).toEqual({ result: 'recount', lines: null });
    const [task] = first.tasks;
    expect(task).toMatchObject({ task: 'recount', zone: 'storage' });
    const ole = await client('ole');
    expect(await quantityIn(ole, 'storage')).toEqual([['available', null]]);
    const query = { zone: 'storage', task: task?.id ?? '' };
    const { recountOf } = await ole.get<FloorCountSheet>(floorPaths.countSheet, query);
    expect(recountOf).toBe(first.act);
    const again = { ...found(36), recountOf: first.act, task: query.task };
    expect(await mia.act(asked(again))).toMatchObject({ refusal: { code: 'same-person' } });
    const second = await ole.act(asked(again));
    expect(second.count).toMatchObject({
      result: 'confirmed',
      lines: [{ booked: 40, counted: 36 }],
    });
    expect(await quantityIn(ole, 'storage')).toEqual([['available', 36]]);
    expect(await ole.get(floorPaths.tasks)).toMatchObject({ tasks: [] });
  });

  test('that is tolerated or waits for approval tells who counted nothing of the book', async () => {
    const { mia, client } = await stocked(40);
    expect((await mia.act(asked(found(39)))).count).toEqual({ result: 'tolerated', lines: null });
    const first = await mia.act(asked(found(30)));
    const ole = await client('ole');
    const second = await ole.act(asked({ ...found(30), recountOf: first.act }));
    expect(second.count).toEqual({ result: 'review', lines: null });
    const reason = 'one account differs from the book';
    expect(second.tasks).toMatchObject([{ task: 'approve-variance', reason }]);
    for (const one of [mia, ole]) {
      expect(await quantityIn(one, 'storage')).toEqual([['available', null]]);
      expect(await one.get(floorPaths.tasks)).toMatchObject({ tasks: [{ reason }] });
    }
    const eva = await client('eva');
    expect(await quantityIn(eva, 'storage')).toEqual([['available', 39]]);
    expect(await eva.get(floorPaths.tasks)).toMatchObject({
      tasks: [{ reason: `${reason}: ${bulkItem} -9` }],
    });
    const task = second.tasks[0]?.id ?? '';
    await eva.act(asked({ type: 'resolve', task, outcome: 'done' }));
    expect(await quantityIn(mia, 'storage')).toEqual([['available', 39]]);
  });

  test('sheet of a zone or task that is not there says which field', async () => {
    const { mia } = await stocked();
    const answer = await mia.ask('GET', `${floorPaths.countSheet}?zone=attic`);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ faults: [{ path: 'zone', value: 'attic' }] });
    const other = await mia.ask('GET', `${floorPaths.countSheet}?zone=storage&task=t9-0`);
    expect(other.status).toBe(404);
  });
});

describe('the same act again', () => {
  test('is answered in the same words, and applied once, also when both come at once', async () => {
    const { mia } = await stocked(10);
    const act = asked({ type: 'move', zone: 'storage', toZone: 'shipping', what: screws(4) });
    const [one, two] = await Promise.all([mia.act(act), mia.act(act)]);
    expect(two).toEqual(one);
    expect(await mia.act(act)).toEqual(one);
    expect(await quantityIn(mia, 'shipping')).toEqual([['shipping', 4]]);
  });

  test('after a restart has the same outcome', async () => {
    const first = await stocked(10);
    const good = asked({ type: 'move', zone: 'storage', toZone: 'shipping', what: screws(4) });
    const bad = asked({ type: 'move', zone: 'storage', toZone: 'shipping', what: screws(400) });
    await first.mia.act(good);
    expect(await first.mia.act(bad)).toMatchObject({ refusal: { code: 'beyond-balance' } });
    await first.close();
    const { client } = await openFloor({ dir: first.dir });
    const mia = await client('mia');
    expect(await mia.act(good)).toMatchObject({
      outcome: 'applied',
      repeated: true,
      events: [{ kind: 'stock.moved' }],
    });
    expect(await mia.act(bad)).toMatchObject({
      outcome: 'refused',
      repeated: true,
      refusal: { code: 'beyond-balance', path: 'what.goods.quantity', value: 400 },
    });
    const stock = await mia.get<FloorStock>(floorPaths.stock, { zone: 'shipping' });
    expect(faultsOf(floorStock, stock)).toEqual([]);
    expect(stock.rows).toMatchObject([{ quantity: 4 }]);
  });

  test('with another content, or from somebody else, is a conflict', async () => {
    const { mia, client } = await stocked(10);
    const act = asked({ type: 'move', zone: 'storage', toZone: 'shipping', what: screws(4) });
    await mia.act(act);
    const answer = await mia.ask('POST', floorPaths.acts, { ...act, what: screws(5) });
    expect(answer.status).toBe(409);
    expect((await (await client('ole')).ask('POST', floorPaths.acts, act)).status).toBe(409);
    expect(await quantityIn(mia, 'shipping')).toEqual([['shipping', 4]]);
  });
});

test('an act that is none is refused with every field, its value and what to write', async () => {
  const { mia } = await stocked();
  const body = { type: 'adjust', id: 'act-0', zone: 'storage', item: bulkItem, quantity: 0 };
  const answer = await mia.ask('POST', floorPaths.acts, { ...body, person: 'p-ole' });
  expect(answer.status).toBe(400);
  const { faults = [] } = (await answer.json()) as FloorProblem;
  expect(faults.map(({ path }) => path).toSorted()).toEqual(['id', 'person', 'quantity', 'reason']);
  const quantity = faults.find(({ path }) => path === 'quantity');
  expect(quantity?.value).toBe(0);
  expect(quantity?.remedy).toContain('use a whole number');
});

test('a unit or an item that a scan would name otherwise is refused, with what to write', async () => {
  const { mia, submit } = await stocked();
  const what = { goods: { item: '4012345000009', quantity: 1, handlingUnit: `${wrongUnit}1` } };
  const answer = await mia.ask(
    'POST',
    floorPaths.acts,
    asked({ type: 'receive', zone: 'receiving', what }),
  );
  expect(answer.status).toBe(400);
  const { faults = [] } = (await answer.json()) as FloorProblem;
  expect(faults.map(({ path, value }) => [path, value])).toEqual([
    ['what.goods.item', '4012345000009'],
    ['what.goods.handlingUnit', `${wrongUnit}1`],
  ]);
  // What is in the log already is applied as it is, and can be moved and corrected.
  const act = asked({ type: 'receive', zone: 'receiving', what });
  const holder = 'p-mia';
  await submit({ type: 'act', act: { ...act, person: holder }, lease: leaseFor(holder) });
  expect(await quantityIn(mia, 'receiving', '4012345000009')).toEqual([['receiving', 1]]);
  const move = { type: 'move', zone: 'receiving', toZone: 'storage' } as const;
  expect(await mia.act(asked({ ...move, what: { unit: `${wrongUnit}1` } }))).toMatchObject({
    outcome: 'applied',
  });
});

test('a zone of another gateway is one to move goods to, and to do nothing else in', async () => {
  const yard = { id: 'yard', status: 'shipping', gateway: 'gw-2' } as const;
  const { client } = await openFloor({ otherZones: [yard] });
  const mia = await client('mia');
  const { elsewhere, zones } = await mia.get<FloorSite>(floorPaths.site);
  expect(zones.map(({ id }) => id)).not.toContain('yard');
  expect(elsewhere).toEqual([{ gateway: 'gw-2', id: 'yard' }]);
  expect(await mia.act(asked({ type: 'receive', zone: 'yard', what: screws(5) }))).toMatchObject({
    outcome: 'refused',
    refusal: { code: 'unknown-zone' },
  });
  await mia.act(asked({ type: 'receive', zone: 'storage', what: screws(5) }));
  const act = asked({ type: 'move', zone: 'storage', toZone: 'yard', what: screws(1) });
  for (let time = 0; time < 2; time += 1) {
    expect(await mia.act(act)).toMatchObject({ outcome: 'applied' });
    expect(await quantityIn(mia, 'storage')).toEqual([['available', 4]]);
  }
  const shown = await mia.get<FloorTransfers>(floorPaths.transfers);
  expect(faultsOf(floorTransfers, shown)).toEqual([]);
  expect(shown.transfers).toMatchObject([
    {
      isOwn: true,
      isLate: false,
      other: 'gw-2',
      toZone: 'yard',
      lines: [{ quantity: 1, left: 1 }],
    },
  ]);
});

test('a thing that comes from another gateway is known by its printed code, and taken in by it', async () => {
  const { client, submit } = await openFloor();
  const mia = await client('mia');
  const epcs = [serial(1), serial(2)];
  const lines = [{ owner: 'own', item: gtin, quantity: 2, serials: epcs }];
  const [from, lane] = [{ gateway: 'gw-2', site: 'leeds' }, 'gw-2>gw-1'];
  const of = { from, lane, lines, sentAtMs: startMs, transfer: 'gw-2/1/x7-0' };
  await submit({ type: 'transfers', notices: [{ type: 'coming', ...of }] });
  const found = await mia.get<FloorFound>(floorPaths.find, { text: `(01)${gtin}(21)6789` });
  expect(found.epc).toBeNull();
  const { epc } = await mia.get<FloorFound>(floorPaths.find, { text: `(01)${gtin}(21)1` });
  expect(epc).toBe(serial(1));
  const goods = { item: gtin, quantity: 1, serials: [serial(1)] };
  const act = asked({ type: 'receive', zone: 'storage', transfer: of.transfer, what: { goods } });
  expect(await mia.act(act)).toMatchObject({ outcome: 'applied' });
  const { transfers } = await mia.get<FloorTransfers>(floorPaths.transfers);
  expect(transfers).toMatchObject([{ lines: [{ quantity: 2, left: 1, serials: [serial(2)] }] }]);
});

test('while the disk has no room nothing new is taken, and the page is told to ask again', async () => {
  const { mia, state } = await stocked(10);
  const act = asked({ type: 'move', zone: 'storage', toZone: 'shipping', what: screws(4) });
  state.hold = { reason: 'disk-full', sinceMs: 1 };
  const answer = await mia.ask('POST', floorPaths.acts, act);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  state.hold = undefined;
  expect(await mia.act(act)).toMatchObject({ outcome: 'applied', repeated: false });
});

test('what is malformed is told in words, at its field', async () => {
  const { client } = await openFloor();
  const mia = await client('mia');
  const faultOf = async (body: object) => {
    const answer = await mia.ask('POST', floorPaths.acts, { id: 'act-malformed', ...body });
    expect(answer.status).toBe(400);
    const { faults = [] } = (await answer.json()) as FloorProblem;
    expect(faults).toHaveLength(1);
    return faults[0];
  };
  const move = { type: 'move', zone: 'storage', toZone: 'shipping', what: screws(1) };
  expect(await faultOf({ ...move, type: 'mvoe' })).toMatchObject({
    path: 'type',
    value: 'mvoe',
    remedy: expect.stringMatching(
      /^use "receive", "ship", "move", .* \(did you mean "move"\?\)$/,
    ) as unknown,
  });
  expect(await faultOf({ ...move, what: { unit: 'pallet 7' } })).toMatchObject({
    path: 'what.unit',
    value: 'pallet 7',
    remedy: expect.stringMatching(
      /^use text \(a handling unit: sscc: and 18 digits; .* lpn: /,
    ) as unknown,
  });
  expect(await faultOf({ ...move, atMs: 1e300 })).toMatchObject({
    path: 'atMs',
    value: 1e300,
    remedy: 'use a whole number from 0 to 8640000000000000 (UTC milliseconds since 1970)',
  });
});

test('a refusal about a zone names the field in which that zone stands', async () => {
  const lease = leaseFor('p-mia', { zones: ['storage'] });
  const { client } = await openFloor({ people: [person('mia', { lease })] });
  const mia = await client('mia');
  const move = { type: 'move', what: screws(1) } as const;
  const pathOf = async (zone: string, toZone: string) =>
    (await mia.act(asked({ ...move, zone, toZone }))).refusal?.path;
  expect(await pathOf('shipping', 'storage')).toBe('zone');
  expect(await pathOf('storage', 'shipping')).toBe('toZone');
  expect(await pathOf('nowhere', 'storage')).toBe('zone');
});

test('how far a document is stays hidden from who counts in its zone', async () => {
  const { client, submit } = await openFloor();
  const [mia, ole] = [await client('mia'), await client('ole')];
  const line = { line: 1, item: bulkItem, quantity: 9 };
  const document = asn({ zone: 'receiving', lines: [line] });
  await submit({ type: 'document', origin: 'rest', document });
  const on = { document: { id: 'ASN-7' }, zone: 'receiving' };
  await mia.act(asked({ type: 'receive', what: screws(4), ...on }));
  const shown = async (who: FloorClient) => {
    const one = await who.get<FloorDocument>(floorPaths.document, { id: 'ASN-7' });
    expect(faultsOf(floorDocument, one)).toEqual([]);
    const { documents } = await who.get<FloorDocuments>(floorPaths.documents);
    const { expectedOn } = await who.get<FloorFound>(floorPaths.find, { text: bulkItem });
    return [
      one.seen,
      one.lines[0]?.seen,
      one.lines[0]?.room,
      documents[0]?.seen,
      expectedOn[0]?.seen,
    ];
  };
  expect(await shown(mia)).toEqual([4, 4, 5, 4, 4]);
  await mia.get(floorPaths.countSheet, { zone: 'receiving' });
  expect(await shown(mia)).toEqual([null, null, null, null, null]);
  expect(await shown(ole)).toEqual([4, 4, 5, 4, 4]);
});
