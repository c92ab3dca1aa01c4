import type { Reading } from '../reading.ts';
import type { NumberedReading } from './decode-zebra.ts';
import { noteEvent, type EventNumbers } from './event-numbers.ts';

/**
 * Drops the readings whose numbers were seen before, and tells how many never came. Number and time
 * together are the natural key. Without a time to tell boots apart a reading has no key and is kept
 * as it is.
 */
export function keepNew(
  before: EventNumbers,
  events: readonly NumberedReading[],
  receivedAtMs: number,
): { readonly numbers: EventNumbers; readonly readings: Reading[] } {
  let numbers = before;
  let missed = 0;
  const readings: Reading[] = [];
  for (const { reading, eventNumber } of events) {
    const { claimedMs } = reading;
    if (eventNumber === undefined || claimedMs === undefined) {
      readings.push(reading);
      continue;
    }
    const noted = noteEvent(numbers, { number: eventNumber, claimedMs, receivedAtMs });
    numbers = noted.numbers;
    missed += noted.missed;
    if (noted.redelivered) continue;
    readings.push({ ...reading, naturalKey: `${eventNumber}@${claimedMs}` });
  }
  if (missed > 0) {
    readings.push({ type: 'missed', samples: Math.min(missed, Number.MAX_SAFE_INTEGER) });
  }
  return { numbers, readings };
}
