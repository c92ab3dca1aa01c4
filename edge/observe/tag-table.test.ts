import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCanonical } from '#contracts/canonical.ts';
import type { StateRow } from './state-row.ts';
import type { TagState } from './tag-presence.ts';
import { TagTable } from './tag-table.ts';

const mean = fc.option(fc.integer({ min: -9000, max: 0 }), { nil: undefined });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const zone = fc.constantFrom('a', 'b', 'storage');
const state: fc.Arbitrary<TagState> = fc.record({
  zone: fc.constantFrom('', 'a', 'b'),
  device: fc.constantFrom('r1', 'r2'),
  receivedAtMs: time,
  seenAtMs: time,
  meanCdbm: mean,
  rival: fc.option(
    fc.record({
      zone,
      reads: fc.integer({ min: 1, max: 255 }),
      meanCdbm: mean,
      score: fc.integer({ min: 0, max: 10_000 }),
      seenAtMs: time,
    }),
    { nil: undefined },
  ),
});
const acts = fc.array(
  fc.tuple(
    fc.constantFrom('A1', 'A2', 'A3', 'A4'),
    fc.option(state, { nil: undefined }),
    fc.boolean(),
  ),
  { maxLength: 40, size: 'max' },
);

describe('the tag table', () => {
  test('holds what a map of states would, also when restored from its rows', () => {
    fc.assert(
      fc.property(acts, (list) => {
        const table = new TagTable();
        const model = new Map<string, TagState>();
        const stored = new Map<string, string>();
        for (const [epc, next, isCommit] of [...list, ['A1', undefined, true] as const]) {
          if (next === undefined) {
            table.delete(epc);
            model.delete(epc);
          } else {
            table.set(epc, next);
            model.set(epc, next);
          }
          if (!isCommit) continue;
          const rows: StateRow[] = [];
          table.drainDirty(rows);
          for (const { key, value } of rows) {
            if (value === null) stored.delete(key);
            else stored.set(key, value);
          }
        }
        const restored = new TagTable();
        for (const [key, value] of stored) {
          decodeCanonical(value);
          restored.restore(key, value);
        }
        for (const of of [table, restored]) {
          expect(new Map(Array.from(of.keys(), (epc) => [epc, of.get(epc)]))).toEqual(model);
        }
      }),
    );
  });

  test('grows beyond its first size without mixing tags up', () => {
    const table = new TagTable();
    for (let tag = 0; tag < 5000; tag += 1) {
      const basic = { zone: 'a', device: 'r1', seenAtMs: 1, meanCdbm: undefined };
      table.set(`T${tag}`, { ...basic, receivedAtMs: tag, rival: undefined });
    }
    expect(table.size).toBe(5000);
    expect(table.get('T4321')?.receivedAtMs).toBe(4321);
    expect(table.get('T0')?.receivedAtMs).toBe(0);
  });
});
