import { isPlaceable } from '../climate/climate-reading.ts';
import type { Reading } from '../reading.ts';
import type { NumberedReading } from './decode-zebra.ts';
import { noteEvent, type EventNumbers } from './event-numbers.ts';

/**
 * Drops the readings whose numbers were seen before, and tells how many never came. Number and time
 * together are the natural key. Without a time that tells boots apart a reading has no key and is
 * kept as it is: a reader without a clock starts over at the same wrong time each time.
 */
export function keepNew(
  before: EventNumbers,
  events: readonly NumberedReading[],
  receivedAtMs: number,
): { readonly numbers: EventNumbers; readonly readings: Reading[]; readonly repeated: number } {
  let numbers = before;
  let missed = 0;
  let repeated = 0;
  const readings: Reading[] = [];
  for (const { reading, eventNumber } of events) {
    const { claimedMs } = reading;
    if (eventNumber === undefined || !isPlaceable(claimedMs, receivedAtMs)) {
      readings.push(reading);
      continue;
    }
    const noted = noteEvent(numbers, { number: eventNumber, claimedMs, receivedAtMs });
    numbers = noted.numbers;
    missed += noted.missed;
    if (noted.redelivered) {
      repeated += 1;
      continue;
    }
    readings.push({ ...reading, naturalKey: `${eventNumber}@${claimedMs}` });
  }
  if (missed > 0) {
    readings.push({ type: 'missed', samples: Math.min(missed, Number.MAX_SAFE_INTEGER) });
  }
  return { numbers, readings, repeated };
}
