import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readInteger, readNumber, readRounded } from './read-number.ts';
import { maxObjects, maxPayloadBytes, splitJson } from './split-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const split = (text: string): unknown => {
  const result = splitJson(bytes(text));
  return result.ok ? result.objects : result.reason;
};

describe('splitting a payload', () => {
  test.each([
    ['one object', '{"a":1}', [{ a: 1 }]],
    ['an array', '[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['lines', '{"a":1}\r\n\r\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['documents run together', '{"a":1}{"a":2}[{"a":3}]', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ['record separators', '\u001e{"a":1}\n\u001e{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['braces and quotes in text', '{"a":"}{\\""}{"a":"]"}', [{ a: '}{"' }, { a: ']' }]],
    ['a byte order mark', '\ufeff{"a":1}', [{ a: 1 }]],
    ['an empty array', '[]', []],
  ])('reads %s', (_name, text, objects) => {
    expect(split(text)).toEqual(objects);
  });

  test.each([
    ['nothing', '', 'malformed'],
    ['white space', ' \n', 'malformed'],
    ['words', 'online', 'malformed'],
    ['half an object', '{"a":1', 'malformed'],
    ['a good document before a bad one', '{"a":1}{"a":', 'malformed'],
    ['a comma between documents', '{"a":1},{"a":2}', 'malformed'],
    ['a number', '42', 'wrong-type'],
    ['null', 'null', 'wrong-type'],
    ['an array of arrays', '[[{"a":1}]]', 'wrong-type'],
    ['a bare NaN', '{"temperature":NaN}', 'not-a-number'],
    ['a bare infinity in a line', '{"a":1}\n{"a":-Infinity}', 'not-a-number'],
    ['the word NaN in broken text', '{"a":"NaN"', 'malformed'],
  ])('refuses %s', (_name, text, reason) => {
    expect(split(text)).toBe(reason);
  });

  test('refuses what is not UTF-8, too long, or too much', () => {
    expect(splitJson(Uint8Array.of(0x7b, 0xff, 0x7d))).toMatchObject({ reason: 'malformed' });
    expect(splitJson(new Uint8Array(maxPayloadBytes + 1))).toMatchObject({ reason: 'oversized' });
    expect(split('{}'.repeat(maxObjects + 1))).toBe('oversized');
    expect(split(`[${'{},'.repeat(maxObjects)}{}]`)).toBe('oversized');
  });

  test('neither deep nesting nor prototype keys do harm', () => {
    const deep = 100_000;
    expect(split('['.repeat(deep))).toBe('malformed');
    expect(split('['.repeat(deep) + ']'.repeat(deep))).toBe('wrong-type');
    expect(split('{"a":'.repeat(deep))).toBe('malformed');
    expect(split('{"__proto__":{"polluted":1}}{"constructor":1}')).toHaveLength(2);
    expect({}).not.toHaveProperty('polluted');
  });

  test('any documents set one behind the other come back in order', () => {
    const document = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 1 }),
        fc.constantFrom('', '\n', '  '),
        (list, gap) => {
          const text = list.map((entry) => JSON.stringify(entry)).join(gap);
          expect(split(text)).toEqual(
            list.map((entry) => JSON.parse(JSON.stringify(entry)) as unknown),
          );
        },
      ),
    );
  });

  test('no bytes whatever make it throw', () => {
    const noise = fc.oneof(fc.uint8Array(), fc.json().map(bytes), fc.string().map(bytes));
    fc.assert(
      fc.property(noise, (payload) => {
        expect(splitJson(payload)).toHaveProperty('ok');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('numbers', () => {
  test.each([
    [-72, -72],
    ['-72', -72],
    [' 911.75 ', 911.75],
    ['1e3', 1000],
    [null, undefined],
    [undefined, undefined],
    ['', 'wrong-type'],
    ['0x10', 'wrong-type'],
    ['12 dBm', 'wrong-type'],
    [true, 'wrong-type'],
    [[1], 'wrong-type'],
    ['NaN', 'not-a-number'],
    ['-Infinity', 'not-a-number'],
    ['1e400', 'not-a-number'],
    [Number.POSITIVE_INFINITY, 'not-a-number'],
  ])('%j reads as %j', (value, expected) => {
    expect(readNumber(value)).toBe(expected);
  });

  test('whole numbers are exact or refused', () => {
    expect(readInteger('12')).toBe(12);
    expect(readInteger(12.5)).toBe('wrong-type');
    expect(readInteger('9007199254740993')).toBe('wrong-type');
    expect(Object.is(readInteger(-0), 0)).toBe(true);
  });

  test('measured values are rounded to the smaller unit', () => {
    expect(readRounded('-41.5', 100)).toBe(-4150);
    expect(readRounded(-0.001, 100)).toBe(0);
    expect(readRounded(1e300, 100)).toBe('not-a-number');
  });
});
