import { describe, expect, test } from 'vitest';
import { splitJsonLines } from './split-lines.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const split = (text: string) => splitJsonLines(bytes(text));

describe('a message in lines of which one is broken', () => {
  test('gives the others, and names that one with its place and its first bytes', () => {
    const text = '{"ü":1}\r\n{"b":2}{"c":3}\n\n{"d":4\n{"e":5}\n';
    const parts = split(text);
    expect(parts).toEqual({
      ok: true,
      objects: [{ ü: 1 }, { b: 2 }, { c: 3 }, undefined, { e: 5 }],
      broken: [
        {
          index: 3,
          reason: 'malformed',
          detail: 'line 4, 6 bytes, "{"d":4": no JSON object or array at character 0',
          bytes: [26, 32],
        },
      ],
    });
    if (!parts.ok) return;
    const [from, to] = parts.broken[0]?.bytes ?? [];
    expect(new TextDecoder().decode(bytes(text).subarray(from, to))).toBe('{"d":4');
  });

  test('may be one that was cut off, that is no UTF-8, or that holds a NaN', () => {
    expect(split('{"a":1}\n{"b"')).toMatchObject({ ok: true, broken: [{ index: 1 }] });
    const torn = Uint8Array.of(...bytes('{"a":1}\n'), 0x7b, 0xff, 0x7d);
    expect(splitJsonLines(torn)).toMatchObject({ ok: true, broken: [{ reason: 'malformed' }] });
    expect(split('{"a":1}\n{"b":NaN}')).toMatchObject({ broken: [{ reason: 'not-a-number' }] });
  });

  test('is refused whole where no line is good, or where lines are parts of one document', () => {
    expect(split('{"a":\n1')).toMatchObject({ ok: false, reason: 'malformed' });
    expect(split('{"list": [\n  {"a":1}\n]')).toMatchObject({ ok: false, reason: 'malformed' });
    expect(split('{"a":1}{"b"')).toMatchObject({ ok: false, reason: 'malformed' });
  });
});
