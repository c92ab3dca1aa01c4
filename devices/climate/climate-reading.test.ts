import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { unreadable } from '../json/split-json.ts';
import { climateReading, decodedOf, isPlaceable } from './climate-reading.ts';

const temperature = { measure: 'temperature', sensor: 's', claimedMs: undefined } as const;
const humidity = { ...temperature, measure: 'humidity' } as const;

describe('a value of a climate sensor', () => {
  test.each([
    [4, temperature, 4000],
    ['-18.25', temperature, -18_250],
    [39.2, { ...temperature, unit: 'F' }, 4000],
    [277.15, { ...temperature, unit: 'K' }, 4000],
    [-196, temperature, -196_000],
    [0, humidity, 0],
    [100, humidity, 1000],
  ] as const)('%s of %o is %i', (raw, origin, value) => {
    expect(climateReading(raw, origin)).toMatchObject({ type: 'climate', sensor: 's', value });
  });

  test.each([
    ['a probe that is not there', -327.68, temperature],
    ['an open circuit', 3276.7, temperature],
    ['the greatest of sixteen bits', 655.35, humidity],
    ['more than saturated', 100.1, humidity],
    ['below nothing', -0.1, humidity],
    ['outside of what this sensor can do', 86, { ...temperature, range: [-40_000, 85_000] }],
  ] as const)('%s is no reading', (_name, raw, origin) => {
    expect(climateReading(raw, origin)).toMatchObject({ ok: false, reason: 'out-of-range' });
  });

  test.each([
    [Number.NaN, 'not-a-number'],
    ['nan', 'not-a-number'],
    [1e300, 'not-a-number'],
    ['warm', 'wrong-type'],
    [{ value: 4 }, 'wrong-type'],
  ])('%s is no number', (raw, reason) => {
    expect(climateReading(raw, temperature)).toMatchObject({ ok: false, reason });
  });

  test('null and nothing are no value and no fault', () => {
    expect(climateReading(null, temperature)).toBeUndefined();
    expect(climateReading(undefined, temperature)).toBeUndefined();
  });

  test('whatever comes, a reading is an integer within the range', () => {
    const raw = fc.oneof(fc.double(), fc.anything(), fc.double().map(String));
    const unit = fc.constantFrom('C', 'F', 'K', '%');
    fc.assert(
      fc.property(raw, unit, (value, unit) => {
        const read = climateReading(value, { ...temperature, unit });
        if (read === undefined || 'ok' in read) return;
        encodeCanonical({ ...read });
        expect(Math.abs(read.value)).toBeLessThanOrEqual(200_000);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the parts of a message', () => {
  const status = { type: 'status', connected: true } as const;
  const trouble = unreadable('out-of-range', 'probe 2');

  test('that are good are used, and the other one is told', () => {
    expect(decodedOf([status, trouble])).toEqual({
      ok: true,
      readings: [status],
      partly: { reason: 'out-of-range', detail: 'probe 2' },
    });
    expect(decodedOf([status])).toEqual({ ok: true, readings: [status] });
  });

  test('of which none is good are no readings', () => {
    expect(decodedOf([trouble])).toEqual(trouble);
    expect(decodedOf([])).toEqual({ ok: true, readings: [] });
  });
});

test('history needs a time that can be believed', () => {
  const nowMs = Date.UTC(2026, 10, 22);
  expect(isPlaceable(nowMs - 3_600_000, nowMs)).toBe(true);
  expect(isPlaceable(undefined, nowMs)).toBe(false);
  expect(isPlaceable(0, nowMs)).toBe(false);
  expect(isPlaceable(nowMs + 3_600_000, nowMs)).toBe(false);
});
