import type { StockView } from '../stock/stock-view.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import { failedEntryOf, setAsideDraft } from './failed-entry.ts';
import { KeyedStore } from './keyed-store.ts';
import { restoreObserver, type Observer, type ObserverStep } from './observer.ts';
import type { ObserverFacts } from './facts.ts';
import { keptOf } from './quarantined.ts';
import type { ProfileOf } from './site-model.ts';
import type { StateRow } from './state-row.ts';

/** When a device's messages last began to fail, and how many did since. */
type Failures = readonly [sinceMs: number, count: number];

/**
 * A failure costs a restart of the observer. A device with more of them than this in a minute of
 * entry time is not listened to until that minute is over, so that it cannot keep others waiting.
 */
const mostFailures = 5;
const minuteMs = 60_000;
/** Timers that fail would fail again with the next entry: they rest this long instead. */
const timersRestSeconds = 10;

/**
 * An observer that can begin again from stored rows behind one reference, which others may keep.
 * What a failed step left behind in memory is gone then; only meters start over.
 */
export class StandingObserver implements Observer {
  readonly #profileOf: ProfileOf | undefined;
  readonly stock: StockView;
  #inner: Observer;
  #failures = newFailures();

  constructor(rows: Iterable<StateRow>, profileOf?: ProfileOf) {
    this.#profileOf = profileOf;
    this.#inner = this.#restored(rows);
    // Whoever reads stock keeps one view, which has to be that of the observer at work.
    const inner = (): StockView => this.#inner.stock;
    this.stock = new Proxy({} as StockView, {
      get(_, name) {
        const value: unknown = Reflect.get(inner(), name);
        return typeof value === 'function' ? (value.bind(inner()) as unknown) : value;
      },
    });
  }

  restart(rows: Iterable<StateRow>): void {
    this.#inner = this.#restored(rows);
  }

  step(entry: IntakeEntry): ObserverStep {
    if (this.#failures.size > 0 && this.#isNotHeard(entry)) {
      return this.#quarantine(entry, `not read: ${mostFailures} messages failed within a minute`);
    }
    return this.#inner.step(entry);
  }

  /**
   * Puts an entry that makes `step` throw into quarantine, and changes nothing else. To be called
   * in the place of `step`, on the state before it.
   */
  setAside(entry: IntakeEntry, detail: string): ObserverStep {
    const { device } = failedEntryOf(entry);
    const [sinceMs, count] = this.#failures.get(device) ?? [entry.receivedAtMs, 0];
    this.#failures.set(device, [sinceMs, count + 1]);
    return this.#quarantine(entry, detail);
  }

  takeDirty(): StateRow[] {
    const rows = this.#inner.takeDirty();
    this.#failures.drainDirty(rows);
    return rows;
  }

  facts(nowMs: number, heldSinceMs?: number): ObserverFacts {
    return this.#inner.facts(nowMs, heldSinceMs);
  }

  #restored(rows: Iterable<StateRow>): Observer {
    this.#failures = newFailures();
    const inner: StateRow[] = [];
    for (const row of rows) {
      if (row.machine !== this.#failures.machine) inner.push(row);
      else if (row.value !== null) this.#failures.restore(row.key, row.value);
    }
    return restoreObserver(inner, this.#profileOf);
  }

  /** Counts of a minute that is over are forgotten. */
  #isNotHeard({ body, receivedAtMs }: IntakeEntry): boolean {
    for (const [device, [sinceMs]] of this.#failures.entries()) {
      if (receivedAtMs - sinceMs >= minuteMs) this.#failures.set(device, undefined);
    }
    if (body.type !== 'message') return false;
    return (this.#failures.get(body.device)?.[1] ?? 0) >= mostFailures;
  }

  #quarantine(entry: IntakeEntry, detail: string): ObserverStep {
    const { body } = entry;
    const failed = failedEntryOf(entry);
    if (body.type === 'message' || body.type === 'refused') {
      const { drafts } = this.#inner.step({
        ...entry,
        body: { ...failed, type: 'refused', reason: 'gateway-fault' },
      });
      return { drafts, quarantined: keptOf({ ...failed, reason: 'gateway-fault', detail }) };
    }
    return bareStep(entry, body.type, detail);
  }
}

/** What is said of an entry, or of timers, without asking anything that may throw again. */
export function bareStep(entry: IntakeEntry, what: string, detail: string): ObserverStep {
  const failed = failedEntryOf(entry);
  return {
    drafts: [setAsideDraft(entry, what)],
    quarantined: keptOf({ ...failed, reason: 'gateway-fault', detail }),
    ...(entry.body.type === 'act' && {
      outcome: { type: 'refused', code: 'gateway-fault', detail: 'the gateway failed on it' },
    }),
  };
}

/** The row that makes timers rest from an entry on. */
export function restingTimers({ receivedAtMs }: IntakeEntry): StateRow {
  const second = Math.floor(receivedAtMs / 1000) + timersRestSeconds;
  return { machine: 'second', key: '', value: String(second) };
}

function newFailures(): KeyedStore<Failures> {
  return new KeyedStore('failed-entries');
}
