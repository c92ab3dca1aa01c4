import { hash } from 'node:crypto';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { InputLevel } from '#contracts/kinds/input-kinds.ts';
import { scanDigest, type RememberedScan } from '#contracts/remembered.ts';
import type { Trouble } from '../../devices/profile.ts';
import type { InputReading, ScanReading } from '../../devices/reading.ts';
import type { Poster } from '../post/poster.ts';
import { momentFields, momentOf, type Moment } from './moment.ts';
import { SeenScans } from './seen-scans.ts';
import { KeyedStore } from './keyed-store.ts';
import type { DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

type InputState = { readonly at: Moment; readonly level: InputLevel };

/** Codes that were scanned, each applied once by its key, and the levels of digital inputs. */
export class ScanObserver {
  readonly #poster: Poster;
  readonly #seen = new SeenScans();
  readonly #inputs = new KeyedStore<InputState>('input');

  constructor(poster: Poster) {
    this.#poster = poster;
  }

  /**
   * Says a scan that was not said before, and what it does to stock. A scan whose key stood for another code is a new one
   * with a key that was used twice: it cannot be told from a damaged repetition, so that nothing is
   * said and the message is kept.
   *
   * @returns what is wrong with the scan, if anything.
   */
  read(
    site: SiteModel,
    device: DeviceModel,
    reading: ScanReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): Trouble | undefined {
    const { naturalKey: scan, code, symbology, claimedMs } = reading;
    const content = scanDigest(code.text, (text) => hash('sha256', text));
    const seen = this.#seen.take(device.id, scan, content);
    if (seen === 'again') return undefined;
    if (seen === 'other') {
      return { reason: 'id-used-before', detail: `the id ${scan} was used for another code` };
    }
    const payload = {
      code,
      scan,
      ...(symbology !== undefined && { symbology }),
      ...zoneOf(device),
    };
    const at = momentOf(claimedMs, receivedAtMs);
    out.push(draft('scan.read', payload, { device: device.id, ...momentFields(at) }));
    const { id, zone } = device;
    const evidence = { code, device: id, at, nowMs: receivedAtMs, zone };
    out.push(...this.#poster.scanned(site, evidence));
    return undefined;
  }

  /** Says a change of level. What repeats the last one, or is older than it, says nothing. */
  change(
    device: DeviceModel,
    { input, level, claimedMs }: InputReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    const key = `${device.id}/${input}`;
    const at = momentOf(claimedMs, receivedAtMs);
    const before = this.#inputs.get(key);
    if (before !== undefined && at[1] === 'device' && at[0] < before.at[0]) return;
    this.#inputs.set(key, { at, level });
    if (before?.level === level) return;
    const from = before === undefined ? {} : { from: before.level };
    const payload = { ...from, input, level, ...zoneOf(device) };
    out.push(draft('input.changed', payload, { device: device.id, ...momentFields(at) }));
  }

  /** Scans that a box before this one took: what it did with them stands in the book. */
  remember(scans: readonly RememberedScan[] = []): void {
    for (const { code, device, scan } of scans) this.#seen.take(device, scan, code);
  }

  drainDirty(rows: StateRow[]): void {
    this.#seen.drainDirty(rows);
    this.#inputs.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (this.#seen.restore(machine, key, value)) return true;
    if (machine !== this.#inputs.machine) return false;
    this.#inputs.restore(key, value);
    return true;
  }
}

function zoneOf({ zone }: DeviceModel): { zone?: string } {
  return zone === undefined ? {} : { zone };
}
