import Database from 'better-sqlite3';
import fc from 'fast-check';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../journal/open-database.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { roomForDays } from './buffer-forecast.ts';
import { observed, perDay, unknownRate } from './daily-rate.ts';
import { bytesWritten } from './disk-files.ts';
import { DiskKeeper } from './disk-keeper.ts';

const dayMs = 24 * 3_600_000;
const mebibyte = 1_048_576;

describe('room', () => {
  test.each([
    [900, [[100, Infinity]], 9],
    [900, [], Infinity],
    [900, [[0, Infinity]], Infinity],
    // 300 a day for the two days that the bounded part grows, 100 a day afterwards.
    [
      900,
      [
        [100, Infinity],
        [200, 400],
      ],
      5,
    ],
    [
      900,
      [
        [100, 200],
        [200, 400],
      ],
      Infinity,
    ],
    [0, [[100, Infinity]], 0],
  ] as const)('of %d lasts, with %j, for %d days', (room, parts, days) => {
    const growths = parts.map(([bytesPerDay, mostBytes]) => ({ bytesPerDay, mostBytes }));
    expect(roomForDays(room, growths)).toBeCloseTo(days);
  });

  test('lasts as long as a simulation of it says', () => {
    const part = fc.record({
      bytesPerDay: fc.integer({ min: 0, max: 100 }),
      mostBytes: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.array(part), (room, growths) => {
        const days = roomForDays(room, growths);
        const takenIn = (time: number): number =>
          growths.reduce((sum, one) => sum + Math.min(one.bytesPerDay * time, one.mostBytes), 0);
        if (days === Infinity) expect(takenIn(1e9)).toBeLessThanOrEqual(room);
        else expect(takenIn(days)).toBeCloseTo(room);
      }),
    );
  });
});

describe('a rate', () => {
  test('is the mean at first, however samples are cut, and said after ten minutes', () => {
    expect(perDay(observed(unknownRate, 5000, 590_000))).toBeUndefined();
    const whole = observed(unknownRate, 7200, 7_200_000);
    let cut = unknownRate;
    for (let n = 0; n < 720; n += 1) cut = observed(cut, 10, 10_000);
    expect(perDay(whole)).toBeCloseTo(86_400);
    expect(perDay(cut)).toBeCloseTo(86_400);
  });

  test('follows a change: after a day it counts two thirds, after five nearly all', () => {
    let rate = unknownRate;
    for (let n = 0; n < 24 * 30; n += 1) rate = observed(rate, 100, dayMs / 24);
    const after = (days: number): number => {
      let now = rate;
      for (let n = 0; n < 24 * days; n += 1) now = observed(now, 0, dayMs / 24);
      return (perDay(now) ?? 0) / 2400;
    };
    expect(after(1)).toBeCloseTo(0.37, 1);
    expect(after(5)).toBeLessThan(0.01);
  });
});

describe('the keeper', () => {
  function openKeeper(entriesEach: number) {
    const dataDir = tempDir();
    const db = openDatabase(join(dataDir, 'journal.db'), ['CREATE TABLE t (bytes BLOB) STRICT']);
    const insert = db.prepare('INSERT INTO t VALUES (?)');
    const clock = new FakeClock();
    const { log, said } = createTestLog();
    let entries = 0;
    const keeper = new DiskKeeper({
      dataDir,
      clock,
      log,
      roomBytes: () => 900 * mebibyte,
      bounded: () => [],
      entries: () => (entries += entriesEach),
    });
    keeper.start();
    onTestFinished(() => {
      keeper.stop();
      db.close();
    });
    const write = (bytes: number): void => {
      for (let at = 0; at < bytes; at += mebibyte) insert.run(Buffer.alloc(mebibyte, at));
    };
    const walBytes = (): number => statSync(join(dataDir, 'journal.db-wal')).size;
    return { dataDir, clock, keeper, said, write, walBytes };
  }

  test('says how long room lasts once the database has grown for a while', () => {
    const { clock, keeper, write } = openKeeper(0);
    expect(keeper.status().roomForDays).toBeUndefined();
    write(10 * mebibyte);
    clock.advance(dayMs / 10);
    keeper.sample();
    keeper.sample();
    const { roomForDays: days, databases } = keeper.status();
    expect(days).toBeGreaterThan(7);
    expect(days).toBeLessThan(11);
    expect(databases.map(({ name }) => name)).toEqual(['journal']);
  });

  test('cuts a write-ahead log while the gateway is idle, and not while it is busy', () => {
    const busy = openKeeper(10_000);
    busy.write(8 * mebibyte);
    busy.keeper.sample();
    expect(busy.walBytes()).toBeGreaterThan(8 * mebibyte);
    const idle = openKeeper(1);
    idle.write(8 * mebibyte);
    idle.keeper.sample();
    expect(idle.walBytes()).toBe(0);
  });

  test('gives way to one who reads, and says so once the log is large', () => {
    const { dataDir, keeper, said, write, walBytes } = openKeeper(1);
    const reader = new Database(join(dataDir, 'journal.db'), { readonly: true });
    reader.prepare('BEGIN').run();
    reader.prepare('SELECT count(*) FROM t').get();
    write(70 * mebibyte);
    keeper.sample();
    expect(walBytes()).toBeGreaterThan(64 * mebibyte);
    expect(said).toMatchObject([{ msg: 'disk.wal-large', database: 'journal' }]);
    reader.close();
    keeper.sample();
    expect(walBytes()).toBe(0);
  });
});

test('what was written to storage is counted by the kernel', () => {
  const bytes = bytesWritten();
  if (process.platform === 'linux') expect(bytes).toBeGreaterThanOrEqual(0);
  else expect(bytes).toBeUndefined();
});
