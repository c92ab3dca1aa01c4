import type { ActOutcome } from '#contracts/acts.ts';
import type { IntakeEntry } from './intake/intake-entry.ts';
import type { JournalCommit, QuarantineRow } from './journal/journal.ts';
import type { DraftItem } from './journal/seal.ts';
import type { Observer } from './observe/observer.ts';

/** What a run of entries led to, and what became of the acts among them, by position. */
export interface ObservedRun extends JournalCommit {
  readonly outcomes: ReadonlyMap<number, ActOutcome>;
}

const noOutcomes: ReadonlyMap<number, ActOutcome> = new Map();

/**
 * Steps the observer over a run of entries and gathers all that follows from them. How entries are
 * cut into runs changes nothing but where commits lie.
 */
export function observeEntries(observer: Observer, entries: readonly IntakeEntry[]): ObservedRun {
  const items: DraftItem[] = [];
  const quarantined: QuarantineRow[] = [];
  let outcomes: Map<number, ActOutcome> | undefined;
  for (const entry of entries) {
    const step = observer.step(entry);
    const { pos, receivedAtMs } = entry;
    for (let index = 0; index < step.drafts.length; index += 1) {
      const draft = step.drafts[index];
      if (draft !== undefined) items.push({ pos, index, receivedAtMs, draft });
    }
    if (step.quarantined !== undefined)
      quarantined.push({ ...step.quarantined, pos, receivedAtMs });
    if (step.outcome !== undefined) (outcomes ??= new Map()).set(pos, step.outcome);
  }
  return {
    cursor: entries.at(-1)?.pos ?? 0,
    items,
    states: observer.takeDirty(),
    quarantined,
    outcomes: outcomes ?? noOutcomes,
  };
}
