import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import type { IntakeBody } from './intake-entry.ts';
import { openIntakeLog, type OpenIntakeLogOptions } from './open-intake-log.ts';
import { openIntakeStore, readIntake, type IntakeStore } from './intake-store.ts';

const mebibyte = 1_048_576;

function openLog(dir: string, changes: Partial<OpenIntakeLogOptions> = {}) {
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const fatals: unknown[] = [];
  const intake = openIntakeLog({
    path: join(dir, 'intake.db'),
    budgetBytes: mebibyte,
    floorBytes: mebibyte,
    freeBytes: () => 1000 * mebibyte,
    clock,
    log,
    fatal: (error) => fatals.push(error),
    ...changes,
  });
  return { intake, clock, said, fatals };
}

function message(text: string): IntakeBody {
  return { type: 'message', device: 'd', channel: '', qos: 1, payload: Buffer.from(text) };
}

/** A store whose inserts fail as long as they are told to. */
function faultyStore(failWith: () => string | undefined) {
  return (path: string): IntakeStore => {
    const store = openIntakeStore(path);
    return {
      ...store,
      insert(batch, configHash) {
        const code = failWith();
        if (code !== undefined) throw new Database.SqliteError('injected', code);
        store.insert(batch, configHash);
      },
    };
  };
}

describe('appending', () => {
  test('commits all of one turn together, then says so in order', async () => {
    let inserts = 0;
    const openStore = faultyStore(() => ((inserts += 1), undefined));
    const { intake } = openLog(tempDir(), { openStore });
    const durable: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      intake.append(message(`${n}`), 5, (pos) => durable.push(pos));
    }
    expect(durable).toEqual([]);
    expect(intake.lastPos).toBe(0);
    await until(() => durable.length === 100);
    expect(inserts).toBe(1);
    expect(durable).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
    expect(intake.lastPos).toBe(100);
    intake.close();
  });

  test('waits for what still comes in turn after turn, but only for two milliseconds', async () => {
    const { intake, clock } = openLog(tempDir());
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let n = 0; n < 10; n += 1) {
      intake.append(message(`${n}`), 5);
      expect(intake.lastPos).toBe(0);
      await turn();
    }
    clock.advance(2);
    await until(() => intake.lastPos === 10);
    intake.append(message('alone'), 5);
    await until(() => intake.lastPos === 11);
    intake.close();
  });

  test('commits within the turn what would make a batch too large', () => {
    const { intake } = openLog(tempDir());
    for (let n = 0; n < 2500; n += 1) intake.append(message('x'), 1);
    expect(intake.lastPos).toBe(2000);
    intake.append({ ...message(''), payload: Buffer.alloc(4 * mebibyte) } as IntakeBody, 1);
    expect(intake.lastPos).toBe(2501);
    intake.close();
  });

  test('never lets time go back, also across restarts', async () => {
    const dir = tempDir();
    const first = openLog(dir).intake;
    first.append(message('a'), 1000);
    first.append(message('b'), 400);
    first.close();
    const { intake } = openLog(dir);
    expect(intake.lastReceivedAtMs).toBe(1000);
    intake.append(message('c'), 10);
    await until(() => intake.lastPos === 3);
    expect(intake.readFrom(1, 10).map((entry) => entry.receivedAtMs)).toEqual([1000, 1000, 1000]);
    intake.close();
  });
});

