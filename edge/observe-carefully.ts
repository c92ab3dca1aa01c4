import { messageOf } from '#contracts/fault.ts';
import type { IntakeEntry } from './intake/intake-entry.ts';
import type { JournalHead } from './journal/journal-reader.ts';
import { BlockSealer } from './journal/seal.ts';
import {
  addStep,
  finished,
  newRun,
  type GatheringRun,
  type ObservedRun,
} from './observe-entries.ts';
import type { ObserverStep, StateRow } from './observe/observer.ts';
import { retimeRows } from './observe/retime-rows.ts';
import { bareStep, restingTimers, type StandingObserver } from './observe/standing-observer.ts';

export interface CarefulOptions {
  readonly observer: StandingObserver;
  /** All states as they were before the first entry. */
  readonly stored: readonly StateRow[];
  readonly head: JournalHead;
  /** Told of every entry that failed. */
  readonly failed: (entry: IntakeEntry, error: unknown) => void;
}

/** One way to get past an entry, on the state before it. */
interface Attempt {
  readonly timersRest: boolean;
  readonly step: (detail: string) => ObserverStep;
}

/**
 * As `observeEntries`, for a run in which an entry throws or sets the clock back: each entry is a step of its own, and what
 * one that throws has half done is undone by restoring the observer from its rows. Such an entry
 * goes to quarantine; where it was the timers that failed, they rest for a while and the entry
 * counts. What becomes of an entry depends on it and the state before it alone, so that the same
 * log gives the same events, wherever runs begin.
 *
 * @throws what the observer throws of an entry that cannot even be put aside.
 */
export function observeCarefully(
  entries: readonly IntakeEntry[],
  { observer, stored, head, failed }: CarefulOptions,
): ObservedRun {
  const states = new States(stored);
  const sealer = new BlockSealer(head.epoch);
  observer.restart(states.all());
  const run = newRun();
  for (const entry of entries) {
    const { body } = entry;
    takeEntry(entry, run);
    // The entry itself is the last one of the time that ends.
    if (body.type !== 'clock') continue;
    states.set(retimeRows(states.all(), body.fromMs, body.toMs));
    observer.restart(states.all());
  }
  return finished(run, entries, states.changed());

  function takeEntry(entry: IntakeEntry, into: GatheringRun): void {
    let detail = '';
    for (const { timersRest, step } of attemptsAt(entry, observer)) {
      const more = timersRest ? [restingTimers(entry)] : [];
      if (more.length > 0) observer.restart(states.with(more));
      try {
        const taken = step(detail);
        const dirty = observer.takeDirty();
        const one = newRun();
        addStep(one, entry, taken);
        // What cannot be written as an event would fail at the commit.
        sealer.seal(head, one.items);
        into.items.push(...one.items);
        addOthers(into, one);
        states.set([...more, ...dirty]);
        return;
      } catch (error) {
        if (detail === '') failed(entry, error);
        detail ||= messageOf(error) || 'it failed';
        observer.restart(states.all());
      }
    }
    throw new Error(`intake entry ${entry.pos} cannot be set aside: ${detail}`);
  }
}

function attemptsAt(entry: IntakeEntry, observer: StandingObserver): Attempt[] {
  const { type } = entry.body;
  return [
    { timersRest: false, step: () => observer.step(entry) },
    {
      timersRest: true,
      step(detail) {
        const { drafts, ...rest } = observer.step(entry);
        const said = bareStep(entry, 'timers', `timers: ${detail}`);
        return { ...said, ...rest, drafts: [...drafts, ...said.drafts] };
      },
    },
    { timersRest: false, step: (detail) => observer.setAside(entry, detail) },
    { timersRest: true, step: (detail) => bareStep(entry, type, detail) },
  ];
}

function addOthers(into: GatheringRun, { quarantined, outcomes, requests }: GatheringRun): void {
  into.quarantined.push(...quarantined);
  (into.requests ??= []).push(...(requests ?? []));
  for (const [pos, outcome] of outcomes ?? []) (into.outcomes ??= new Map()).set(pos, outcome);
}

/** Rows by machine and key, and which of them changed. */
class States {
  readonly #rows = new Map<string, StateRow>();
  readonly #changed = new Map<string, StateRow>();

  constructor(stored: readonly StateRow[]) {
    for (const row of stored) this.#rows.set(nameOf(row), row);
  }

  all(): Iterable<StateRow> {
    return this.#rows.values();
  }

  with(more: readonly StateRow[]): StateRow[] {
    return [...this.all(), ...more];
  }

  set(rows: readonly StateRow[]): void {
    for (const row of rows) {
      this.#rows.set(nameOf(row), row);
      this.#changed.set(nameOf(row), row);
    }
  }

  changed(): StateRow[] {
    return [...this.#changed.values()];
  }
}

function nameOf({ machine, key }: StateRow): string {
  return `${machine}\n${key}`;
}
