import type { ClientCertificate } from './client-certificate.ts';
import type { NoteCode } from './device-notes.ts';

/** Kinds of notes that come from the dates of a certificate. */
export const certificateKinds = [
  'client-certificate-expired',
  'client-certificate-not-yet-valid',
  'client-certificate-expiring',
] as const satisfies readonly NoteCode[];

/** Soon enough to plan a visit. */
const expiringMs = 30 * 86_400_000;

/**
 * What to say of the dates of a device's certificate. They are no reason to refuse it: what a reader
 * sees happens all the same, and whoever loses trust in a device takes it off the configuration.
 *
 * @param nowMs trusted time
 */
export function certificateNotes(
  {
    sha256,
    validFromMs,
    validToMs,
  }: Pick<ClientCertificate, 'sha256' | 'validFromMs' | 'validToMs'>,
  nowMs: number,
): { readonly code: (typeof certificateKinds)[number]; readonly text: string }[] {
  const which = `its certificate ${sha256.slice(0, 16)}`;
  if (nowMs >= validToMs) {
    const text = `${which} has expired on ${dayOf(validToMs)}; it is let in all the same. Put a new one on the device`;
    return [{ code: 'client-certificate-expired', text }];
  }
  if (nowMs < validFromMs) {
    const text = `${which} is not valid before ${dayOf(validFromMs)}, and here it is ${dayOf(nowMs)}; it is let in all the same. Set this machine's clock`;
    return [{ code: 'client-certificate-not-yet-valid', text }];
  }
  if (validToMs - nowMs > expiringMs) return [];
  const text = `${which} expires on ${dayOf(validToMs)}. Put a new one on the device`;
  return [{ code: 'client-certificate-expiring', text }];
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
