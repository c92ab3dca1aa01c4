import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttemptLimiter } from './attempt-limiter.ts';

const limits = { free: 3, firstWaitMs: 1000, longestWaitMs: 60_000, capacity: 100 };

describe('an attempt limiter', () => {
  test('lets the first attempts through, then doubles the wait', () => {
    const limiter = createAttemptLimiter(limits);
    let nowMs = 0;
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const waitMs = limiter.admit('a', nowMs);
      waits.push(waitMs);
      nowMs += waitMs;
      if (waitMs > 0) expect(limiter.admit('a', nowMs)).toBe(0);
    }
    expect(waits).toEqual([0, 0, 0, 1000, 2000, 4000, 8000, 16_000]);
  });

  test('counts attempts that begin at the same time', () => {
    const limiter = createAttemptLimiter(limits);
    const admitted = Array.from({ length: 50 }, () => limiter.admit('a', 0)).filter(
      (ms) => ms === 0,
    );
    expect(admitted).toHaveLength(limits.free);
  });

  test('never waits longer than its longest, and forgets in the end', () => {
    const limiter = createAttemptLimiter(limits);
    let nowMs = 0;
    for (let attempt = 0; attempt < 40; attempt += 1) nowMs += limiter.admit('a', nowMs);
    expect(limiter.admit('a', nowMs)).toBeLessThanOrEqual(limits.longestWaitMs);
    nowMs += 5 * limits.longestWaitMs;
    const again = Array.from({ length: 4 }, () => limiter.admit('a', nowMs));
    expect(again).toEqual([0, 0, 0, 1000]);
  });

  test('does not slow one key down for the attempts of another', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), (others) => {
        const limiter = createAttemptLimiter(limits);
        for (const other of others) limiter.admit(`other-${other}`, 0);
        expect(limiter.admit('mine', 0)).toBe(0);
      }),
    );
  });

  test('forgets a key after a success of its own, one attempt of a key that is shared', () => {
    const limiter = createAttemptLimiter(limits);
    for (let attempt = 0; attempt < 100; attempt += 1) {
      expect(limiter.admit('own', 0)).toBe(0);
      limiter.clear('own');
      expect(limiter.admit('shared', 0)).toBe(0);
      limiter.forgive('shared');
    }
    limiter.admit('shared', 0);
    limiter.admit('shared', 0);
    limiter.admit('shared', 0);
    expect(limiter.admit('shared', 0)).toBeGreaterThan(0);
  });

  test('does not wait longer because the clock was set back', () => {
    const limiter = createAttemptLimiter(limits);
    for (let attempt = 0; attempt < 4; attempt += 1) limiter.admit('a', 10_000_000);
    expect(limiter.admit('a', 0)).toBeLessThanOrEqual(limits.longestWaitMs);
  });

  test('remembers a bounded number of keys, the latest', () => {
    const limiter = createAttemptLimiter({ ...limits, capacity: 2 });
    for (let attempt = 0; attempt < 4; attempt += 1) limiter.admit('a', 0);
    limiter.admit('b', 0);
    expect(limiter.admit('a', 0)).toBeGreaterThan(0);
    limiter.admit('c', 0);
    expect(limiter.admit('a', 0)).toBeGreaterThan(0);
    limiter.admit('d', 0);
    limiter.admit('e', 0);
    expect(limiter.admit('a', 0)).toBe(0);
  });
});
