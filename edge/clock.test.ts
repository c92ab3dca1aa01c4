import { describe, expect, test } from 'vitest';
import { createTrustedClock } from './clock.ts';
import { FakeClock } from './testing/test-parts.ts';

describe('the trusted clock', () => {
  test('moves with the system clock where that is right', () => {
    const system = new FakeClock(1000);
    const clock = createTrustedClock(system);
    expect(clock.nowMs()).toBe(1000);
    system.advance(500);
    expect(clock.nowMs()).toBe(1500);
    expect(clock.aheadMs()).toBe(0);
  });

  test('goes on from what was persisted when the machine boots in 1970', () => {
    const system = new FakeClock(0);
    const clock = createTrustedClock(system);
    clock.notBefore(1_800_000_000_000);
    system.advance(2500);
    expect(clock.nowMs()).toBe(1_800_000_002_500);
    expect(clock.aheadMs()).toBe(1_800_000_000_000);
    system.wallMs = 1_800_000_100_000; // set right by NTP
    expect(clock.nowMs()).toBe(1_800_000_100_000);
  });

  test('says that it jumped before it gives the time that it jumped to', () => {
    const system = new FakeClock(0);
    const clock = createTrustedClock(system);
    const jumps: number[] = [];
    clock.onJump(() => jumps.push(clock.nowMs()));
    system.advance(60_000);
    clock.nowMs();
    system.wallMs += 4000;
    clock.nowMs();
    expect(jumps).toEqual([]);
    system.wallMs += 3_600_000;
    expect(clock.nowMs()).toBe(3_664_000);
    expect(jumps).toEqual([3_664_000]);
    system.wallMs -= 7_200_000;
    clock.nowMs();
    expect(jumps).toHaveLength(1);
  });

  test('never goes back when the system clock is set back', () => {
    const system = new FakeClock(10_000);
    const clock = createTrustedClock(system);
    system.wallMs = 4000;
    expect(clock.nowMs()).toBe(10_000);
    system.advance(250);
    expect(clock.nowMs()).toBe(10_250);
  });
});
