import type { FaultCode } from '#contracts/fault-codes.ts';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import { clockOffCode } from '../observe/facts.ts';

/** A pushed configuration has this long to prove itself. */
export const trialMs = 3 * 60_000;

/** A configuration that is in force and can still be taken back. */
export interface ConfigTrial {
  /** The entries of the downlink that it came with. */
  readonly seqs: readonly number[];
  /** The text that was in force before. */
  readonly former: string;
  /** Devices that were well before and that it touched. */
  readonly awaited: readonly string[];
}

export type TrialVerdict =
  | { readonly type: 'wait' }
  | { readonly type: 'confirm' }
  | { readonly type: 'return'; readonly code: FaultCode; readonly reason: string };

/**
 * Judges a trial: it is confirmed as soon as the hub was heard since it began and the devices that it
 * touched are well again, and taken back when that has not come after `trialMs`.
 *
 * @param ranMs how long it has been in force
 */
export function judgeTrial(
  { awaited }: ConfigTrial,
  ranMs: number,
  hubHeard: boolean,
  devices: readonly DeviceHealth[],
): TrialVerdict {
  const well = new Set(wellDevices(devices));
  const missing = awaited.filter((id) => !well.has(id));
  if (hubHeard && missing.length === 0) return { type: 'confirm' };
  if (ranMs < trialMs) return { type: 'wait' };
  if (!hubHeard) {
    return { type: 'return', code: 'LINK_DOWN', reason: 'no word of the hub for three minutes' };
  }
  const named = missing.slice(0, 5).join(', ');
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
  const reason = `not well again after three minutes: ${named}${more}`;
  return { type: 'return', code: 'UNAVAILABLE', reason };
}

/** Devices that are there, are heard, and have no fault; no configuration sets their clocks. */
export function wellDevices(devices: readonly DeviceHealth[]): string[] {
  return devices
    .filter(({ connected, silent, faults = [] }) => {
      return connected && !silent && faults.every(({ code }) => code === clockOffCode);
    })
    .map(({ device }) => device);
}
