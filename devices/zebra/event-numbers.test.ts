import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { holePatienceMs, maxMarks, maxRanges, noEventNumbers, noteEvent } from './event-numbers.ts';
import type { EventNumbers, NumberedEvent } from './event-numbers.ts';

const bootMs = 1_786_612_468_000;

/** Notes events in order: numbers alone happen one a second, received as they happen. */
function note(
  events: readonly (number | NumberedEvent)[],
  start: EventNumbers = noEventNumbers,
): { numbers: EventNumbers; kept: number[]; missed: number } {
  let numbers = start;
  let missed = 0;
  const kept: number[] = [];
  for (const event of events) {
    const numbered = typeof event === 'number' ? at(event) : event;
    const noted = noteEvent(numbers, numbered);
    numbers = noted.numbers;
    missed += noted.missed;
    if (!noted.redelivered) kept.push(numbered.number);
  }
  return { numbers, kept, missed };
}

const at = (
  number: number,
  bootAtMs = bootMs,
  receivedAtMs = bootAtMs + number,
): NumberedEvent => ({
  number,
  claimedMs: bootAtMs + number,
  receivedAtMs,
});

describe('event numbers of one boot', () => {
  test('a re-delivered event is dropped, a late one is kept', () => {
    expect(note([1, 2, 5, 2, 4, 3, 4, 5, 6]).kept).toEqual([1, 2, 5, 4, 3, 6]);
  });

  test('numbers in order make one range', () => {
    const { numbers } = note([7, 8, 9, 10]);
    expect(numbers.boots).toMatchObject([{ ranges: [[7, 10, bootMs + 7]] }]);
  });

  test('a buffer that flushes from behind fills the hole and nothing is missed', () => {
    const { numbers, missed } = note([1, 100, ...count(2, 99), 101]);
    expect(missed).toBe(0);
    expect(numbers.boots[0]?.ranges).toHaveLength(1);
  });

  test('a hole that stays is missed once, when its time is over', () => {
    const later = bootMs + holePatienceMs + 100;
    const open = note([1, 2, 6]);
    const closed = note([at(7, bootMs, later), at(8, bootMs, later)], open.numbers);
    expect(open.missed).toBe(0);
    expect(closed.missed).toBe(3);
    expect(note([at(4, bootMs, later)], closed.numbers).kept).toEqual([]);
  });

  test('too many holes are given up from below, each counted', () => {
    const { numbers, missed } = note(count(0, maxRanges + 9).map((n) => n * 3));
    expect(missed).toBe(10 * 2);
    expect(numbers.boots[0]?.ranges).toHaveLength(maxRanges);
  });
});

describe('reboots', () => {
  test('numbers that start over with later times are a new boot and nothing is dropped', () => {
    const second = count(1, 3).map((n) => at(n, bootMs + 60_000));
    expect(note([1, 2, 3, ...second]).kept).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test('a clock that starts over in 1970 with the reader does not hide the reboot', () => {
    const second = count(1, 3).map((n) => at(n, 0, bootMs + 60_000 + n));
    expect(note([1, 2, 3, ...second]).kept).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test('a clock set back into times that were heard already does not hide the reboot', () => {
    const [first, second] = [
      count(1, 1000).map((n) => at(n * 1000)),
      count(1, 300).map((n) => at(n * 1000, bootMs + 500_000, bootMs + 1_100_000 + n)),
    ].map((events) => events.map((event) => ({ ...event, number: event.number / 1000 })));
    const again = [...(first ?? []), ...(second ?? [])].map((event) => ({
      ...event,
      receivedAtMs: bootMs + 1_200_000,
    }));
    const once = note([...(first ?? []), ...(second ?? [])]);
    expect(once.kept).toHaveLength(1300);
    expect(note(again, once.numbers)).toMatchObject({ kept: [], missed: 0 });
  });

  test('a clock set back while numbers go on makes nothing of before new', () => {
    const before = count(1, 100).map((n) => ({ ...at(n), claimedMs: bootMs + n * 1000 }));
    const after = count(101, 200).map((n) => ({ ...at(n), claimedMs: bootMs + (n - 60) * 1000 }));
    const once = note([...before, ...after]);
    expect(once.kept).toHaveLength(200);
    expect(note([...before, ...after], once.numbers).kept).toEqual([]);
  });

  test('of a long boot the times of a few events are kept, from its first on', () => {
    const { numbers } = note(count(1, 10_000));
    const marks = numbers.boots[0]?.marks ?? [];
    expect(marks.length).toBeGreaterThan(maxMarks / 4);
    expect(marks.length).toBeLessThanOrEqual(maxMarks);
    expect(marks[0]).toEqual([1, bootMs + 1]);
  });

  test('events of the boot before are still known, and late ones still fill its holes', () => {
    const second = count(1, 3).map((n) => at(n, bootMs + 60_000));
    const late = [at(2), at(4), at(4)].map((event) => ({
      ...event,
      receivedAtMs: bootMs + 70_000,
    }));
    expect(note([1, 2, 3, 5, ...second, ...late]).kept).toEqual([1, 2, 3, 5, 1, 2, 3, 4]);
  });

  test('what the boot before left open is missed when it is forgotten', () => {
    const second = count(1, 3).map((n) => at(n, bootMs + 60_000));
    const later = at(4, bootMs + 60_000, bootMs + 60_001 + holePatienceMs + 1);
    const { numbers, missed } = note([1, 2, 9, ...second, later]);
    expect(missed).toBe(6);
    expect(numbers.boots).toHaveLength(1);
  });

  test('a reader that reboots again and again keeps two boots only', () => {
    const boots = count(0, 5).flatMap((boot) =>
      [1, 2, 5].map((n) => at(n, bootMs + boot * 60_000)),
    );
    const { numbers, kept, missed } = note(boots);
    expect(kept).toHaveLength(18);
    expect(numbers.boots).toHaveLength(2);
    expect(missed).toBe(4 * 2);
  });
});

describe('whatever comes', () => {
  test('every number is kept exactly once, in any order and however often it is delivered', () => {
    const deliveries = fc
      .uniqueArray(fc.nat(60), { minLength: 1 })
      .chain((numbers) =>
        fc.tuple(fc.constant(numbers), fc.array(fc.constantFrom(...numbers), { maxLength: 60 })),
      )
      .map(([once, again]) => [...once, ...again]);
    fc.assert(
      fc.property(deliveries, (delivered) => {
        // The highest time comes first, so that every repetition lies in the span of its boot.
        const { kept } = note([0, 61, ...delivered]);
        expect([...kept].sort((a, b) => a - b)).toEqual(
          [...new Set([0, 61, ...delivered])].sort((a, b) => a - b),
        );
      }),
    );
  });

  test('the state stays small and canonical', () => {
    const event = fc.record({
      number: fc.oneof(fc.nat(200), fc.maxSafeNat()),
      claimedMs: fc.oneof(fc.nat(10_000), fc.maxSafeInteger()),
      receivedAtMs: fc.nat(10_000_000),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (events) => {
        const { numbers } = note(events);
        expect(numbers.boots.length).toBeLessThanOrEqual(2);
        for (const { marks = [], ranges } of numbers.boots) {
          expect(ranges.length).toBeLessThanOrEqual(maxRanges);
          expect(marks.length).toBeLessThanOrEqual(maxMarks);
        }
        encodeCanonical(numbers);
      }),
    );
  });
});

function count(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
