import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit } from './check-digit.ts';
import { decodeEpc, tagUriOf } from './decode-epc.ts';
import { encodeSgtin96, encodeSscc96 } from './encode-epc.ts';

/** Vectors published with the GS1 Tag Data Standard and its tools. */
const published = [
  ['3074257BF7194E4000001A85', 'urn:epc:tag:sgtin-96:3.0614141.812345.6789'],
  ['3174257BF4499602D2000000', 'urn:epc:tag:sscc-96:3.0614141.1234567890'],
  ['3374257BF40C0E400000162E', 'urn:epc:tag:grai-96:3.0614141.12345.5678'],
  ['3274257BF46072000000162E', 'urn:epc:tag:sgln-96:3.0614141.12345.5678'],
  [`3674257BF6B7A659B2C2BF1${'0'.repeat(29)}`, 'urn:epc:tag:sgtin-198:3.0614141.712345.32a%2Fb'],
] as const;

describe('published vectors', () => {
  test.each(published)('%s is %s', (hex, uri) => {
    const epc = decodeEpc(hex);
    expect(epc.scheme === 'unknown' ? epc.reason : tagUriOf(epc)).toBe(uri);
    expect(decodeEpc(hex.toLowerCase())).toEqual(epc);
  });

  test('the keys come with their check digits', () => {
    expect(decodeEpc(published[0][0])).toMatchObject({ gtin14: '80614141123458' });
    expect(decodeEpc(published[1][0])).toMatchObject({ sscc18: '106141412345678908' });
    expect(decodeEpc(published[2][0])).toMatchObject({ grai13: '0614141123452' });
    expect(decodeEpc(published[3][0])).toMatchObject({ gln13: '0614141123452' });
    expect(decodeEpc(published[4][0])).toMatchObject({
      gtin14: '70614141123451',
      serial: '32a/b',
      uri: 'urn:epc:id:sgtin:0614141.712345.32a%2Fb',
    });
  });

  test('check digits follow the worked examples of the GS1 General Specifications', () => {
    expect(checkDigit('629104150021')).toBe('3');
    expect(checkDigit('37610425002123456')).toBe('9');
  });
});

describe('long and text forms, built field by field', () => {
  test.each([
    ['giai-96', bits([0x34, 8], [0, 3], [5, 3], [614141, 24], [12345678901234567n, 58])],
    ['grai-170', bits([0x37, 8], [0, 3], [5, 3], [614141, 24], [12345, 20], text('7AB', 112))],
    ['giai-202', bits([0x38, 8], [0, 3], [5, 3], [614141, 24], text('32a&b', 164))],
    ['sgln-195', bits([0x39, 8], [0, 3], [5, 3], [614141, 24], [12345, 17], text('B-2', 140))],
  ])('%s', (encoding, hex) => {
    expect(decodeEpc(hex)).toMatchObject({ encoding, companyPrefix: '0614141' });
  });

  test('their values are read exactly', () => {
    const giai96 = bits([0x34, 8], [0, 3], [5, 3], [614141, 24], [12345678901234567n, 58]);
    expect(decodeEpc(giai96)).toMatchObject({
      giai: '061414112345678901234567',
      uri: 'urn:epc:id:giai:0614141.12345678901234567',
    });
    const giai202 = bits([0x38, 8], [0, 3], [5, 3], [614141, 24], text('32a&b', 164));
    expect(decodeEpc(giai202)).toMatchObject({ uri: 'urn:epc:id:giai:0614141.32a%26b' });
    const grai = bits([0x37, 8], [0, 3], [5, 3], [614141, 24], [12345, 20], text('7AB', 112));
    expect(decodeEpc(grai)).toMatchObject({ grai13: '0614141123452', serial: '7AB' });
  });
});

