import { describe, expect, test } from 'vitest';
import { ClockWatch } from './clock-watch.ts';
import { createTrustedClock } from './clock.ts';
import { FakeClock } from './testing/test-parts.ts';

const nowMs = Date.UTC(2026, 10, 22, 8);
const hourMs = 3_600_000;

/** A watch over a machine whose clocks are moved by hand, and what it said. */
function watchOver(wallMs: number, persistedMs?: number) {
  const system = new FakeClock(wallMs);
  const clock = createTrustedClock(system);
  if (persistedMs !== undefined) clock.notBefore(persistedMs);
  const said: unknown[] = [];
  const watch = new ClockWatch(clock, (body, atMs) => said.push({ ...body, atMs }));
  const atStart = watch.start();
  const pass = (ms: number, jumpMs = 0) => {
    system.advance(ms);
    system.wallMs += jumpMs;
    watch.look();
  };
  return { atStart, pass, said };
}

describe('the clock of the machine', () => {
  test('is believed, and nothing is said, while it keeps step with the monotonic one', () => {
    const { atStart, pass, said } = watchOver(nowMs, nowMs - 1000);
    for (let second = 0; second < 60; second += 1) pass(1000, second % 2 === 0 ? 20 : -20);
    pass(120_000);
    expect(atStart).toBeUndefined();
    expect(said).toEqual([]);
  });

  test('is behind what is on disk after a boot in 1970, until it is set: by how much is said', () => {
    const { atStart, pass, said } = watchOver(5000, nowMs);
    expect(atStart).toEqual({ reason: 'behind', systemMs: 5000, behindMs: nowMs - 5000 });
    pass(2000);
    expect(said).toEqual([]);
    const missingMs = 9 * 24 * hourMs;
    pass(1000, nowMs + missingMs - 5000);
    expect(said).toEqual([
      {
        type: 'clock-seen',
        atMs: nowMs + missingMs + 3000,
        shiftMs: missingMs,
        step: { byMs: nowMs + missingMs - 5000, fromMs: 8000, toMs: nowMs + missingMs + 3000 },
      },
    ]);
  });

  test('was never set on a new box that boots in 1970', () => {
    const { atStart, pass, said } = watchOver(0);
    expect(atStart).toEqual({ reason: 'unset', systemMs: 0, behindMs: 0 });
    pass(1000, nowMs);
    expect(said).toMatchObject([{ shiftMs: nowMs, atMs: nowMs + 1000 }]);
  });

  test('that jumps back by an hour is doubted, and believed when it comes back', () => {
    const { pass, said } = watchOver(nowMs);
    pass(1000, -hourMs);
    pass(1000, hourMs);
    expect(said).toEqual([
      {
        type: 'clock-seen',
        atMs: nowMs + 1000,
        shiftMs: 0,
        doubt: { reason: 'behind', systemMs: nowMs + 1000 - hourMs, behindMs: hourMs },
        step: { byMs: -hourMs, fromMs: nowMs + 1000, toMs: nowMs + 1000 - hourMs },
      },
      {
        type: 'clock-seen',
        atMs: nowMs + 2000,
        shiftMs: 0,
        step: { byMs: hourMs, fromMs: nowMs + 2000 - hourMs, toMs: nowMs + 2000 },
      },
    ]);
  });

  test('that jumps ahead by an hour is followed, and the jump is said', () => {
    const { pass, said } = watchOver(nowMs);
    pass(1000, hourMs);
    expect(said).toMatchObject([{ shiftMs: hourMs, step: { byMs: hourMs } }]);
    expect(said[0]).not.toHaveProperty('doubt');
  });
});
