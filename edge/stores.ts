import { randomBytes } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Fault } from '#contracts/fault.ts';
import { createTrustedClock, systemClock, type TrustedClock } from './clock.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { HoldNote } from './intake/hold-note.ts';
import type { IntakeLog } from './intake/intake-log.ts';
import { openIntakeLog } from './intake/open-intake-log.ts';
import { createBallast, type Ballast } from './journal/ballast.ts';
import { lockDataFolder } from './journal/data-lock.ts';
import type { Journal } from './journal/journal.ts';
import { openJournal } from './journal/open-journal.ts';
import { readReplacement } from './replace/replacement-file.ts';

/** All that the gateway keeps on disk, and the clock that continues from there. */
export interface Stores {
  readonly clock: TrustedClock;
  readonly intake: IntakeLog;
  readonly holdNote: HoldNote;
  readonly journal: Journal;
  readonly ballast: Ballast;
  /** Free bytes of the disk, less what is still to be reserved for the journal; 0 at least. */
  readonly freeBytes: () => number;
  close(): void;
}

/** @throws Fault as the stores do, CONFLICT when another gateway has the folder. */
export function openStores(
  config: GatewayConfig,
  log: Logger,
  fatal: (error: unknown) => void,
): Stores {
  const { dataDir, disk } = config;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const unlock = lockDataFolder(dataDir);
  try {
    const clock = createTrustedClock(systemClock);
    const ballast = createBallast(join(dataDir, 'reserved-room'), disk.reserveBytes);
    // Room that the journal gave up must not be taken for room that devices may fill.
    const freeBytes = () =>
      Math.max(0, freeBytesOf(dataDir) - (ballast.held ? 0 : disk.reserveBytes));
    const holdNote = new HoldNote(join(dataDir, 'intake-hold'), log);
    const intake = openIntakeLog({
      path: join(dataDir, 'intake.db'),
      budgetBytes: disk.intakeBudgetBytes,
      floorBytes: disk.floorBytes,
      freeBytes,
      holdNote,
      clock,
      log,
      fatal,
    });
    clock.notBefore(intake.lastReceivedAtMs);
    const { tenant, site, id } = config.gateway;
    const journal = openJournal({
      dataDir,
      address: { tenant, site, gateway: id },
      clock,
      randomId: () => randomBytes(16).toString('hex'),
      ballast,
      parent: readReplacement(dataDir)?.parent,
    });
    const close = () => {
      intake.close();
      journal.close();
      unlock();
    };
    if (intake.lastPos < journal.cursor()) {
      close();
      throw behind(intake.lastPos, journal.cursor());
    }
    return { clock, intake, holdNote, journal, ballast, freeBytes, close };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * An entry is durable before it is observed, so this is another intake log than the one that the
 * journal followed. Going on would number new entries as ones that the journal is done with, and
 * they would never become events.
 */
function behind(lastPos: number, cursor: number): Fault {
  return new Fault(
    'STORE_BROKEN',
    `intake.db ends at entry ${lastPos}, but journal.db has seen entry ${cursor}: put back the ` +
      'intake.db that belongs to this journal.db, or move the whole data folder away and begin anew',
    { details: { lastPos, cursor } },
  );
}

/** Free bytes of the file system that a folder is on, as a process without privileges has them. */
function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
