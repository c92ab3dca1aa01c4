import type { QuarantineReason } from '../../devices/profile.ts';

/** A message that could not be used, for the quarantine. */
export interface Quarantined {
  readonly device: string;
  readonly channel: string;
  readonly reason: QuarantineReason;
  readonly detail: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The first 4 KiB. */
  readonly head: Uint8Array;
}

/** A topic has up to 64 KiB, and what is wrong with a message may quote it. */
const maxQuotedLength = 300;

/** As it is kept: what a device chose freely is cut. */
export function keptOf(of: Quarantined): Quarantined {
  const cut = (text: string): string => text.slice(0, maxQuotedLength);
  return { ...of, channel: cut(of.channel), detail: cut(of.detail) };
}
