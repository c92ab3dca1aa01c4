import { decodeCanonical, encodeCanonical } from './canonical.ts';
import type { StoredEvent } from './envelope.ts';
import { Fault } from './fault.ts';
import { batchHeader, type BatchHeader } from './uplink.ts';
import { validate } from './validate.ts';

/**
 * A batch as text: its header line, then header and payload line of each event. Canonical text has
 * no line feed, so lines frame; the exact bytes that were hashed are the bytes on the wire.
 */
export function encodeBatch(header: BatchHeader, events: readonly StoredEvent[]): string {
  let text = batchHeaderLine(header);
  for (const event of events) text += `${event.header}\n${event.payload}\n`;
  return text;
}

/** The first line, for who has the lines of the events as bytes already. */
export function batchHeaderLine(header: BatchHeader): string {
  return `${encodeCanonical(header)}\n`;
}

/**
 * Splits a batch. Neither hashes nor signatures are checked here.
 *
 * @throws Fault BATCH_MALFORMED.
 */
export function decodeBatch(text: string): { header: BatchHeader; events: StoredEvent[] } {
  const lines = text.split('\n');
  const [first = ''] = lines;
  let raw: unknown;
  try {
    raw = decodeCanonical(first);
  } catch (cause) {
    throw new Fault('BATCH_MALFORMED', 'the batch header is not canonical', { cause });
  }
  const header = validate(batchHeader, raw);
  if (!header.ok) {
    throw new Fault('BATCH_MALFORMED', `batch header: ${header.refusal.message}`, {});
  }
  if (lines.length !== 2 + 2 * header.value.events || lines.at(-1) !== '') {
    throw new Fault('BATCH_MALFORMED', 'the batch does not hold as many events as it says');
  }
  const events: StoredEvent[] = [];
  for (let line = 1; line + 1 < lines.length; line += 2) {
    events.push({ header: lines[line] ?? '', payload: lines[line + 1] ?? '' });
  }
  return { header: header.value, events };
}
