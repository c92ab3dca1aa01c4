import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  claimedTime,
  judgeTime,
  parseIsoTime,
  plausibleFutureMs,
  plausiblePastMs,
} from './time.ts';

const now = Date.UTC(2026, 10, 22, 12);

describe('reading device times', () => {
  test.each([
    ['2026-04-02T12:00:00.123456789Z', Date.UTC(2026, 3, 2, 12, 0, 0, 123)],
    ['2026-08-13T09:14:28.651+0000', Date.UTC(2026, 7, 13, 9, 14, 28, 651)],
    ['2020-02-26T20:44:09+01:00', Date.UTC(2020, 1, 26, 19, 44, 9)],
    ['2020-02-26T20:44:09.5-0530', Date.UTC(2020, 1, 27, 2, 14, 9, 500)],
  ])('%s', (text, expected) => {
    expect(parseIsoTime(text)).toBe(expected);
  });

  test.each(['2023-05-28T20:04:27', '22/5/2020 22:4:0:111', '', 'now', '2026-13-01T00:00:00Z'])(
    'does not guess the meaning of "%s"',
    (text) => {
      expect(parseIsoTime(text)).toBeUndefined();
    },
  );

  test.each([
    ['2026-02-29', undefined],
    ['2026-02-30', undefined],
    ['2026-04-31', undefined],
    ['2100-02-29', undefined],
    ['0000-01-01', undefined],
    ['0099-12-31', undefined],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2000-02-29', Date.UTC(2000, 1, 29)],
    ['2026-12-31', Date.UTC(2026, 11, 31)],
  ])('%s is a day of the calendar, or none', (day, expected) => {
    expect(parseIsoTime(`${day}T00:00:00Z`)).toBe(expected);
  });

  test('reads back what the platform writes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        (date) => {
          expect(parseIsoTime(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('judging device times', () => {
  test('believes a plausible time', () => {
    expect(judgeTime(now - 60_000, now)).toEqual({ atMs: now - 60_000, quality: 'device' });
    expect(judgeTime(now - plausiblePastMs, now).quality).toBe('device');
    expect(judgeTime(now + plausibleFutureMs, now).quality).toBe('device');
  });

  test('keeps an implausible time beside the time of receipt', () => {
    expect(judgeTime(0, now)).toEqual({ atMs: now, quality: 'implausible', claimedMs: 0 });
    expect(judgeTime(now + plausibleFutureMs + 1, now).quality).toBe('implausible');
  });

  test.each(['yesterday', '2023-05-28T20:04:27', '2026-02-30T00:00:00Z'])(
    'knows "%s" from a device that said nothing',
    (text) => {
      const judged = judgeTime(claimedTime(text), now);
      expect(judged).toStrictEqual({ atMs: now, quality: 'implausible' });
    },
  );

  test('takes the time of receipt where the device said nothing', () => {
    expect(judgeTime(undefined, now)).toEqual({ atMs: now, quality: 'arrival' });
  });
});
