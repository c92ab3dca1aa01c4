import { describe, expect, test } from 'vitest';
import { actTypes, floorAct } from './acts.ts';
import { siteDocument } from './documents.ts';
import { unitId } from './goods.ts';
import { validate } from './validate.ts';

const common = { id: 'act-0001', person: 'p-1' };
const goods = { item: 'milk', quantity: 3 };

const acts = [
  { type: 'receive', what: { goods }, zone: 'dock' },
  { type: 'ship', what: { unit: 'lpn:P-1' }, zone: 'dock' },
  { type: 'move', what: { goods }, zone: 'dock', toZone: 'cold' },
  { type: 'count', zone: 'dock', found: [] },
  { type: 'sweep', zone: 'dock' },
  { type: 'hold', what: { goods }, zone: 'dock', reason: 'quality' },
  { type: 'release', what: { goods }, zone: 'dock' },
  { type: 'adjust', zone: 'dock', item: 'milk', quantity: -1, reason: 'damaged' },
  { type: 'pack', parent: 'sscc:106141411234567897', zone: 'dock', goods: [goods] },
  { type: 'unpack', parent: 'grai:0614141000012:A1' },
  { type: 'resolve', outcome: 'done', task: 't12-0' },
  { type: 'close', document: { id: 'PO 4711/2' } },
];

describe('an act', () => {
  test('of every type is one of the list of types', () => {
    expect(acts.map(({ type }) => type)).toEqual([...actTypes]);
  });

  test.each(acts)('$type is taken, and refused with a key it does not know', (act) => {
    expect(validate(floorAct, { ...common, ...act })).toMatchObject({ ok: true });
    expect(validate(floorAct, { ...common, ...act, surprise: 1 }).ok).toBe(false);
  });

  test.each([
    { type: 'receive', what: { goods: { item: 'milk', quantity: 0 } }, zone: 'dock' },
    { type: 'receive', what: { goods: { item: 'milk', quantity: 1.5 } }, zone: 'dock' },
    { type: 'receive', what: { goods: { item: 'mi\nlk', quantity: 1 } }, zone: 'dock' },
    { type: 'receive', what: { goods, unit: 'lpn:P-1' }, zone: 'dock' },
    { type: 'adjust', zone: 'dock', item: 'milk', quantity: 0, reason: 'found' },
    { type: 'ship', what: { goods }, zone: 'Dock 1' },
  ])('that nobody could mean is refused: %j', (act) => {
    expect(validate(floorAct, { ...common, ...act }).ok).toBe(false);
  });

  test('needs an id of its client and a person', () => {
    expect(validate(floorAct, { ...acts[0], id: 'short', person: 'p-1' }).ok).toBe(false);
    expect(validate(floorAct, { ...acts[0], id: 'act-0001' }).ok).toBe(false);
  });
});

test.each([
  ['sscc:106141411234567897', true],
  ['grai:0614141000012:A1', true],
  ['lpn:PAL-0001', true],
  ['106141411234567897', false],
  ['sscc:10614141123456789', false],
  ['lpn:', false],
  ['lpn:a b', false],
])('%s is a handling unit: %s', (unit, isOne) => {
  expect(validate(unitId, unit).ok).toBe(isOne);
});

test('a document has lines, a tolerance and a state', () => {
  const document = {
    type: 'receipt',
    id: 'ASN-1',
    version: 1,
    site: 'hamburg',
    state: 'open',
    tolerance: { overPermille: 0, underPermille: 0 },
    lines: [{ line: 1, item: 'milk', quantity: 10 }],
  };
  expect(validate(siteDocument, document).ok).toBe(true);
  expect(validate(siteDocument, { ...document, lines: [] }).ok).toBe(false);
  expect(validate(siteDocument, { ...document, type: 'order' }).ok).toBe(false);
});
