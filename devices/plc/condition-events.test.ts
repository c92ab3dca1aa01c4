import { describe, expect, test } from 'vitest';
import { unreadableTime } from '#contracts/time.ts';
import { decodeCondition } from './condition-events.ts';

describe('the time of a condition', () => {
  test.each([
    ['2026-08-13T09:14:28.000Z', Date.UTC(2026, 7, 13, 9, 14, 28)],
    ['2026-08-13T09:14:28', unreadableTime],
    ['soon', unreadableTime],
    ['1601-01-01T00:00:00.000Z', undefined],
    [null, undefined],
  ])('%j is taken as %j', (time, claimedMs) => {
    const event = { condition: 'i=7', active: true, time };
    const { decoded } = decodeCondition(null, 'alarms', event);
    expect(decoded.ok && decoded.readings.map((one) => one.claimedMs)).toEqual([claimedMs]);
  });
});
