import type { EventHeader } from '#contracts/envelope.ts';
import type { JournalReader } from './journal-reader.ts';

/** An event as the journal has it. */
export interface JournalledEvent {
  readonly header: EventHeader;
  /** Undefined where it was erased. */
  readonly payload: unknown;
}

const mostEvents = 200;
const mostBytes = 1_048_576;

type Journal = Pick<JournalReader, 'head' | 'oldestSeq' | 'readAfter'>;

/**
 * What the intake entry at `pos` led to, looked up by halves: events stand in the order of their
 * entries. Empty where it led to nothing, or that was trimmed; at most 200.
 */
export function eventsAt(journal: Journal, pos: number): JournalledEvent[] {
  let [low, high] = [Math.max(1, journal.oldestSeq()), journal.head().seq + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = readAfter(journal, middle - 1, 1);
    if (event === undefined || event.header.cause[0] >= pos) high = middle;
    else low = middle + 1;
  }
  return readAfter(journal, low - 1, mostEvents).filter(({ header }) => header.cause[0] === pos);
}

function readAfter(journal: Journal, seq: number, most: number): JournalledEvent[] {
  const lines = journal.readAfter(seq, most, mostBytes)?.lines.join('').split('\n') ?? [];
  const events: JournalledEvent[] = [];
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const [header = '', payload = ''] = lines.slice(at, at + 2);
    events.push({
      header: JSON.parse(header) as EventHeader,
      payload: payload.startsWith('#') ? undefined : JSON.parse(payload),
    });
  }
  return events;
}
