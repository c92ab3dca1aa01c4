import { eventHash } from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import { sha256Hex } from './seal.ts';

/** A block as its row holds it. */
export interface BlockRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly previous_hash: string;
  readonly hash: string;
  readonly text: string;
}

/** Canonical text has no line feed, so lines frame header and payload. */
export function encodeBlock(events: readonly StoredEvent[]): Buffer {
  let text = '';
  for (const event of events) text += `${event.header}\n${event.payload}\n`;
  return Buffer.from(text, 'utf8');
}

export function decodeBlock(text: string): StoredEvent[] {
  const lines = text.split('\n');
  const events: StoredEvent[] = [];
  for (let line = 0; line + 1 < lines.length; line += 2) {
    events.push({ header: lines[line] ?? '', payload: lines[line + 1] ?? '' });
  }
  return events;
}

/** How many whole events fit into what is allowed, from an offset on, and where they end. */
export function fitEvents(
  text: string,
  from: number,
  allowed: { readonly events: number; readonly bytes: number },
): { events: number; end: number } {
  let events = 0;
  let bytes = 0;
  let end = from;
  while (events < allowed.events && end < text.length) {
    const next = text.indexOf('\n', text.indexOf('\n', end) + 1) + 1;
    bytes += Buffer.byteLength(text.slice(end, next));
    if (bytes > allowed.bytes) break;
    events += 1;
    end = next;
  }
  return { events, end };
}

/** The hash after each event of a run. */
export function chainHashes(previousHash: string, events: readonly StoredEvent[]): string[] {
  let hash = previousHash;
  return events.map((event) => (hash = eventHash(hash, event, sha256Hex)));
}

/**
 * Recomputes a block against what its row says.
 *
 * @returns what is wrong with it, naming the first position that cannot be trusted.
 */
export function faultOfBlock(row: BlockRow, expectedPrevious: string): string | undefined {
  const events = decodeBlock(row.text);
  if (row.previous_hash !== expectedPrevious) {
    return `event ${row.first_seq} does not continue the hash of event ${row.first_seq - 1}`;
  }
  const expectedCount = row.last_seq - row.first_seq + 1;
  if (events.length !== expectedCount) {
    return `events ${row.first_seq} to ${row.last_seq}: ${events.length} of ${expectedCount} found`;
  }
  if (chainHashes(row.previous_hash, events).at(-1) !== row.hash) {
    return `events ${row.first_seq} to ${row.last_seq} do not have the hash they were sealed with`;
  }
  return undefined;
}
