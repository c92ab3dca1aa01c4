import type { IntakeEntry } from './intake/intake-entry.ts';
import type { JournalCommit, QuarantineRow } from './journal/journal.ts';
import type { DraftItem } from './journal/seal.ts';
import type { Observer } from './observe/observer.ts';

/**
 * Steps the observer over a run of entries and gathers all that follows from them. How entries are
 * cut into runs changes nothing but where commits lie.
 */
export function observeEntries(observer: Observer, entries: readonly IntakeEntry[]): JournalCommit {
  const items: DraftItem[] = [];
  const quarantined: QuarantineRow[] = [];
  for (const entry of entries) {
    const step = observer.step(entry);
    const { pos, receivedAtMs } = entry;
    for (let index = 0; index < step.drafts.length; index += 1) {
      const draft = step.drafts[index];
      if (draft !== undefined) items.push({ pos, index, receivedAtMs, draft });
    }
    if (step.quarantined !== undefined)
      quarantined.push({ ...step.quarantined, pos, receivedAtMs });
  }
  return { cursor: entries.at(-1)?.pos ?? 0, items, states: observer.takeDirty(), quarantined };
}
