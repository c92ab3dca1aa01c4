import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimits } from '../config/mqtt-config.ts';
import { RateLimit } from './rate-limit.ts';

function limitOf(limits: RateLimits, nowMs = 0): RateLimit {
  const limit = new RateLimit();
  limit.set(limits, nowMs);
  return limit;
}

/** So many messages come in one read of so many bytes. */
function read(limit: RateLimit, messages: number, nowMs: number, bytes = 0): number {
  limit.messages += messages;
  return limit.read(bytes, nowMs);
}

describe('a rate limit', () => {
  test('lets a burst through, then asks for as long as it takes to be paid back', () => {
    const limit = limitOf({ messagesPerS: 10, burstMessages: 100 });
    expect(read(limit, 100, 0)).toBe(0);
    expect(read(limit, 5, 0)).toBe(500);
    expect(read(limit, 0, 499)).toBeGreaterThan(0);
    expect(read(limit, 0, 500)).toBe(0);
  });

  test('saves up no more than its burst', () => {
    const limit = limitOf({ messagesPerS: 10, burstMessages: 20 });
    expect(read(limit, 21, 3_600_000)).toBe(100);
  });

  test('of bytes holds beside one of messages', () => {
    const limit = limitOf({ messagesPerS: 1000, bytesPerS: 1024 });
    expect(read(limit, 1, 0, 10 * 1024)).toBe(0);
    expect(read(limit, 1, 0, 2048)).toBe(2000);
  });

  test('that is not set never asks for anything', () => {
    expect(read(limitOf({}), 1_000_000, 0, 1_000_000_000)).toBe(0);
    expect(read(new RateLimit(), 1_000_000, 0, 1_000_000_000)).toBe(0);
  });

  test('gives nothing for a clock that stands still or goes back', () => {
    const limit = limitOf({ messagesPerS: 10, burstMessages: 10 }, 1000);
    expect(read(limit, 10, 1000)).toBe(0);
    expect(read(limit, 10, 0)).toBe(1000);
  });

  test('lets nobody have more than burst and rate, whoever waits as long as asked', () => {
    const reads = fc.array(fc.tuple(fc.nat(50), fc.nat(2000)), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 1000 }),
        reads,
        (rate, burst, of) => {
          const limit = limitOf({ messagesPerS: rate, burstMessages: burst });
          let nowMs = 0;
          let sent = 0;
          for (const [messages, idleMs] of of) {
            nowMs += idleMs;
            const owedMs = read(limit, messages, nowMs);
            sent += messages;
            nowMs += owedMs;
            expect(sent).toBeLessThanOrEqual(burst + (rate * nowMs) / 1000 + 1e-6);
          }
        },
      ),
    );
  });
});
