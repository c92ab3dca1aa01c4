import type { Clock } from '#contracts/time.ts';
import { maxFaultText, type DeviceFault } from '../../devices/device-fault.ts';
import type { IntakeLog } from './intake-log.ts';

/** What the broker may have to say about a device that calls it. */
export const noteCodes = [
  'sign-in-refused',
  'mqtt5-refused',
  'client-certificate-refused',
  'client-certificate-expired',
  'client-certificate-not-yet-valid',
  'client-certificate-expiring',
  'throttled',
  'frame-too-large',
  'protocol-fault',
  'not-reading',
] as const;
export type NoteCode = (typeof noteCodes)[number];
/** Why connections were closed. */
export const lineCodes = ['frame-too-large', 'protocol-fault', 'not-reading'] as const;

export interface DeviceNotesOptions {
  readonly intake: Pick<IntakeLog, 'append'>;
  readonly clock: Clock;
}

const codes: ReadonlySet<string> = new Set(noteCodes);

/**
 * What stands in the way of devices that call the gateway, as the broker saw it: shown on the
 * device, and an event when it begins and when it ends. A driver says the same of devices that the
 * gateway calls.
 */
export class DeviceNotes {
  readonly #options: DeviceNotesOptions;
  readonly #byDevice = new Map<string, ReadonlyMap<NoteCode, Omit<DeviceFault, 'code'>>>();

  constructor(options: DeviceNotesOptions) {
    this.#options = options;
  }

  /** What stood before the process began, so that it can end. */
  restore(device: string, faults: readonly DeviceFault[]): void {
    const known = faults.flatMap(({ code, text }) =>
      codes.has(code) ? [[code as NoteCode, { text }] as const] : [],
    );
    if (known.length > 0) this.#byDevice.set(device, new Map(known));
    // How fast it sends, and what came of its connections, is not known any more.
    this.replace(device, ['throttled', ...lineCodes], []);
  }

  /** @param note undefined where there is nothing of this kind to say, or no longer */
  set(device: string, code: NoteCode, note: { readonly text: string } | undefined): void {
    this.replace(device, [code], note === undefined ? [] : [{ code, ...note }]);
  }

  /** Puts notes in the place of all that are of some kinds. */
  replace(
    device: string,
    kinds: readonly NoteCode[],
    notes: readonly { readonly code: NoteCode; readonly text: string }[],
  ): void {
    const before = this.#byDevice.get(device) ?? new Map<NoteCode, { readonly text: string }>();
    const after = new Map(before);
    for (const kind of kinds) after.delete(kind);
    for (const { code, text } of notes) {
      after.set(code, { text: text.slice(0, maxFaultText).toWellFormed() });
    }
    if (isSame(before, after)) return;
    if (after.size === 0) this.#byDevice.delete(device);
    else this.#byDevice.set(device, after);
    const faults = [...after].map(([code, { text }]) => ({ code, text }));
    const { clock, intake } = this.#options;
    intake.append({ type: 'device-faults', device, faults }, clock.nowMs());
  }

  /** Nothing more is said of devices that are not there any more. */
  keepOnly(devices: ReadonlySet<string>): void {
    for (const device of this.#byDevice.keys()) {
      if (!devices.has(device)) this.#byDevice.delete(device);
    }
  }
}

type Notes = ReadonlyMap<NoteCode, { readonly text: string }>;

function isSame(a: Notes, b: Notes): boolean {
  return a.size === b.size && [...a].every(([code, { text }]) => b.get(code)?.text === text);
}
