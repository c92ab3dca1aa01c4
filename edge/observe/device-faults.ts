import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { DeviceFault } from '../../devices/device-fault.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentFields } from './moment.ts';
import type { SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

export type StandingFault = DeviceFault & { readonly sinceMs: number };

/** What keeps devices from being read, as their drivers tell it: each fault raised and cleared. */
export class DeviceFaults {
  readonly #store = new KeyedStore<readonly StandingFault[]>('device-fault');

  of(device: string): readonly StandingFault[] {
    return this.#store.get(device) ?? [];
  }

  /** All of a device's faults, in the place of what was told before. */
  take(device: string, faults: readonly DeviceFault[], nowMs: number, out: EventDraft[]): void {
    const before = this.of(device);
    const at = { device, ...momentFields(arrivalAt(nowMs)) };
    const now = faults.map((fault): StandingFault => {
      const known = before.find((one) => isSame(one, fault));
      if (known === undefined) out.push(draft('device.fault-raised', { ...fault }, at));
      return { ...fault, sinceMs: known?.sinceMs ?? nowMs };
    });
    for (const { code, sinceMs, subject } of before) {
      if (now.some((fault) => fault.code === code && fault.subject === subject)) continue;
      const payload = { code, raisedAt: sinceMs, ...(subject === undefined ? {} : { subject }) };
      out.push(draft('device.fault-cleared', payload, at));
    }
    if (before.length + now.length > 0) this.#store.set(device, now.length > 0 ? now : undefined);
  }

  /** A device that is not configured any more is forgotten. */
  configure(site: SiteModel): void {
    for (const device of this.#store.keys()) {
      if (!site.devices.has(device)) this.#store.set(device, undefined);
    }
  }

  drainDirty(rows: StateRow[]): void {
    this.#store.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#store.machine) return false;
    this.#store.restore(key, value);
    return true;
  }
}

function isSame(a: DeviceFault, b: DeviceFault): boolean {
  return a.code === b.code && a.subject === b.subject;
}
