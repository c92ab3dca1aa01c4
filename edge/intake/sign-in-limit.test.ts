import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SignInLimit, signInKey, step, type SignInState } from './sign-in-limit.ts';

/** Tries as fast as it is let. @returns when each guess was compared, in seconds. */
function guesses(forMs: number): number[] {
  let state: SignInState | undefined;
  const at: number[] = [];
  for (let nowMs = 0; nowMs < forMs; nowMs += 100) {
    const asked = step(state, 'asks', nowMs);
    state = asked.state;
    if (asked.effects.includes('refuse')) continue;
    state = step(state, 'failed', nowMs).state;
    at.push(nowMs / 1000);
  }
  return at;
}

describe('one who fails to sign in', () => {
  test('has ten tries, then waits ever longer, for a minute at most', () => {
    const at = guesses(400_000);
    expect(at.slice(0, 10).at(-1)).toBeLessThan(1);
    const waits = at.slice(9).map((one, index, all) => (all[index + 1] ?? NaN) - one);
    expect(waits.slice(0, 8).map(Math.round)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('is limited once in an episode, which ends ten minutes after the last failure', () => {
    let state: SignInState | undefined;
    const limited: number[] = [];
    const fail = (nowMs: number) => {
      const after = step(state, 'failed', nowMs);
      state = after.state;
      if (after.effects.includes('limited')) limited.push(nowMs);
    };
    for (let nowMs = 1; nowMs <= 30; nowMs += 1) fail(nowMs * 60_000);
    expect(limited).toEqual([600_000]);
    for (let nowMs = 1; nowMs <= 30; nowMs += 1) fail(2_400_000 + nowMs);
    expect(limited).toEqual([600_000, 2_400_010]);
  });

  test('starts anew once it has signed in', () => {
    let state: SignInState | undefined;
    for (let n = 0; n < 9; n += 1) state = step(state, 'failed', n).state;
    state = step(state, 'signed-in', 10).state;
    expect(state).toBeUndefined();
    const again = { state: { closedUntilMs: 11 }, effects: ['warn'] };
    expect(step(state, 'failed', 11)).toMatchObject(again);
  });

  test('does not lengthen its wait by asking', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(59_999)), (times) => {
        const closed = { failures: 20, failedAtMs: 0, closedUntilMs: 60_000 };
        for (const nowMs of times.toSorted((a, b) => a - b)) {
          expect(step(closed, 'asks', nowMs)).toEqual({ state: closed, effects: ['refuse'] });
        }
        expect(step(closed, 'asks', 60_000).effects).toEqual([]);
      }),
    );
  });
});

describe('who is held to account', () => {
  test.each([
    ['192.0.2.7', 'dock', '192.0.2.7 dock'],
    ['192.0.2.7', undefined, '192.0.2.7'],
    ['::ffff:192.0.2.7', 'dock', '192.0.2.7 dock'],
    ['2001:db8:1:2:3:4:5:6', 'dock', '2001:db8:1:2::/64 dock'],
    ['2001:db8::6', undefined, '2001:db8:0:0::/64'],
    ['::1', undefined, '0:0:0:0::/64'],
    ['fe80::1%eth0', 'dock', 'fe80:0:0:0::/64 dock'],
    [undefined, undefined, ''],
  ])('at %s as %s is "%s"', (address, username, key) => {
    expect(signInKey(address, username)).toBe(key);
  });
});

describe('the memory of failures', () => {
  test('keeps the most recent ones, each for itself', () => {
    const limit = new SignInLimit(3);
    const fail = (key: string) => {
      for (let n = 0; n < 10; n += 1) limit.take(key, 'failed', 0);
    };
    for (const key of ['a', 'b', 'c']) fail(key);
    limit.take('a', 'failed', 0);
    fail('d');
    const refused = ['a', 'b', 'c', 'd', 'e'].filter(
      (key) => limit.take(key, 'asks', 1).length > 0,
    );
    expect(refused).toEqual(['a', 'c', 'd']);
    limit.take('c', 'signed-in', 1);
    expect(limit.take('c', 'asks', 1)).toEqual([]);
  });
});
