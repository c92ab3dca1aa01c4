import { join } from 'node:path';
import type { Ballast } from './ballast.ts';
import { epochFile } from './epoch-file.ts';
import { createJournal, type Journal } from './journal.ts';
import { openJournalStore } from './journal-store.ts';
import { openEpoch, type EpochOptions } from './open-epoch.ts';

export interface JournalOptions extends EpochOptions {
  readonly dataDir: string;
  readonly ballast: Ballast;
}

/**
 * The gateway's journal: append-only, hash-chained, gap-free.
 *
 * @throws Fault CHAIN_BROKEN, STORE_UNSAFE, STORE_VERSION, CONFIG_INVALID.
 */
export function openJournal(options: JournalOptions): Journal {
  const { ballast, dataDir } = options;
  const store = openJournalStore(join(dataDir, 'journal.db'));
  try {
    const note = epochFile(join(dataDir, 'epoch.json'));
    return createJournal(store, openEpoch(store, note, options), ballast);
  } catch (error) {
    store.close();
    throw error;
  }
}
