import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { impinjR700 } from '../impinj/profile.ts';
import { httpScanner, mqttScanner } from '../scanner/profile.ts';
import { zebraHandheld } from '../zebra/handheld-profile.ts';
import { zebraIotc } from '../zebra/profile.ts';
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

describe('of a message of which one line is broken, the good ones count', () => {
  test.each([
    [impinjR700, 'impinj/fixtures/tag-inventory-base64.json'],
    [zebraIotc, 'zebra/fixtures/custom.json'],
    [zebraHandheld, 'zebra/fixtures/handheld.json'],
    [mqttScanner, 'scanner/fixtures/scan.json'],
    [httpScanner, 'scanner/fixtures/scan.json'],
  ])('from $id', (profile, path) => {
    const fixture = readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
    const good = JSON.stringify(JSON.parse(fixture));
    const receivedAtMs = Date.UTC(2026, 10, 22, 9);
    const decode = (text: string) => {
      const message = { channel: 'data', payload: bytes(text), receivedAtMs };
      return profile.decode(profile.initialState, message).decoded;
    };
    const whole = decode(good);
    const readings = whole.ok ? whole.readings : [];
    expect(readings.length).toBeGreaterThan(0);
    expect(decode(`${good}\n{"torn`)).toMatchObject({
      ok: true,
      readings,
      partly: {
        reason: 'malformed',
        detail: expect.stringContaining('line 2, 6 bytes') as string,
        bytes: [Buffer.byteLength(good) + 1, Buffer.byteLength(good) + 7],
      },
    });
  });
});
