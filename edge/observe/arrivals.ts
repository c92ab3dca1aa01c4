import { Expiry } from './expiry.ts';
import { ExpiringStore } from './expiring-store.ts';
import { KeyedStore } from './keyed-store.ts';
import type { PassState } from './portal-pass.ts';
import type { StateRow } from './state-row.ts';

/** A pass that the portal alone cannot settle. */
export type Unsettled = {
  readonly portal: string;
  readonly pass: PassState;
  /** The portal itself says in, on thin evidence; absent in rows of version 0.1. */
  readonly isIn?: boolean;
};

/** What a portal heard of a stranger, that presence believes inside within this time, came in. */
const arrivalMs = 30_000;

/** Presence takes so long to see that it was wrong: a zone next door may be heard first. */
const ripeMs = 3000;

/** Presence is asked for so long about what a portal heard thinly; who hears nothing agrees. */
const silenceMs = 8000;

const mostArrivals = 3;

/** What portals heard of strangers and left open, and when presence is to be asked about each. */
export class Arrivals {
  readonly #heard = new ExpiringStore<readonly Unsettled[]>('arrival', arrivalMs);
  readonly #due = new KeyedStore<number>('arrival-due');
  readonly #expiry = new Expiry();

  get(epc: string): readonly Unsettled[] {
    return this.#heard.get(epc) ?? [];
  }

  /** @param isBelieved presence has the tag in a zone already */
  add(epc: string, one: Unsettled, isBelieved: boolean, nowMs: number): void {
    const others = this.get(epc).filter(({ portal }) => portal !== one.portal);
    this.#heard.keep(epc, [...others, one].slice(-mostArrivals), nowMs);
    if (isBelieved) this.ask(epc, nowMs + ripeMs);
    else if (one.isIn === true) this.ask(epc, nowMs + silenceMs);
  }

  /** Presence believes the tag somewhere: it is asked when it had time to see that it was wrong. */
  appeared(epc: string, nowMs: number): void {
    if (this.get(epc).length > 0) this.ask(epc, nowMs + ripeMs);
  }

  ask(epc: string, dueMs: number): void {
    this.#due.set(epc, dueMs);
    this.#expiry.add(epc, dueMs);
  }

  forget(epc: string): void {
    if (this.#heard.get(epc) !== undefined) this.#heard.forget(epc);
    this.#due.set(epc, undefined);
  }

  /** The tags that presence is to be asked about now, sorted; each is given once. */
  take(nowMs: number): string[] {
    const due = new Set(this.#expiry.take(nowMs, this.#dueOf));
    for (const epc of due) this.#due.set(epc, undefined);
    return [...due].sort();
  }

  expire(nowMs: number): void {
    this.#heard.expire(nowMs);
  }

  /** Ends a restore. */
  rebuild(): void {
    this.#expiry.rebuild(this.#due.keys(), this.#dueOf);
  }

  drainDirty(rows: StateRow[]): void {
    this.#heard.drainDirty(rows);
    this.#due.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = [this.#heard, this.#due].find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined;
  }

  readonly #dueOf = (epc: string): number | undefined => this.#due.get(epc);
}

type Arrival = Unsettled & {
  /** Where presence has it, if that is a zone that portals lead to. */
  readonly seenIn: string | undefined;
  /** Presence has it where none of these portals leads to. */
  readonly isElsewhere: boolean;
};

/**
 * By which of the portals that heard it a stranger came in, when presence has it in `zone`: by the
 * one that leads there. In a zone without a portal, or nowhere, presence does not contradict what a
 * portal says itself; elsewhere it does.
 */
export function arrivalOf(
  heard: readonly Unsettled[],
  zone: string | undefined,
  portals: ReadonlyMap<string, string>,
): Arrival | undefined {
  const seenIn = [...portals.values()].find((one) => one === zone);
  const here = heard.find(({ portal }) => seenIn !== undefined && portals.get(portal) === seenIn);
  const one = here ?? heard.find(({ isIn }) => isIn === true);
  return one && { ...one, seenIn, isElsewhere: seenIn !== undefined && here === undefined };
}
