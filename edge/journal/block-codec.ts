import type { StoredEvent } from '#contracts/envelope.ts';

/** A block as its row holds it. */
export interface BlockRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly previous_hash: string;
  readonly hash: string;
  readonly text: string;
}

/** Canonical text has no line feed, so lines frame header and payload. */
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
