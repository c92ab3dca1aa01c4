import type { Lease } from '#contracts/acts.ts';
import type { RememberedUse } from '#contracts/remembered.ts';
import { Expiry } from '../observe/expiry.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { LeaseUsed } from '../stock/stock-view.ts';
import { fault, type ActFault } from './act-context.ts';

type Used = readonly [units: number, valueMinor: number, validUntilMs: number];

/** When a lease holds, and for whom. */
type LeaseTime = Pick<Lease, 'id' | 'person' | 'validFromMs' | 'validUntilMs'>;

/** An adjustment as limits see it: every item with its absolute quantity. */
export type Adjusted = readonly (readonly [item: string, units: number])[];

/** How much of a lease's limits was used, until the lease has run out. */
export class LeaseUse {
  readonly #used = new KeyedStore<Used>('lease-use');
  readonly #expiry = new Expiry(60_000);
  /** `person \n item \n time` → what was used then, at the box before this one. */
  readonly #before = new KeyedStore<readonly [units: number, valueMinor: number]>('lease-before');

  /** Whether an adjustment is within the lease's limits, with all made under it before. */
  check(site: SiteModel, lease: Lease, adjusted: Adjusted): ActFault | undefined {
    const units = unitsOf(adjusted);
    const { units: usedUnits, valueMinor: usedMinor } = this.used(lease);
    if (units > lease.limitPerEntry) {
      return fault('limit-per-entry', `${units} of ${lease.limitPerEntry} units`);
    }
    if (usedUnits + units > lease.limitCumulative) {
      const left = lease.limitCumulative - usedUnits;
      return fault('limit-cumulative', `${units} of ${left} units left`);
    }
    const { valuePerEntryMinor, valueCumulativeMinor } = lease;
    if (valuePerEntryMinor === undefined && valueCumulativeMinor === undefined) return undefined;
    const valueMinor = valueOf(site, adjusted);
    if (valueMinor === undefined) return fault('value-unknown', 'an item has no known value');
    if (valueMinor > (valuePerEntryMinor ?? Infinity)) {
      return fault('limit-per-entry', `a value of ${valueMinor} of ${valuePerEntryMinor}`);
    }
    const left = (valueCumulativeMinor ?? Infinity) - usedMinor;
    if (valueMinor <= left) return undefined;
    return fault('limit-cumulative', `a value of ${valueMinor} of ${left} left`);
  }

  used({ id, person, validFromMs, validUntilMs }: LeaseTime): LeaseUsed {
    let [units, valueMinor] = this.#used.get(id) ?? [0, 0];
    for (const [key, [usedUnits, usedMinor]] of this.#before.entries()) {
      const [by, , atMs] = key.split('\n');
      if (by !== person || Number(atMs) < validFromMs || Number(atMs) > validUntilMs) continue;
      units += usedUnits;
      valueMinor += usedMinor;
    }
    return { units, valueMinor };
  }

  /** What was adjusted at a box before this one; which lease that was under its time says. */
  remember(site: SiteModel | undefined, uses: readonly RememberedUse[]): void {
    for (const { item, person, receivedAt, units } of uses) {
      const valueMinor = (site && valueOf(site, [[item, units]])) ?? 0;
      this.#before.set([person, item, receivedAt].join('\n'), [units, valueMinor]);
    }
  }

  note(site: SiteModel, lease: Lease, adjusted: Adjusted): void {
    const [units, valueMinor] = this.#used.get(lease.id) ?? [0, 0];
    if (!this.#used.get(lease.id)) this.#expiry.add(lease.id, lease.validUntilMs);
    this.#used.set(lease.id, [
      units + unitsOf(adjusted),
      valueMinor + (valueOf(site, adjusted) ?? 0),
      lease.validUntilMs,
    ]);
  }

  tick(nowMs: number): void {
    for (const id of this.#expiry.take(nowMs, this.#dueOf)) this.#used.set(id, undefined);
  }

  drainDirty(rows: StateRow[]): void {
    this.#used.drainDirty(rows);
    this.#before.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#before.machine) {
      this.#before.restore(key, value);
      return true;
    }
    if (machine !== this.#used.machine) return false;
    this.#used.restore(key, value);
    this.#expiry.add(key, this.#dueOf(key) ?? 0);
    return true;
  }

  /** A lease is over after its last moment. */
  readonly #dueOf = (id: string): number | undefined => {
    const used = this.#used.get(id);
    return used && used[2] + 1;
  };
}

function unitsOf(adjusted: Adjusted): number {
  return adjusted.reduce((sum, [, units]) => sum + units, 0);
}

function valueOf({ items }: SiteModel, adjusted: Adjusted): number | undefined {
  let sum = 0;
  for (const [item, units] of adjusted) {
    const value = items.policyOf(item)?.unitValueMinor;
    if (value === undefined) return undefined;
    sum += value * units;
  }
  return Number.isSafeInteger(sum) ? sum : undefined;
}
