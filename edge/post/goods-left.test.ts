import { describe, expect, test } from 'vitest';
import type { StateRow } from '../observe/state-row.ts';
import { GoodsLeft, mostKept, type Departure } from './goods-left.ts';

const hour = 3_600_000;
const goods = { item: '04012345678901', lot: 'L1', owner: 'own' };

function departure(leftMs: number, over: Partial<Departure> = {}): Departure {
  return { ...goods, leftMs, quantity: 1, serials: [], zone: 'cold', ...over };
}

function rowsOf(left: GoodsLeft): Map<string, string | null> {
  const rows: StateRow[] = [];
  left.drainDirty(rows);
  return new Map(rows.map(({ key, value }) => [key, value]));
}

describe('what left a zone', () => {
  test('is remembered for a week', () => {
    const left = new GoodsLeft();
    left.add(departure(hour));
    expect(left.during('cold', 0, hour, 169 * hour)).toHaveLength(1);
    expect(left.during('cold', 0, hour, 169 * hour + 1)).toEqual([]);
  });

  test('is no more than so much, the newest, and the same after a restart', () => {
    const [left, stored] = [new GoodsLeft(), new Map<string, string>()];
    const keep = (from: GoodsLeft) => {
      for (const [key, value] of rowsOf(from)) {
        if (value === null) stored.delete(key);
        else stored.set(key, value);
      }
    };
    const half = mostKept / 2 + 10;
    for (let at = 0; at < half; at += 1) left.add(departure(at));
    keep(left);
    const restored = new GoodsLeft();
    for (const [key, value] of [...stored].reverse()) restored.restore('goods-left', key, value);
    for (let at = half; at < mostKept + 1; at += 1) {
      for (const one of [left, restored]) one.add(departure(at));
    }
    keep(restored);
    const kept = left.during('cold', 0, mostKept, mostKept);
    expect(kept).toHaveLength((mostKept * 3) / 4);
    expect(kept.at(-1)?.leftMs).toBe(mostKept);
    expect(restored.during('cold', 0, mostKept, mostKept)).toEqual(kept);
    expect(stored.size).toBe(kept.length);
  });

  test('counts as many as it has serials', () => {
    const left = new GoodsLeft();
    const serials = Array.from({ length: mostKept / 4 }, (_, at) => `30${at}`);
    for (let at = 0; at < 5; at += 1) {
      left.add(departure(at, { quantity: serials.length, serials }));
    }
    expect(left.during('cold', 0, 5, 5).map(({ leftMs }) => leftMs)).toEqual([2, 3, 4]);
  });
});
