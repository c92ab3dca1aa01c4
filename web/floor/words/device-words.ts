import type { AlertFact, DeviceHealth } from '#contracts/now-lane.ts';
import { countOf } from '../../format/numbers.ts';
import { formatAgo, formatSkew } from '../../format/times.ts';
import type { Tone } from '../../ui/shapes.ts';

/** A device's clock further off than this is worth a word. */
const skewWorthMs = 2000;

const troubleOf = (device: DeviceHealth): number =>
  !device.connected
    ? 0
    : device.silent
      ? 1
      : (device.faults?.length ?? 0) > 0
        ? 2
        : device.covered
          ? 4
          : 3;

/** Those in trouble first, then by name. */
export function sortedDevices(devices: readonly DeviceHealth[]): readonly DeviceHealth[] {
  return [...devices].sort((a, b) => troubleOf(a) - troubleOf(b) || (a.device < b.device ? -1 : 1));
}

export function deviceState(device: DeviceHealth): { readonly tone: Tone; readonly words: string } {
  if (!device.connected) return { tone: 'bad', words: 'not connected' };
  if (device.silent) return { tone: 'bad', words: 'silent' };
  if ((device.faults?.length ?? 0) > 0) return { tone: 'warn', words: 'in trouble' };
  if (!device.covered) return { tone: 'warn', words: 'may lose readings' };
  return { tone: 'ok', words: 'reads' };
}

const uncovered: Readonly<Record<NonNullable<DeviceHealth['uncoveredReason']>, string>> = {
  qos0: 'it sends without waiting for an answer',
  'no-buffer': 'it keeps nothing while the network is down',
  polled: 'it is only asked now and then',
};

/** `312 reads a minute · heard 2 s ago · clock +3.1 s`. */
export function deviceDetail(device: DeviceHealth, nowMs: number): string {
  const { readsPerMinute, lastHeardAt, clockSkewMs = 0, quarantined, uncoveredReason } = device;
  return [
    device.zone,
    `${countOf(readsPerMinute, 'read')} a minute`,
    lastHeardAt === undefined ? 'never heard' : `heard ${formatAgo(lastHeardAt, nowMs)}`,
    Math.abs(clockSkewMs) >= skewWorthMs ? `clock ${formatSkew(clockSkewMs)}` : undefined,
    quarantined > 0 ? `${countOf(quarantined, 'message')} could not be read` : undefined,
    uncoveredReason === undefined ? undefined : uncovered[uncoveredReason],
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

/** Open ones only, newest first. */
export function openAlerts(alerts: readonly AlertFact[]): readonly AlertFact[] {
  return alerts.filter(({ open }) => open).sort((a, b) => b.openedAt - a.openedAt);
}
