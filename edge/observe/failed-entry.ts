import { hash } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import { arrivalAt, momentFields } from './moment.ts';

/** What is kept of an entry that the gateway itself failed on. */
export interface FailedEntry {
  /** Empty where the entry is of no device. */
  readonly device: string;
  /** Of a message; of any other entry its type. */
  readonly channel: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly head: Uint8Array;
}

const headBytes = 4096;

export function failedEntryOf({ body }: IntakeEntry): FailedEntry {
  if (body.type === 'refused') {
    const { device, channel, bytes, sha256, head } = body;
    return { device, channel, bytes, sha256, head };
  }
  const device = 'device' in body && typeof body.device === 'string' ? body.device : '';
  const isMessage = body.type === 'message';
  const payload = isMessage ? body.payload : Buffer.from(encodeCanonical(body));
  return {
    device,
    channel: isMessage ? body.channel : body.type,
    bytes: payload.length,
    sha256: hash('sha256', payload),
    head: payload.subarray(0, headBytes),
  };
}

/** The event of an entry that is no message. @param what its type, or what else failed with it */
export function setAsideDraft(entry: IntakeEntry, what: string): EventDraft {
  const { device, bytes, sha256 } = failedEntryOf(entry);
  const at = momentFields(arrivalAt(entry.receivedAtMs));
  const of = device === '' ? at : { ...at, device };
  return draft('gateway.entry-set-aside', { bytes, entry: what, sha256 }, of);
}
