import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countTo, flushCounter, sayEveryMs, type CounterState } from './counter.ts';

const policy = { registerMax: 65_535, restartedMs: 0 };
const t0 = 1_000_000;

/** Values one second apart, and what is said of them, with what waits at the end. */
function count(values: readonly number[], of = policy) {
  let state: CounterState | undefined;
  const said: string[] = [];
  let nowMs = t0;
  const note = (steps: ReturnType<typeof countTo>['said']) => {
    for (const { step, from, to, units } of steps) said.push(`${step} ${from}-${to} +${units}`);
  };
  for (const value of values) {
    const read = { value, at: [nowMs, 'device', null] as const, receivedAtMs: nowMs };
    const moved = countTo(state, read, of);
    state = moved.state;
    note(moved.said);
    nowMs += 1000;
  }
  if (state !== undefined) note(flushCounter(state, nowMs + sayEveryMs).said);
  return said;
}

describe('a counter', () => {
  test('sets its base with the first value and counts nothing for it', () => {
    expect(count([500])).toEqual(['first 500-500 +0']);
  });

  test('counts what was not sampled with the next value', () => {
    expect(count([500, 507])).toEqual(['first 500-500 +0', 'advance 500-507 +7']);
  });

  test('counts nothing for a value that is sent again', () => {
    expect(count([500, 500, 500])).toEqual(['first 500-500 +0']);
  });

  test('goes on through the end of its register', () => {
    expect(count([65_530, 4])).toEqual(['first 65530-65530 +0', 'rollover 65530-4 +10']);
  });

  test('counts from zero after a restart', () => {
    expect(count([30_000, 12])).toEqual(['first 30000-30000 +0', 'restart 30000-12 +12']);
  });

  test('takes any lower value for a restart when the server is known to have restarted', () => {
    const known = { ...policy, restartedMs: t0 + 500 };
    expect(count([100, 90], known)).toContain('restart 100-90 +90');
    expect(count([65_530, 4], known)).toContain('restart 65530-4 +4');
  });

  test('counts nothing for a step that nothing explains, and goes on from there', () => {
    expect(count([1000, 990, 995])).toEqual([
      'first 1000-1000 +0',
      'unexplained 1000-990 +0',
      'advance 990-995 +5',
    ]);
  });

  test('says steps of one kind together, at most every ten seconds', () => {
    const values = Array.from({ length: 31 }, (_, index) => index);
    expect(count(values)).toEqual([
      'first 0-0 +0',
      'advance 0-10 +10',
      'advance 10-20 +10',
      'advance 20-30 +10',
    ]);
  });

  test('ignores a sample that is older than the last', () => {
    const { state } = countTo(
      undefined,
      { value: 10, at: [t0, 'device', null], receivedAtMs: t0 },
      policy,
    );
    const late = { value: 4, at: [t0 - 1, 'device', null] as const, receivedAtMs: t0 + 1 };
    expect(countTo(state, late, policy)).toEqual({ state, said: [] });
  });

  test('counts as many units as were made, however it is sampled and repeated', () => {
    const samples = fc.array(
      fc.record({ made: fc.nat(400), again: fc.integer({ min: 1, max: 3 }) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(samples, fc.nat(65_535), (list, start) => {
        let total = 0;
        const values = [start];
        for (const { made, again } of list) {
          total += made;
          for (let i = 0; i < again; i += 1) values.push((start + total) % 65_536);
        }
        const units = count(values).map((line) => Number(line.split('+')[1]));
        expect(units.reduce((sum, one) => sum + one, 0)).toBe(total);
      }),
    );
  });
});
