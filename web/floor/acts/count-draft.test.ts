import { describe, expect, test } from 'vitest';
import { floorCountSheet } from '../../testing/floor-fixture.ts';
import { MemoryStorage } from '../../testing/memory-storage.ts';
import type { GoodsSubject } from '../scan/subject.ts';
import {
  draftOf,
  foundOf,
  lineKey,
  openLines,
  resumed,
  withFound,
  withScan,
} from './count-draft.ts';
import { dropCount, keepCount, keptCount } from './kept-count.ts';

const draft = draftOf(floorCountSheet('storage', null, 0));
const code = (item: string, rest: Partial<GoodsSubject> = {}): GoodsSubject => ({
  type: 'goods',
  item,
  lot: undefined,
  epc: undefined,
  serial: undefined,
  count: undefined,
  tracking: null,
  rows: [],
  ...rest,
});

describe('a blind count', () => {
  test('has nothing counted at first, which is not zero', () => {
    expect(openLines(draft)).toBe(3);
    expect(draft.lines.map(({ found }) => found)).toEqual([undefined, undefined, undefined]);
  });

  test('counts scans on the line they fit, and each single thing once', () => {
    const scans = [code('84879'), code('84879', { count: 10 }), code('22423', { lot: 'L881' })];
    const counted = scans.reduce(withScan, draft);
    expect(counted.lines.map(({ found }) => found)).toEqual([1, 11, undefined]);
    const single = withScan(
      withScan(draft, code('84879', { epc: 'E' })),
      code('84879', { epc: 'E' }),
    );
    expect(single.lines[1]?.found).toBe(1);
  });

  test('keeps what is on no line as found extra', () => {
    const more = withScan(withScan(draft, code('99')), code('22423', { lot: 'OTHER' }));
    expect(more.lines.slice(3)).toMatchObject([
      { item: '99', found: 1, extra: true },
      { item: '22423', lot: 'OTHER', found: 1, extra: true },
    ]);
    expect(foundOf(more).at(-1)).toEqual({ item: '22423', lot: 'OTHER', quantity: 1 });
  });

  test('says zero of what nobody found, for then it was looked for', () => {
    const [line] = draft.lines;
    const said = line === undefined ? draft : withFound(draft, lineKey(line), 240);
    expect(foundOf(said).map(({ quantity }) => quantity)).toEqual([240, 0, 0]);
    expect(openLines(said)).toBe(2);
  });

  test('goes on after a reload, unless the sheet asks for another count', () => {
    const storage = new MemoryStorage();
    const before = withScan(withScan(draft, code('84879')), code('99'));
    const key = { person: 'p-1', zone: 'storage' };
    keepCount(storage, key, before, 1000);
    expect(resumed(draft, keptCount(storage, key, 2000)?.draft)).toEqual(before);
    const recount = draftOf(floorCountSheet('storage', 't1-0', 0));
    expect(resumed(recount, keptCount(storage, key, 2000)?.draft)).toEqual(recount);
    dropCount(storage, key);
    expect(resumed(draft, keptCount(storage, key, 2000)?.draft)).toEqual(draft);
    storage.setItem('holdfast-floor-count-p-1-storage', '{"atMs":1,"draft":{"lines":1}}');
    expect(keptCount(storage, key, 2000)).toBeUndefined();
  });

  test('is seen by nobody else, and is begun anew when it was left for hours', () => {
    const storage = new MemoryStorage();
    const key = { person: 'p-1', zone: 'storage' };
    keepCount(storage, key, withScan(draft, code('84879')), 1000);
    expect(keptCount(storage, { ...key, person: 'p-2' }, 2000)).toBeUndefined();
    expect(keptCount(storage, key, 5 * 3_600_000)).toBeUndefined();
    expect(keptCount(storage, key, 2000)).toBeUndefined();
  });
});
