import type { ActOutcome } from '#contracts/acts.ts';
import type { IntakeEntry } from './intake/intake-entry.ts';
import type { JournalCommit } from './journal/journal.ts';
import type { QuarantineRow } from './journal/quarantine-store.ts';
import type { DraftItem } from './journal/seal.ts';
import type { Observer, ObserverStep, StateRow } from './observe/observer.ts';

/** What a run of entries led to, and what became of the acts among them, by position. */
export interface ObservedRun extends JournalCommit {
  readonly outcomes: ReadonlyMap<number, ActOutcome>;
  /** What devices should be asked for. */
  readonly requests: readonly DeviceAsk[];
}

export type DeviceAsk = NonNullable<ObserverStep['request']>;

const noOutcomes: ReadonlyMap<number, ActOutcome> = new Map();

/**
 * Steps the observer over a run of entries and gathers all that follows from them. How entries are
 * cut into runs changes nothing but where commits lie.
 */
export function observeEntries(observer: Observer, entries: readonly IntakeEntry[]): ObservedRun {
  const run = newRun();
  for (const entry of entries) addStep(run, entry, observer.step(entry));
  return finished(run, entries, observer.takeDirty());
}

/** What gathers while entries are stepped over. */
export interface GatheringRun {
  readonly items: DraftItem[];
  readonly quarantined: QuarantineRow[];
  outcomes: Map<number, ActOutcome> | undefined;
  requests: DeviceAsk[] | undefined;
}

export function newRun(): GatheringRun {
  return { items: [], quarantined: [], outcomes: undefined, requests: undefined };
}

export function addStep(run: GatheringRun, entry: IntakeEntry, step: ObserverStep): void {
  const { pos, receivedAtMs } = entry;
  for (let index = 0; index < step.drafts.length; index += 1) {
    const draft = step.drafts[index];
    if (draft !== undefined) run.items.push({ pos, index, receivedAtMs, draft });
  }
  if (step.quarantined !== undefined)
    run.quarantined.push({ ...step.quarantined, pos, receivedAtMs });
  if (step.outcome !== undefined) (run.outcomes ??= new Map()).set(pos, step.outcome);
  if (step.request !== undefined) (run.requests ??= []).push(step.request);
}

export function finished(
  { items, quarantined, outcomes, requests = [] }: GatheringRun,
  entries: readonly IntakeEntry[],
  states: readonly StateRow[],
): ObservedRun {
  const cursor = entries.at(-1)?.pos ?? 0;
  return { cursor, items, states, quarantined, outcomes: outcomes ?? noOutcomes, requests };
}
