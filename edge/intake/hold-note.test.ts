import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { appendBoot } from './append-boot.ts';
import { HoldNote } from './hold-note.ts';
import { openIntakeLog } from './open-intake-log.ts';

const site = { hash: 'ab'.repeat(32), text: '{}' };

/** A process on a disk with room or without. It is never closed: it dies. */
function start(dir: string, wallMs: number, disk: { freeBytes: number }) {
  const clock = new FakeClock();
  clock.wallMs = wallMs;
  const { log } = createTestLog();
  const holdNote = new HoldNote(join(dir, 'intake-hold'), log);
  const intake = openIntakeLog({
    path: join(dir, 'intake.db'),
    budgetBytes: 1_048_576,
    floorBytes: 1_048_576,
    freeBytes: () => disk.freeBytes,
    holdNote,
    clock,
    log,
    fatal: () => {},
  });
  appendBoot({ intake, holdNote }, site, '1', clock);
  return { intake, clock, holdNote };
}

const bodies = ({ intake }: ReturnType<typeof start>) =>
  intake.readFrom(1, 100).map(({ body }) => body);

test('a hold that the process did not live to tell of is told by the next one', async () => {
  const dir = tempDir();
  const disk = { freeBytes: 2 ** 30 };
  const first = start(dir, 1_000, disk);
  await until(() => first.intake.lastPos === 2);
  disk.freeBytes = 0;
  first.clock.advance(4_000);
  first.intake.append({ type: 'tick' }, 5_000);
  await until(() => first.intake.hold !== undefined);
  first.clock.advance(2_000);
  await until(() => readFileSync(join(dir, 'intake-hold'), 'utf8').includes('"aliveMs":7000'));

  disk.freeBytes = 2 ** 30;
  const second = start(dir, 60_000, disk);
  expect(second.holdNote.untold).toEqual({ reason: 'disk-full', sinceMs: 5_000, aliveMs: 7_000 });
  await until(() => second.holdNote.untold === undefined);
  expect(bodies(second).slice(2)).toMatchObject([
    { type: 'intake', held: true, reason: 'disk-full', sinceMs: 5_000 },
    { type: 'boot', clean: false, lastAliveMs: 7_000 },
  ]);

  const third = start(dir, 90_000, disk);
  await until(() => third.intake.lastPos === 5);
  expect(bodies(third).at(-1)).toEqual({
    type: 'boot',
    clean: false,
    lastAliveMs: 60_000,
    version: '1',
  });
});

test('where room is still missing, the beginning of the first hold stays known', async () => {
  const dir = tempDir();
  const disk = { freeBytes: 2 ** 30 };
  const first = start(dir, 1_000, disk);
  await until(() => first.intake.lastPos === 2);
  disk.freeBytes = 0;
  first.clock.advance(4_000);
  first.intake.append({ type: 'tick' }, 5_000);
  await until(() => first.intake.hold !== undefined);
  const second = start(dir, 60_000, disk);
  await until(() => second.intake.hold !== undefined);
  disk.freeBytes = 2 ** 30;
  const third = start(dir, 70_000, disk);
  await until(() => third.holdNote.untold === undefined);
  expect(bodies(third).slice(2)).toMatchObject([
    { type: 'intake', held: true, sinceMs: 5_000 },
    { type: 'boot', lastAliveMs: 60_000 },
  ]);
});

test('a hold that was over is told once, also where the note was not cleared any more', async () => {
  const dir = tempDir();
  const disk = { freeBytes: 2 ** 30 };
  const first = start(dir, 1_000, disk);
  await until(() => first.intake.lastPos === 2);
  disk.freeBytes = 0;
  first.clock.advance(4_000);
  first.intake.append({ type: 'tick' }, 5_000);
  await until(() => first.intake.hold !== undefined);
  const noted = readFileSync(join(dir, 'intake-hold'), 'utf8');
  disk.freeBytes = 2 ** 30;
  first.clock.advance(1_000);
  await until(() => first.intake.hold === undefined && first.intake.lastPos === 5);
  writeFileSync(join(dir, 'intake-hold'), noted);
  const second = start(dir, 60_000, disk);
  await until(() => second.intake.lastPos === 6);
  expect(bodies(second).filter(({ type }) => type === 'intake')).toHaveLength(2);
});

test('a note that is no note says nothing', () => {
  const path = join(tempDir(), 'intake-hold');
  writeFileSync(path, '{"reason":"disk-full","sinceMs":"x"');
  expect(new HoldNote(path, createTestLog().log).untold).toBeUndefined();
});
