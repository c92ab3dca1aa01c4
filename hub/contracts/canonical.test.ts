import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCanonical, encodeCanonical, type Canonical } from './canonical.ts';
import { Fault } from './fault.ts';

interface Vector {
  readonly name: string;
  readonly value: Canonical;
  readonly text: string;
}
const vectors = JSON.parse(
  readFileSync(new URL('fixtures/canonical-vectors.json', import.meta.url), 'utf8'),
) as Vector[];

const canonicalValue = fc.letrec<{ value: Canonical }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), tie('value'), { maxKeys: 6 }),
  ),
})).value;

describe('canonical encoding', () => {
  test.each(vectors)('$name', ({ value, text }) => {
    expect(encodeCanonical(value)).toBe(text);
    expect(encodeCanonical(decodeCanonical(text))).toBe(text);
  });

  test('gives one text to one value, whatever the order of keys', () => {
    fc.assert(
      fc.property(canonicalValue, (value) => {
        const text = encodeCanonical(value);
        expect(text).not.toContain('\n');
        expect(encodeCanonical(decodeCanonical(text))).toBe(text);
        expect(encodeCanonical(reversed(value))).toBe(text);
      }),
    );
  });

  test('leaves out members that are undefined', () => {
    expect(encodeCanonical({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test.each([
    ['a fraction', { a: { b: [1, 0.5] } }, '$.a.b.1'],
    ['an unsafe integer', { a: 2 ** 53 }, '$.a'],
    ['not a number', [Number.NaN], '$.0'],
    ['a lone surrogate', { a: '\ud800' }, '$.a'],
    ['a key with a lone surrogate', { a: { '\udc00': 1 } }, '$.a'],
  ])('refuses %s and says where it stands', (_, value, path) => {
    const attempt = () => encodeCanonical(value);
    expect(attempt).toThrow(Fault);
    expect(attempt).toThrow(path);
  });

  test.each([' {}', '{"b":1,"a":2}', '{"a":1.0}', '"\\u0041"', '{"a":1,"a":1}', '1e3', '{'])(
    'refuses to read %s, which is not canonical',
    (text) => {
      expect(() => decodeCanonical(text)).toThrow(Fault);
    },
  );
});

function reversed(value: Canonical): Canonical {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as Canonical[]).map(reversed);
  return Object.fromEntries(
    Object.entries(value as Record<string, Canonical>)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