describe('what is not exactly an EPC is unknown, with the reason', () => {
  test.each([
    ['', 'empty'],
    ['000000000000000000000000', 'all zero'],
    ['E28011606000020534B2E5A1', 'header of no known GS1 encoding'],
    ['AA0004EF55555555AA21BF43', 'header of no known GS1 encoding'],
    ['3074257BF719', 'truncated sgtin-96'],
    ['3074257BF7194E4000001A8', 'odd number of hex digits'],
    ['3074257BF7194E4000001AZZ', 'not hexadecimal'],
    ['307C257BF7194E4000001A85', 'partition value 7 is not assigned'],
    ['3174257BF4499602D2000001', 'the serial cannot be encoded so'],
    ['3074257BF7194E4000001A850001', 'bits set behind the end of sgtin-96'],
    [bits([0x30, 8], [0, 3], [6, 3], [1_000_000, 20], [0, 24], [0, 38]), 'the company prefix'],
    [bits([0x30, 8], [0, 3], [0, 3], [1, 40], [10, 4], [0, 38]), 'the reference cannot'],
    [bits([0x32, 8], [0, 3], [0, 3], [1, 40], [1, 1], [0, 41]), 'the reference cannot'],
    [bits([0x36, 8], [0, 3], [5, 3], [1, 24], [1, 20], [0, 140]), 'the serial cannot'],
    [bits([0x38, 8], [0, 3], [0, 3], [1, 40], text('A'.repeat(19), 148)), 'the reference cannot'],
    ['F'.repeat(130), 'longer than an EPC bank'],
  ])('%s: %s', (hex, reason) => {
    const epc = decodeEpc(hex);
    expect(epc).toMatchObject({ scheme: 'unknown' });
    expect(epc.scheme === 'unknown' ? epc.reason : '').toContain(reason);
  });

  test('zero padding to whole words is allowed', () => {
    expect(decodeEpc('3074257BF7194E4000001A8500000000')).toEqual(
      decodeEpc('3074257BF7194E4000001A85'),
    );
  });

  test('no text whatever makes it throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), hexText(0, 130)), (text) => {
        expect(decodeEpc(text)).toHaveProperty('scheme');
      }),
      { numRuns: 2000 },
    );
  });

  test('a changed bit never gives the same identity', () => {
    fc.assert(
      fc.property(fc.constantFrom(...published), fc.nat(95), ([hex], bit) => {
        const flipped = (BigInt(`0x${hex}`) ^ (1n << BigInt(hex.length * 4 - 1 - bit)))
          .toString(16)
          .padStart(hex.length, '0');
        const [before, after] = [decodeEpc(hex), decodeEpc(flipped)];
        const isFilter = bit >= 8 && bit < 11;
        if (after.scheme === 'unknown' || before.scheme === 'unknown' || isFilter) return;
        expect(after.uri).not.toBe(before.uri);
      }),
    );
  });
});

describe('encoding', () => {
  const prefix = fc.integer({ min: 6, max: 12 }).chain((digits) => digitText(digits));

  test('an SGTIN-96 comes back as it went in', () => {
    const sgtin = prefix.chain((companyPrefix) =>
      fc.record({
        companyPrefix: fc.constant(companyPrefix),
        itemReference: digitText(13 - companyPrefix.length),
        serial: fc.integer({ min: 0, max: 2 ** 38 - 1 }),
        filter: fc.integer({ min: 0, max: 7 }),
      }),
    );
    fc.assert(
      fc.property(sgtin, (item) => {
        const hex = encodeSgtin96(item);
        expect(hex).toMatch(/^30[0-9A-F]{22}$/);
        expect(decodeEpc(hex)).toMatchObject({ ...item, serial: String(item.serial) });
      }),
    );
  });

  test('an SSCC-96 comes back as it went in', () => {
    const sscc = prefix.chain((companyPrefix) =>
      fc.record({
        companyPrefix: fc.constant(companyPrefix),
        serialReference: digitText(17 - companyPrefix.length),
      }),
    );
    fc.assert(
      fc.property(sscc, ({ companyPrefix, serialReference }) => {
        const epc = decodeEpc(encodeSscc96({ companyPrefix, serialReference }));
        expect(epc).toMatchObject({ scheme: 'sscc', companyPrefix, serial: serialReference });
        const { sscc18 } = epc as { sscc18: string };
        expect(checkDigit(sscc18.slice(0, -1))).toBe(sscc18.at(-1));
      }),
    );
  });

  test('what does not fit is a programming error', () => {
    const item = { companyPrefix: '0614141', itemReference: '812345', serial: 1 };
    expect(() => encodeSgtin96({ ...item, serial: 2 ** 38 })).toThrow('38 bits');
    expect(() => encodeSgtin96({ ...item, itemReference: '12345' })).toThrow('has 6 digits');
    expect(() => encodeSgtin96({ ...item, companyPrefix: '12345' })).toThrow('6 to 12 digits');
  });
});

function digitText(digits: number): fc.Arbitrary<string> {
  return fc.integer({ min: 0, max: 10 ** digits - 1 }).map((n) => String(n).padStart(digits, '0'));
}

function hexText(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const digit = fc.constantFrom(...Array.from('0123456789ABCDEFabcdef'));
  return fc.array(digit, { minLength, maxLength }).map((digits) => digits.join(''));
}

/** Fields of so many bits as hex, zero padded to whole 16-bit words. */
function bits(...fields: readonly (readonly [number | bigint, number])[]): string {
  const binary = fields.map(([value, length]) => value.toString(2).padStart(length, '0')).join('');
  const padded = binary.padEnd(Math.ceil(binary.length / 16) * 16, '0');
  return BigInt(`0b${padded}`)
    .toString(16)
    .padStart(padded.length / 4, '0')
    .toUpperCase();
}

function text(characters: string, length: number): readonly [bigint, number] {
  const binary = Array.from(characters, (c) => c.charCodeAt(0).toString(2).padStart(7, '0')).join(
    '',
  );
  return [BigInt(`0b${binary.padEnd(length, '0')}`), length];
}
