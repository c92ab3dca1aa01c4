import { describe, expect, test } from 'vitest';
import { DeviceMeter } from './device-meter.ts';

const minute = 60_000;
const start = Date.UTC(2026, 5, 1);

/** A reading a second, `skewMs` off; what was said of the clock at the end. */
function readFor(meter: DeviceMeter, fromMs: number, forMs: number, skewMs: number) {
  let off = meter.clockOff(fromMs);
  for (let atMs = fromMs; atMs < fromMs + forMs; atMs += 1000) {
    meter.read(atMs, 1, atMs + skewMs);
    off = meter.clockOff(atMs);
  }
  return off;
}

describe("a device's clock", () => {
  test('that is ahead is said soon: nothing else makes a reading look early', () => {
    const meter = new DeviceMeter();
    expect(readFor(meter, start, 5000, 2 * minute)).toBeUndefined();
    expect(readFor(meter, start + 5000, 10_000, 2 * minute)).toMatchObject({
      skewMs: 2 * minute,
      sinceMs: start,
    });
  });

  test('that is behind is said once no buffer can be the reason, and no more when it is set', () => {
    const meter = new DeviceMeter();
    expect(readFor(meter, start, 9 * minute, -2 * minute)).toBeUndefined();
    const later = start + 9 * minute;
    expect(readFor(meter, later, 2 * minute, -2 * minute)).toMatchObject({ sinceMs: start });
    // Also while it is silent for a while.
    expect(meter.clockOff(later + 30 * minute)).toMatchObject({ sinceMs: start });
    expect(readFor(meter, later + 30 * minute, 5 * minute, -200)).toBeUndefined();
  });

  test('is not behind because a buffer was emptied before the device fell silent', () => {
    const meter = new DeviceMeter();
    readFor(meter, start, 3 * minute, -90 * minute);
    expect(meter.clockOff(start + 60 * minute)).toBeUndefined();
    expect(readFor(meter, start + 60 * minute, minute, 0)).toBeUndefined();
  });

  test('may be off by as much as a time server leaves', () => {
    expect(readFor(new DeviceMeter(), start, 20 * minute, 29_000)).toBeUndefined();
    expect(readFor(new DeviceMeter(), start, 20 * minute, -29_000)).toBeUndefined();
  });
});
