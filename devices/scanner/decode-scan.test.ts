import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { decodeScans } from './decode-scan.ts';
import { httpScanner, mqttScanner } from './profile.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const receivedAtMs = Date.UTC(2026, 10, 22, 8);
const decode = (message: unknown) =>
  decodeScans(new TextEncoder().encode(JSON.stringify(message)), receivedAtMs);
const good = { id: 'scan-0001', code: '4006381333931' };

describe('scans', () => {
  test('one with all that a scanner may say', () => {
    expect(decodeScans(fixture('scan.json'), receivedAtMs)).toMatchObject({
      ok: true,
      readings: [
        {
          type: 'scan',
          claimedMs: Date.UTC(2026, 10, 22, 8, 0, 1, 250),
          code: { form: 'element-string', gtin: '09521234543213', lot: 'L7' },
          naturalKey: '5f0c1b8e-6a0f-4a52-9a4e-3d7c2b1a9f10',
          symbology: 'GS1-128',
        },
      ],
    });
  });

  test('lines that a scanner kept while it was away, with their times', () => {
    expect(decodeScans(fixture('kept-scans.ndjson'), receivedAtMs)).toMatchObject({
      readings: [
        { claimedMs: Date.UTC(2026, 10, 21, 16), code: { form: 'gtin' } },
        { claimedMs: 1_763_740_801_000, code: { form: 'text', text: 'SHELF A-12' } },
      ],
    });
  });

  test('ProGlove’s Streams API, of which only scans are readings', () => {
    expect(decodeScans(fixture('proglove.ndjson'), receivedAtMs)).toEqual({
      ok: true,
      readings: [
        {
          type: 'scan',
          claimedMs: 1_546_300_800_000,
          code: { elements: [], form: 'text', text: 'Hello, World!' },
          naturalKey: '02114da8-feae-46e3-8b00-a3f7ea8672df',
        },
      ],
    });
  });

  test('an empty list is a sign of life', () => {
    expect(decode([])).toEqual({ ok: true, readings: [] });
  });

  test('the same profile serves HTTP and MQTT', () => {
    expect(httpScanner).toMatchObject({ transport: 'http', naturalKey: 'client-id' });
    expect(mqttScanner).toMatchObject({ transport: 'mqtt', naturalKey: 'client-id' });
    const message = { channel: '', payload: fixture('scan.json'), receivedAtMs };
    expect(mqttScanner.decode(null, message)).toEqual(httpScanner.decode(null, message));
  });
});

describe('what cannot be used', () => {
  test.each([
    ['no id', { code: 'A' }, 'missing-id'],
    ['an empty id', { ...good, id: '' }, 'missing-id'],
    ['a scan of ProGlove without its id', { event_type: 'scan', scan_code: 'A' }, 'missing-id'],
    ['a counter for an id', { ...good, id: 7 }, 'wrong-type'],
    ['a short id', { ...good, id: '1234567' }, 'wrong-type'],
    ['an id with a space', { ...good, id: 'scan 0001' }, 'wrong-type'],
    ['an endless id', { ...good, id: 'x'.repeat(81) }, 'wrong-type'],
    ['no code', { id: good.id }, 'wrong-type'],
    ['an empty code', { ...good, code: '' }, 'wrong-type'],
    ['an endless code', { ...good, code: 'x'.repeat(2049) }, 'oversized'],
    ['a symbology that is none', { ...good, symbology: 5 }, 'wrong-type'],
    ['no object', 'A', 'wrong-type'],
  ])('%s', (_name, message, reason) => {
    expect(decode(message)).toMatchObject({ ok: false, reason });
  });

  test('one bad scan among good ones takes none of them with it, and is named', () => {
    const bad = { id: 'scan-0009', code: '' };
    const decoded = decode([bad, good, { code: 'A' }]);
    expect(decoded).toMatchObject({
      ok: true,
      readings: [{ naturalKey: good.id }],
      partly: { reason: 'wrong-type' },
      refused: [
        { index: 0, id: bad.id, reason: 'wrong-type' },
        { index: 2, reason: 'missing-id' },
      ],
    });
    expect(decoded.ok && decoded.partly?.detail).toContain('at index 0');
    expect(decode([bad, { code: 'A' }])).toMatchObject({ ok: false, reason: 'wrong-type' });
  });

  test('what is missing is named', () => {
    const decoded = decode({ code: 'A' });
    expect(decoded.ok ? '' : decoded.detail).toContain('"id" is missing');
  });

  test('neither noise nor a damaged scan makes it throw, and what it reads is canonical', () => {
    const whole = [...fixture('scan.json')];
    const damaged = fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
      .map(([at, byte]) => Uint8Array.from(whole.with(at, byte)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged, damaged), (payload) => {
        const decoded = decodeScans(payload, receivedAtMs);
        if (!decoded.ok) return;
        for (const reading of decoded.readings) encodeCanonical({ ...reading });
      }),
      { numRuns: 2000 },
    );
  });
});
