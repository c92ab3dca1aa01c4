import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kineticWeight, meanKineticMilliC } from './mean-kinetic.ts';
import type { StateRow } from './state-row.ts';
import { heldMs, ZoneWarmth } from './zone-warmth.ts';

/** USP <1160> as it stands there, with the times as weights. */
function direct(parts: readonly (readonly [milliC: number, ms: number])[]): number {
  const overR = 83.144 / 8.3144e-3;
  let sum = 0;
  let all = 0;
  for (const [milliC, ms] of parts) {
    sum += ms * Math.exp(-overR / (milliC / 1000 + 273.15));
    all += ms;
  }
  return 1000 * (overR / -Math.log(sum / all) - 273.15);
}

function incremental(parts: readonly (readonly [milliC: number, ms: number])[]) {
  let sum = 0n;
  let all = 0;
  for (const [milliC, ms] of parts) {
    sum += kineticWeight(milliC) * BigInt(ms);
    all += ms;
  }
  return meanKineticMilliC(sum, all);
}

const minute = 60_000;
const part = fc.tuple(
  fc.integer({ min: -80_000, max: 80_000 }),
  fc.integer({ min: 1, max: 48 * 60 * minute }),
);

describe('the mean kinetic temperature', () => {
  test('is that of the formula, within a thousandth of a degree', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 60 }), (parts) => {
        expect(Math.abs((incremental(parts) ?? NaN) - direct(parts))).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });

  test('of one steady temperature is that temperature', () => {
    for (let milliC = -80_000; milliC <= 80_000; milliC += 731) {
      expect(incremental([[milliC, 17 * minute]])).toBe(milliC);
    }
  });

  test('lies above the mean: an hour of heat counts for more than an hour of cold', () => {
    const mixed = incremental([
      [5000, 60 * minute],
      [35_000, 60 * minute],
    ]);
    expect(mixed).toBe(28_827);
    expect(meanKineticMilliC(0n, 0)).toBeUndefined();
  });
});

function between(warmth: ZoneWarmth, fromMs: number, toMs: number) {
  const [from, to] = [warmth.mark('cold', fromMs), warmth.mark('cold', toMs)];
  if (from === undefined || to === undefined) return undefined;
  const coveredMs = to.coveredMs - from.coveredMs;
  return { coveredMs, mkt: meanKineticMilliC(to.sum - from.sum, coveredMs) };
}

describe('the warmth of a zone', () => {
  test('is that of its warmest sensor, each holding until its next reading', () => {
    const warmth = new ZoneWarmth();
    warmth.read('cold', 'a', 4000, 0);
    const start = warmth.mark('cold', 0);
    warmth.read('cold', 'b', 9000, 10 * minute);
    warmth.read('cold', 'b', 3000, 20 * minute);
    const end = warmth.mark('cold', 30 * minute);
    const mkt = meanKineticMilliC((end?.sum ?? 0n) - (start?.sum ?? 0n), 30 * minute);
    expect(end?.coveredMs).toBe(30 * minute);
    expect(mkt).toBe(
      incremental([
        [4000, 10 * minute],
        [9000, 10 * minute],
        [4000, 10 * minute],
      ]),
    );
  });

  test('is not that of a sensor that was moved elsewhere', () => {
    const warmth = new ZoneWarmth();
    warmth.read('cold', 'a', 4000, 0);
    warmth.read('cold', 'b', 25_000, 0);
    warmth.keepSensors((sensor) => sensor !== 'b', 10 * minute);
    warmth.read('cold', 'a', 4000, 10 * minute);
    expect(between(warmth, 10 * minute, 20 * minute)).toEqual({
      coveredMs: 10 * minute,
      mkt: 4000,
    });
  });

  test('is unknown once all its sensors are quiet for two hours', () => {
    const warmth = new ZoneWarmth();
    warmth.read('cold', 'a', 4000, 0);
    const whole = warmth.mark('cold', 10 * heldMs);
    expect(whole?.coveredMs).toBe(heldMs);
    expect(between(warmth, 0, 10 * heldMs)).toEqual({ coveredMs: heldMs, mkt: 4000 });
    expect(warmth.mark('other', 0)).toBeUndefined();
  });

  test('does not depend on when it is asked or restored, to the byte', () => {
    const readings = fc.array(
      fc.tuple(
        fc.constantFrom('a', 'b'),
        fc.integer({ min: -30_000, max: 40_000 }),
        fc.integer({ min: 0, max: 3 * heldMs }),
      ),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(readings, fc.infiniteStream(fc.boolean()), (given, coins) => {
        const plain = new ZoneWarmth();
        let cut = new ZoneWarmth();
        const rows = new Map<string, StateRow>();
        let atMs = 0;
        for (const [sensor, milliC, afterMs] of given) {
          atMs += afterMs;
          plain.read('cold', sensor, milliC, atMs);
          cut.read('cold', sensor, milliC, atMs);
          if (coins.next().value === true) cut = restored(cut, rows);
          cut.mark('cold', atMs + minute);
        }
        const [one, other] = [plain.mark('cold', atMs), cut.mark('cold', atMs)];
        expect(String(other?.sum)).toBe(String(one?.sum));
        expect(other?.coveredMs).toBe(one?.coveredMs);
      }),
    );
  });
});

function restored(before: ZoneWarmth, rows: Map<string, StateRow>): ZoneWarmth {
  const dirty: StateRow[] = [];
  before.drainDirty(dirty);
  for (const row of dirty) rows.set(row.key, row);
  const after = new ZoneWarmth();
  for (const { machine, key, value } of rows.values()) {
    if (value !== null) after.restore(machine, key, value);
  }
  return after;
}
