import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '#contracts/time.ts';
import { openIntakeLog } from '../intake/open-intake-log.ts';
import { openJournal } from '../journal/open-journal.ts';

/** A real intake log and a real journal of site `hamburg` in a folder, with all the room they want. */
export function openTestStores(dir: string, clock: Clock, log: Logger) {
  const intake = openIntakeLog({
    path: join(dir, 'intake.db'),
    budgetBytes: 2 ** 30,
    floorBytes: 1,
    clock,
    log,
    freeBytes: () => 2 ** 40,
    fatal: () => {},
  });
  const journal = openJournal({
    dataDir: dir,
    address: { tenant: 'main', site: 'hamburg', gateway: 'gw-1' },
    clock,
    randomId: () => 'ab'.repeat(16),
    ballast: { held: false, release: () => false, take: async () => true },
  });
  return { intake, journal };
}
