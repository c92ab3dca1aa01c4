import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutants } from './mutants.ts';
import { runSchedule } from './run-schedule.ts';
import { drawSchedule } from './schedule.ts';

const root = new URL('../..', import.meta.url).pathname;

describe('a schedule of faults', () => {
  test('breaks no promise, whatever its seed', { timeout: 120_000 }, async () => {
    const broken: unknown[] = [];
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 120; seed += 1) {
      const { befallen, events, violations } = await runSchedule(drawSchedule(seed));
      for (const { kind } of befallen) kinds.add(kind);
      // A run in which nothing happens would hold every promise.
      if (violations.length > 0 || events < 20) broken.push({ seed, events, violations });
    }
    expect(broken).toEqual([]);
    expect(kinds.size).toBe(11);
  });

  test('has a minute, two hundred events and three kinds of faults', async () => {
    const schedule = drawSchedule(3);
    expect(schedule.durationMs).toBeGreaterThanOrEqual(60_000);
    const { events } = await runSchedule({ ...schedule, faults: [] });
    expect(events).toBeGreaterThanOrEqual(200);
    for (let seed = 1; seed < 200; seed += 1) {
      const kinds = new Set(drawSchedule(seed).faults.map(({ kind }) => kind));
      expect(kinds.size).toBeGreaterThanOrEqual(3);
    }
  });

  test('runs the same way each time', async () => {
    const runs = [await runSchedule(drawSchedule(7)), await runSchedule(drawSchedule(7))];
    expect(runs[0]?.fingerprint).toBe(runs[1]?.fingerprint);
    expect(runs[0]?.steps).toBe(runs[1]?.steps);
    const other = await runSchedule(drawSchedule(8));
    expect(other.fingerprint).not.toBe(runs[0]?.fingerprint);
  });
});

test('each planted bug stands in the code once, so that planting it means something', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(20);
  for (const { also = [], file, find, name } of mutants) {
    for (const edit of [{ file, find }, ...also]) {
      const text = readFileSync(root + edit.file, 'utf8');
      expect(text.split(edit.find).length, `${name}: ${edit.find}`).toBe(2);
    }
  }
});
