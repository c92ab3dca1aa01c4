import { describe, expect, test } from 'vitest';
import { actRefusals } from '#contracts/acts.ts';
import { appliedAnswer, floorBanner, floorTasks } from '../../testing/floor-fixture.ts';
import { floorDevices } from '../../testing/floor-fixture-devices.ts';
import { floorFound } from '../../testing/floor-fixture-find.ts';
import { readQuantity } from '../ui/read-quantity.ts';
import { refusalWords, unitName, unitNumber } from './act-words.ts';
import { codeLines } from './code-words.ts';
import { deviceDetail, deviceState, openAlerts, sortedDevices } from './device-words.ts';
import { bannerWords, roomWords } from './hub-banner.ts';
import { taskReason, taskTitle, taskView } from './task-words.ts';

const nowMs = Date.UTC(2026, 10, 22, 13, 0, 0);
const banner = (rest: Partial<ReturnType<typeof floorBanner>> = {}, hub = 'live' as const) => ({
  ...floorBanner(nowMs, hub),
  ...rest,
});

describe('the banner', () => {
  test('is silent while the hub is there, also with a few events on their way', () => {
    expect(bannerWords(banner(), nowMs)).toEqual([]);
    const few = { ...floorBanner(nowMs, 'draining'), queuedEvents: 12 };
    expect(bannerWords(few, nowMs)).toEqual([]);
  });

  test('says since when the hub is away, what is kept and for how long there is room', () => {
    const [words] = bannerWords(floorBanner(nowMs, 'away'), nowMs);
    expect(words?.title).toMatch(/^Hub away since \d\d:\d\d$/);
    expect(words?.text).toBe('1\u202f204 events kept here, room for 9 days. Carry on.');
    const never = floorBanner(nowMs, 'away');
    const unsaid = { ...never, hub: { ...never.hub, sinceMs: null } };
    expect(bannerWords(unsaid, nowMs)[0]?.title).toBe('Hub away');
  });

  test('tells a halted lane, a held intake and a wrong clock apart, the worst first', () => {
    const halted = {
      ...floorBanner(nowMs, 'halted'),
      intake: { state: 'held' as const, reason: 'the disk is full', sinceMs: nowMs },
      clockAheadMs: 3_600_000,
    };
    expect(bannerWords(halted, nowMs).map(({ title }) => title)).toEqual([
      'The gateway takes nothing in right now',
      'Sending to the hub is halted',
      'The clock of the gateway is wrong',
    ]);
  });

  test('says of a clock that was never set that it was not, not how far behind it is', () => {
    const unset = { reason: 'unset', sinceMs: 0 } as const;
    const [words] = bannerWords({ ...banner(), clockDoubt: unset }, nowMs);
    expect(words?.text).toMatch(/^It was never set\./);
  });

  test('turns red where the hub is away and room runs out, and says what is to be done', () => {
    const away = floorBanner(nowMs, 'away');
    const short = bannerWords({ ...away, room: { bytes: 2e9, days: 0.4 } }, nowMs);
    expect(short.map(({ tone }) => tone)).toEqual(['bad']);
    expect(short[0]?.title).toMatch(/room runs out$/);
    expect(short[0]?.text).toContain('room for 9 hours');
    expect(short[0]?.text).toContain('tell whoever looks after the gateway now');
    const unknown = { ...away, room: { bytes: 4e8, days: null } };
    expect(bannerWords(unknown, nowMs)[0]?.tone).toBe('bad');
    const held = { state: 'held', reason: 'disk-full', sinceMs: nowMs } as const;
    const both = bannerWords({ ...away, intake: held, journal: 'blocked' }, nowMs);
    expect(both.map(({ tone }) => tone)).toEqual(['bad', 'warn']);
    expect(both[0]?.text).toMatch(/^Its disk is full\. /);
    expect(both[1]?.text).not.toContain('Carry on');
    const blocked = bannerWords(banner({ journal: 'blocked' }), nowMs);
    expect(blocked.map(({ title }) => title)).toEqual(['The gateway has no room to go on']);
  });

  test('says that a local configuration is in force, whose it is, why and until when', () => {
    const override = {
      by: 'p-ole',
      reason: 'reader 3 is broken',
      sinceMs: nowMs,
      untilMs: nowMs + 3_600_000,
      deferred: true,
    };
    const [words] = bannerWords(banner({ override }), nowMs);
    expect(words?.title).toMatch(/^Local configuration until \d\d:\d\d$/);
    expect(words?.text).toMatch(/^p-ole: reader 3 is broken\. .*What the hub sent since waits/);
  });

  test('counts room in days, hours or bytes', () => {
    const room = (days: number | null) => roomWords(banner({ room: { bytes: 2e9, days } }));
    expect(room(9.9)).toBe('room for 9 days');
    expect(room(1.5)).toBe('room for 36 hours');
    expect(room(0.04)).toBe('room for under an hour');
    expect(room(5000)).toBe('room for over a year');
    expect(room(null)).toBe('2.0 GB free');
    expect(roomWords(banner({ room: { bytes: 0, days: 0 } }))).toBe('no room left');
  });
});

