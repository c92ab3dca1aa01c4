import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { openJournal } from '../journal/open-journal.ts';
import { StandingObserver } from '../observe/standing-observer.ts';
import { configBody, scanBody } from '../observe/testing/test-site.ts';
import { Pipeline } from '../pipeline.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { DiskKeeper } from './disk-keeper.ts';

const mebibyte = 1_048_576;
const stepMs = 150_000;
const stepsPerDay = 576;
const scansPerStep = 75;
const intakeBudget = 2 * mebibyte;
const roomAtFirst = 400 * mebibyte;

/** A gateway that hears of no hub: real stores and a real pipeline, on a clock that is moved. */
function openGateway() {
  const dataDir = tempDir();
  const clock = new FakeClock();
  const { log, said } = createTestLog();
  const intake = openIntakeLog({
    path: join(dataDir, 'intake.db'),
    budgetBytes: intakeBudget,
    floorBytes: 1,
    freeBytes: () => roomAtFirst,
    clock,
    log,
    fatal: (error) => {
      throw error;
    },
  });
  const journal = openJournal({
    dataDir,
    address: { tenant: 'main', site: 'leeds', gateway: 'gw-1' },
    clock,
    randomId: () => 'ab'.repeat(16),
    ballast: { held: false, release: () => false, take: async () => true },
  });
  const observer = new StandingObserver(journal.takeStates());
  const pipeline = new Pipeline({ intake, journal, observer, log, fatal: () => {}, lingerMs: 0 });
  const journalBytes = () => statSync(join(dataDir, 'journal.db')).size;
  const keeper = new DiskKeeper({
    dataDir,
    roomBytes: () => roomAtFirst - journalBytes(),
    bounded: () => [
      {
        name: 'intake',
        bytes: intake.keptBytes,
        budgetBytes: intakeBudget,
        databases: ['intake'],
      },
    ],
    entries: () => intake.lastPos,
    clock,
    log,
  });
  onTestFinished(async () => {
    keeper.stop();
    await pipeline.stop();
    intake.close();
    journal.close();
  });
  pipeline.start();
  keeper.start();
  return { clock, dataDir, intake, journal, journalBytes, keeper, pipeline, said };
}

test('how long room lasts is known beforehand, and holds over a day without the hub', async () => {
  const gateway = openGateway();
  const { clock, dataDir, intake, journal, journalBytes, keeper, pipeline } = gateway;
  await pipeline.submit(configBody(), clock.nowMs());
  let scans = 0;
  const pass = async () => {
    for (let count = 0; count < scansPerStep; count += 1) {
      scans += 1;
      intake.append(scanBody(`scan-${scans}`, `crate ${scans % 977}`), clock.nowMs());
    }
    await pipeline.submit(scanBody(`last-${scans}`, 'crate'), clock.nowMs());
    clock.advance(stepMs);
    keeper.sample();
  };

  for (let step = 0; step < stepsPerDay / 2; step += 1) await pass();
  const known = keeper.status().roomForDays;
  const before = { bytes: journalBytes(), seq: journal.head().seq };
  let mostKept = 0;
  for (let step = 0; step < stepsPerDay; step += 1) {
    await pass();
    mostKept = Math.max(mostKept, intake.keptBytes);
  }

  expect(journal.head().seq - before.seq).toBeGreaterThan(stepsPerDay * scansPerStep);
  const grown = journalBytes() - before.bytes;
  const lasts = (roomAtFirst - before.bytes) / grown;
  expect((known ?? 0) / lasts).toBeGreaterThan(0.75);
  expect((known ?? 0) / lasts).toBeLessThan(1.33);
  expect(mostKept).toBeLessThan(intakeBudget * 1.25);
  expect(statSync(join(dataDir, 'intake.db')).size).toBeLessThan(intakeBudget * 2.5);
}, 60_000);
