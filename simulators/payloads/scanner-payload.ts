import { deviceUuid } from './device-uuid.ts';
import { codeOf } from './scan-labels.ts';
import type { ScanEmission } from '../world/emission.ts';

/** What a scanner sends, and the texts of the codes in it. */
export interface ScanPayload {
  readonly payload: Uint8Array;
  readonly codes: readonly string[];
}

/**
 * What a barcode scanner posts or publishes: an object for each scan, single, as an array or in
 * lines. The scanner makes the id of a scan, once: sending it again repeats it.
 */
export function scannerPayload(emission: ScanEmission, baseMs: number): ScanPayload {
  const scans = emission.labels.map((label, index) => ({
    id: idOf(emission, index, baseMs),
    code: codeOf(label).text,
    symbology: codeOf(label).symbology,
    at: new Date(baseMs + emission.atMs).toISOString(),
  }));
  return joined(emission, scans, ({ code }) => code);
}

/** The same from a ProGlove gateway, in its Streams API 1.0. */
export function proGlovePayload(emission: ScanEmission, baseMs: number): ScanPayload {
  const scans = emission.labels.map((label, index) => ({
    api_version: '1.0',
    event_type: 'scan',
    event_id: idOf(emission, index, baseMs),
    time_created: baseMs + emission.atMs,
    scan_code: codeOf(label).text,
    device_serial: 'MDMR000000064',
    gateway_serial: 'PGGW000000058',
  }));
  return joined(emission, scans, (scan) => scan.scan_code);
}

function joined<T>(
  { number }: ScanEmission,
  scans: readonly T[],
  textOf: (scan: T) => string,
): ScanPayload {
  const lines = scans.map((scan) => JSON.stringify(scan));
  const text = number % 2 === 0 ? `[${lines.join(',')}]` : lines.join('\n');
  return { payload: Buffer.from(text), codes: scans.map(textOf) };
}

function idOf({ atMs, chance, number }: ScanEmission, index: number, baseMs: number): string {
  return deviceUuid(baseMs + atMs, number * 16 + index, chance);
}