describe('words', () => {
  test('there are some for every refusal', () => {
    expect(Object.keys(refusalWords).sort()).toEqual([...actRefusals].sort());
  });

  test('a unit is called by its end, and named in full beside it', () => {
    expect(unitName('sscc:376130321000300843')).toBe('Unit\u00a0…00843');
    expect(unitName('grai:4012345000009:AB-77')).toBe('Carrier\u00a0…AB-77');
    expect(unitName('lpn:CASE-0117')).toBe('CASE-0117');
    expect(unitNumber('grai:4012345000009:AB-77')).toBe('4012345000009:AB-77');
  });

  test('a task leads to where it is worked off', () => {
    const [unit, recount, tag] = floorTasks(nowMs);
    if (unit === undefined || recount === undefined || tag === undefined) throw new Error('tasks');
    expect(taskTitle(recount)).toBe('Recount · storage · 22423');
    expect(taskView(unit).view).toMatchObject({ screen: 'check', task: 't1204-0' });
    expect(taskView(recount).view).toMatchObject({ screen: 'count', zone: 'storage' });
    expect(taskView(tag).view).toMatchObject({ screen: 'find', code: tag.epc });
    const difference = { ...recount, task: 'resolve-difference' as const, document: 'ASN-1' };
    expect(taskView(difference).view).toMatchObject({ screen: 'receive', document: 'ASN-1' });
  });

  test('a reason that is a code is said in words, others as they stand', () => {
    expect(taskReason({ reason: 'too-many-unknown-tags' })).toContain('unknown tags');
    expect(taskReason({ reason: '9 of 48 seen' })).toBe('9 of 48 seen');
  });

  test('devices in trouble come first, with why', () => {
    const { devices, alerts } = floorDevices(nowMs);
    expect(sortedDevices(devices).map((each) => deviceState(each).words)).toEqual([
      'not connected',
      'in trouble',
      'may lose readings',
      'reads',
    ]);
    const [, , climate] = devices;
    expect(climate && deviceDetail(climate, nowMs)).toBe(
      'cold-2 · 1 read a minute · heard 22 s ago · clock −4.1 s · 3 messages could not be read · ' +
        'it sends without waiting for an answer',
    );
    expect(openAlerts(alerts.map((alert) => ({ ...alert, open: false })))).toEqual([]);
  });

  test('a code says what is in it, and a plain text itself, without control characters', () => {
    const found = floorFound('22423', nowMs);
    const code = { ...found.code, gtin: '04012345123456', lot: 'L1' };
    expect(codeLines({ ...found, item: null, code })).toEqual([
      ['GTIN', '04012345123456'],
      ['Lot', 'L1'],
    ]);
    const plain = floorFound('AB\u001dC', nowMs);
    expect(codeLines(plain)).toEqual([['Code', 'AB ␝ C']]);
    expect(appliedAnswer('a').outcome).toBe('applied');
  });

  test.each([
    ['12', { ok: true, value: 12 }],
    ['1 200', { ok: true, value: 1200 }],
    ['0', { ok: false, fault: 'At least 1' }],
    ['2001', { ok: false, fault: 'At most 2\u202f000 (still expected)' }],
    ['1.5', { ok: false, fault: 'A whole number is wanted' }],
    ['-3', { ok: false, fault: 'A whole number is wanted' }],
  ])('the quantity %s is read for what it is', (text, expected) => {
    expect(readQuantity(text, 1, 2000, 'still expected')).toEqual(expected);
  });
});
