import type { FloorFound } from '#contracts/api/floor-api.ts';
import {
  floorDocument,
  floorDocuments,
  floorStock,
  floorUnit,
  pallet,
  serialEpc,
  stockRow,
} from './floor-fixture.ts';

/** What codes mean in the invented warehouse of the floor. */

const noneFound = (text: string, nowMs: number): FloorFound => ({
  asOfMs: nowMs,
  code: { elements: [], form: 'text', text },
  epc: null,
  item: null,
  lot: null,
  unit: null,
  rows: [],
  serials: [],
  units: [],
  documents: [],
  expectedOn: [],
});

/** Rows may be kept from who counts. */
export function floorFound(text: string, nowMs: number, blind = false): FloorFound {
  const none = noneFound(text, nowMs);
  if (text === pallet || text.includes('376130321000300843')) return foundPallet(none);
  if (text === 'lpn:CASE-0117' || text === 'CASE-0117') {
    const [known] = floorUnit().within;
    const units = known === undefined ? [] : [{ ...known, seen: null, within: [] }];
    return { ...none, unit: 'lpn:CASE-0117', units };
  }
  if (text === serialEpc || text.includes('6789')) return foundSerial(none);
  const document = floorDocuments(nowMs).find(({ id }) => id === text);
  if (document !== undefined) return { ...none, documents: [document] };
  const item = /22423|84879|85123A|47566/.exec(text)?.[0];
  return item === undefined ? none : foundItem(none, item, blind);
}

function foundPallet(none: FloorFound): FloorFound {
  const sscc = '376130321000300843';
  const elements = [{ ai: '00', value: sscc }];
  const code = { ...none.code, elements, form: 'element-string' as const, sscc };
  return { ...none, code, unit: pallet, units: [floorUnit()] };
}

function foundSerial(none: FloorFound): FloorFound {
  const item = '04012345123456';
  const serial = {
    epc: serialEpc,
    item,
    zone: 'storage',
    status: 'available' as const,
    unit: null,
    seenIn: 'storage',
  };
  return {
    ...none,
    code: { ...none.code, form: 'element-string', gtin: item, serial: '6789' },
    epc: serialEpc,
    item: { item, tracking: 'serial' },
    rows: [stockRow('storage', { item, lot: null, quantity: 16 })],
    serials: [serial],
  };
}

function foundItem(none: FloorFound, item: string, blind: boolean): FloorFound {
  const rows = floorStock.filter((row) => row.item === item);
  const expectedOn = floorDocument(none.asOfMs)
    .lines.filter((each) => each.item === item)
    .map(({ line, lot, owner, expected, seen, room }) => {
      const on = { document: 'ASN-77120', type: 'receipt' as const };
      return { ...on, line, lot, owner, expected, seen, room };
    });
  return {
    ...none,
    item: { item, tracking: item === '22423' ? 'lot' : 'bulk' },
    rows: rows.map((row) => (blind ? { ...row, quantity: null } : row)),
    expectedOn,
  };
}