describe('reading', () => {
  test('gives whole batches from memory and from disk alike', async () => {
    const dir = tempDir();
    const { intake } = openLog(dir);
    for (let n = 1; n <= 30; n += 1) {
      intake.append(message(`${n}`), n);
      if (n % 10 === 0) await until(() => intake.lastPos === n);
    }
    const inMemory = intake.readFrom(5, 15);
    expect(inMemory.map((entry) => entry.pos)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(intake.readFrom(5, 16).at(-1)?.pos).toBe(20);
    expect(intake.readFrom(31, 10)).toEqual([]);
    intake.close();
    const reopened = openLog(dir).intake;
    expect(reopened.readFrom(5, 15)).toEqual(inMemory);
    reopened.close();
    expect([...readIntake(join(dir, 'intake.db'))].map((entry) => entry.pos)).toHaveLength(30);
  });

  test('finds a batch that was changed on disk', async () => {
    const dir = tempDir();
    const { intake } = openLog(dir);
    intake.append(message('first'), 1);
    await until(() => intake.lastPos === 1);
    intake.append(message('second'), 2);
    intake.close();
    const db = new Database(join(dir, 'intake.db'));
    const row = db.prepare('SELECT bytes FROM batch WHERE first_pos = 1').get() as {
      bytes: Buffer;
    };
    row.bytes[row.bytes.length - 1] = 0x21;
    db.prepare('UPDATE batch SET bytes = ? WHERE first_pos = 1').run(row.bytes);
    db.close();
    const reopened = openLog(dir).intake;
    expect(() => reopened.readFrom(1, 10)).toThrow(/damaged/);
    reopened.close();
  });
});

describe('trimming', () => {
  test('drops only what was observed, oldest first, down to the budget', async () => {
    const { intake } = openLog(tempDir(), { budgetBytes: 100_000 });
    for (let n = 1; n <= 40; n += 1) {
      intake.append({ ...message(''), payload: Buffer.alloc(10_000) } as IntakeBody, n);
      await until(() => intake.lastPos === n);
    }
    intake.trim(0);
    expect(intake.keptBytes).toBeGreaterThan(400_000);
    intake.trim(20);
    expect(intake.keptBytes).toBeGreaterThan(200_000);
    expect(intake.keptBytes).toBeLessThan(210_000);
    intake.trim(40);
    expect(intake.keptBytes).toBeGreaterThan(90_000);
    expect(intake.keptBytes).toBeLessThan(110_000);
    intake.close();
  });
});

describe('a disk that is in trouble', () => {
  test.each([
    ['no room', 'SQLITE_FULL', 'disk-full'],
    ['reading alone', 'SQLITE_READONLY', 'disk-error'],
  ])('holds while there is %s, answers nothing, resumes by itself', async (_, fault, reason) => {
    let code: string | undefined = fault;
    const { intake, clock } = openLog(tempDir(), { openStore: faultyStore(() => code) });
    const holds: boolean[] = [];
    intake.onHold((hold) => holds.push(hold !== undefined));
    const durable: number[] = [];
    intake.append(message('a'), 1, (pos) => durable.push(pos));
    await until(() => intake.hold !== undefined);
    expect(intake.hold).toEqual({ reason, sinceMs: clock.wallMs });
    intake.append(message('b'), 2, (pos) => durable.push(pos));
    expect(durable).toEqual([]);
    code = undefined;
    await until(() => intake.hold === undefined && intake.lastPos === 4);
    expect(durable).toEqual([1, 2]);
    expect(holds).toEqual([true, false]);
    expect(intake.readFrom(1, 10).map(({ body }) => body)).toMatchObject([
      { type: 'message' },
      { type: 'message' },
      { type: 'intake', held: true, reason, sinceMs: clock.wallMs },
      { type: 'intake', held: false, reason, sinceMs: clock.wallMs },
    ]);
    intake.close();
  });

  test('holds below the floor before the disk is full', async () => {
    let free = 1000 * mebibyte;
    let looked = 0;
    const { intake } = openLog(tempDir(), { freeBytes: () => ((looked += 1), free) });
    free = mebibyte - 1;
    const durable: number[] = [];
    intake.append(message('a'), 1, (pos) => durable.push(pos));
    await until(() => intake.hold !== undefined);
    free = mebibyte; // not enough to resume: the log must not flutter
    const before = looked;
    await until(() => looked > before + 1);
    expect(intake.hold).toBeDefined();
    free = 2 * mebibyte;
    await until(() => durable.length === 1);
    intake.close();
  });

  test('refuses entries when it holds and its memory is full', async () => {
    const openStore = faultyStore(() => 'SQLITE_FULL');
    const { intake } = openLog(tempDir(), { openStore, heldBytes: 50_000 });
    const large = { ...message(''), payload: Buffer.alloc(20_000) } as IntakeBody;
    intake.append(large, 1);
    await until(() => intake.hold !== undefined);
    expect(intake.append(large, 1)).toBe(true);
    expect(intake.append(large, 1)).toBe(true);
    expect(intake.append(large, 1)).toBe(false);
    expect(intake.pendingBytes).toBeLessThan(70_000);
    intake.close();
  });

  test('ends the process on an I/O error, and answers nothing any more', async () => {
    const openStore = faultyStore(() => 'SQLITE_IOERR_FSYNC');
    const { intake, fatals } = openLog(tempDir(), { openStore });
    let answered = 0;
    intake.append(message('a'), 1, () => (answered += 1));
    await until(() => fatals.length === 1);
    expect(intake.append(message('b'), 1)).toBe(false);
    intake.close();
    expect(answered).toBe(0);
  });
});

describe('what is remembered of the last run', () => {
  test('a clean stop, until something else is written', async () => {
    const dir = tempDir();
    const first = openLog(dir).intake;
    expect(first.stoppedClean).toBe(false);
    first.append(message('a'), 1);
    first.close();
    const second = openLog(dir).intake;
    expect(second.stoppedClean).toBe(true);
    second.append(message('b'), 1);
    await until(() => second.lastPos === 2);
    const crashed = openLog(dir).intake;
    expect(crashed.stoppedClean).toBe(false);
    crashed.close();
  });

  test('the configuration that went through last', async () => {
    const dir = tempDir();
    const { intake } = openLog(dir);
    const hash = 'ab'.repeat(32);
    intake.append({ type: 'config', origin: 'file', hash, config: '{}' }, 1);
    expect(intake.configHash).toBeUndefined();
    await until(() => intake.configHash === hash);
    intake.close();
    const reopened = openLog(dir).intake;
    expect(reopened.configHash).toBe(hash);
    reopened.close();
  });
});
