import { describe, expect, test } from 'vitest';
import { floorDocument, floorSession } from '../../testing/floor-fixture.ts';
import { adjustLimit } from './adjust-limit.ts';
import {
  differenceWords,
  leftOf,
  lineFor,
  lineState,
  quantitiesOf,
  sortedLines,
  type ReceiptLine,
} from './receipt-model.ts';

const { lines } = floorDocument(0);

describe('an expected receipt', () => {
  test('says what is left of each line, and never less than nothing', () => {
    expect(lines.map(leftOf)).toEqual([3, 60, 16, 0]);
    expect(leftOf({ expected: 10, seen: 12 })).toBe(0);
    expect(lines.map((line) => lineState(line).words)).toEqual([
      '3 left',
      '60 left',
      '16 left',
      'complete',
    ]);
    const [line] = lines;
    expect(line && lineState({ ...line, seen: 50 })).toEqual({ tone: 'bad', words: '2 over' });
  });

  test('puts what still wants something first', () => {
    expect(sortedLines([...lines].reverse()).map(({ line }) => line)).toEqual([1, 2, 3, 4]);
  });

  test('finds the line that a scan means, with room before full', () => {
    const two = lines.flatMap((line) =>
      line.line === 2 ? [{ ...line, line: 9, room: 0 }, line] : [line],
    );
    expect(lineFor(two, { item: '84879', lot: undefined })?.line).toBe(2);
    expect(lineFor(lines, { item: '22423', lot: 'L881' })?.line).toBe(1);
    expect(lineFor(lines, { item: '22423', lot: 'OTHER' })).toBeUndefined();
    expect(lineFor(lines, { item: '84879', lot: 'ANY' })?.line).toBe(2);
  });

  test('says what closing leaves open', () => {
    expect(differenceWords(lines)).toBe('79 units short on 3 lines');
    expect(
      differenceWords(lines.map((line) => ({ ...line, seen: line.expected }))),
    ).toBeUndefined();
    const over = lines.map((line) => ({ ...line, seen: line.expected + 1 }));
    expect(differenceWords(over)).toBe('4 units over on 4 lines');
  });
});

describe('the limit of a person', () => {
  const { lease } = floorSession(0);

  test('is the smaller of what goes at once and what is left, and says which', () => {
    expect(adjustLimit({ lease })).toEqual({
      most: 50,
      why: 'At most 50 at once',
      none: undefined,
    });
    const little = lease === null ? null : { ...lease, leftUnits: 7 };
    expect(adjustLimit({ lease: little })).toMatchObject({
      most: 7,
      why: 'Only 7 left of your limit',
    });
  });

  test('may be used up, or not be there', () => {
    const none = lease === null ? null : { ...lease, leftUnits: 0 };
    expect(adjustLimit({ lease: none }).none).toBe('Your limit is used up');
    expect(adjustLimit({ lease: null }).none).toBe('Nothing lets you adjust here');
  });
});

describe('a line whose progress is not shown to who counts', () => {
  const hidden = { ...(lines[0] as ReceiptLine), seen: null, room: null };

  test('proposes nothing, takes up to what is expected, and is not closed unknown', () => {
    expect(quantitiesOf(hidden)).toMatchObject({ most: hidden.expected, proposed: undefined });
    expect(lineState(hidden)).toEqual({ tone: 'unknown', words: 'not shown' });
    expect(differenceWords([hidden])).toBe('what came is not shown while it is counted');
  });
});
