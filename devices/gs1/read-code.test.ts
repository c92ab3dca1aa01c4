import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { scannedCode } from '#contracts/kinds/scan-kinds.ts';
import { validate } from '#contracts/validate.ts';
import { readCode } from './read-code.ts';

const gs = '\u001d';
const scannedAtMs = Date.UTC(2026, 10, 22);
const read = (text: string, symbology?: string) => readCode(text, { symbology, scannedAtMs });

describe('element strings by symbology identifier', () => {
  test.each([']C1', ']d2', ']Q3', ']e0', ']J1'])('%s', (identifier) => {
    const text = `${identifier}01095212345432131726120010L7${gs}21S-9${gs}30012`;
    expect(read(text)).toEqual({
      count: 12,
      elements: [
        { ai: '01', value: '09521234543213' },
        { ai: '17', value: '261200' },
        { ai: '10', value: 'L7' },
        { ai: '21', value: 'S-9' },
        { ai: '30', value: '012' },
      ],
      expiresOn: '2026-12-31',
      form: 'element-string',
      gtin: '09521234543213',
      lot: 'L7',
      serial: 'S-9',
      text,
    });
  });

  test('a pallet: contents, weight, best before, as a label says it', () => {
    const text = '(00)106141412345678908(02)09521234543213(37)48(3302)001250(15)280229';
    expect(read(text)).toMatchObject({
      bestBefore: '2028-02-29',
      contentGtin: '09521234543213',
      count: 48,
      measures: [{ ai: '330', decimals: 2, unit: 'kg', value: 1250 }],
      sscc: '106141412345678908',
    });
    expect(read(text).gtin).toBeUndefined();
  });

  test('assets and places', () => {
    expect(read(']C18003006141411234525678')).toMatchObject({ grai: '06141411234525678' });
    expect(read(']C18004061414112345')).toMatchObject({ giai: '061414112345' });
    expect(read(']C14149521234543213')).toMatchObject({ gln: '9521234543213' });
    expect(read(']C191PICK-7')).toMatchObject({ elements: [{ ai: '91', value: 'PICK-7' }] });
  });

  test('a link in a QR code, by identifier or by name', () => {
    const text = ']Q1https://id.gs1.org/01/09506000134352/21/7';
    const expected = { form: 'digital-link', gtin: '09506000134352', serial: '7' };
    expect(read(text)).toMatchObject(expected);
    expect(read(text.slice(3), 'QR CODE')).toMatchObject(expected);
  });
});

describe('without a symbology identifier', () => {
  test('a string that begins with a GTIN or SSCC and reads to its end is one', () => {
    expect(read(`010952123454321310L7${gs}21S`)).toMatchObject({ lot: 'L7', serial: 'S' });
    expect(read('00106141412345678908\r\n')).toMatchObject({ sscc: '106141412345678908' });
    expect(read('0109521234543213', 'CODE128')).toMatchObject({ gtin: '09521234543213' });
    expect(read(`${gs}10L7`)).toMatchObject({ lot: 'L7' });
  });

  test('one whose check digit is wrong says so', () => {
    expect(read('0109521234543214')).toMatchObject({ form: 'text', trouble: 'check-digit' });
  });

  test('any other is its text, whatever its digits would mean elsewhere', () => {
    for (const text of [
      '10ABC',
      '400ORDER',
      '3103000750',
      '0109521234543213#',
      '[)>\u001e06\u001dP1',
    ]) {
      expect(read(text)).toEqual({ elements: [], form: 'text', text });
    }
    const code128 = ']C0010952123454321310L7';
    expect(read(code128)).toEqual({ elements: [], form: 'text', text: code128 });
  });
});

describe('bare GTINs', () => {
  test.each([
    ['EAN-13', '4006381333931', undefined, '04006381333931'],
    ['UPC-A', '036000291452', undefined, '00036000291452'],
    ['EAN-8', '96385074', undefined, '00000096385074'],
    ['ITF-14', '15400141288763', undefined, '15400141288763'],
    ['EAN-13 by identifier', ']E04006381333931', undefined, '04006381333931'],
    ['ITF-14 by identifier', ']I115400141288763', undefined, '15400141288763'],
    ['EAN-13 by name', '4006381333931\n', 'LABEL-TYPE-EAN13', '04006381333931'],
    ['UPC-E', '01234565', 'UPC-E', '00012345000065'],
    ['UPC-E of another pattern', '04252614', 'UPCE0', '00042100005264'],
  ])('%s', (_name, text, symbology, gtin) => {
    expect(read(text, symbology)).toEqual({ elements: [], form: 'gtin', gtin, text });
  });

  test('a wrong check digit: said where the symbol is a GTIN, else just a number', () => {
    expect(read('4006381333932', 'EAN13')).toMatchObject({ form: 'text', trouble: 'check-digit' });
    expect(read('01234566', 'UPCE')).toMatchObject({ form: 'text', trouble: 'check-digit' });
    expect(read('4006381333932')).toEqual({ elements: [], form: 'text', text: '4006381333932' });
  });

  test('a number in a symbology that carries no GTIN is a number', () => {
    expect(read('4006381333931', 'CODE39').form).toBe('text');
    expect(read(']C04006381333931').form).toBe('text');
    expect(read('12345670', 'ITF').form).toBe('text');
  });

  test('numbers for use within a company are marked', () => {
    expect(read('2001234567893')).toMatchObject({ gtin: '02001234567893', restricted: true });
    expect(read('(01)02001234567893')).toMatchObject({ restricted: true });
    expect(read('4006381333931').restricted).toBeUndefined();
  });
});

describe('dates', () => {
  const expiry = (yymmdd: string, year: number) =>
    readCode(`(17)${yymmdd}`, { scannedAtMs: Date.UTC(year, 5) }).expiresOn;

  test('day 00 is the last day of the month, leap years included', () => {
    expect(expiry('270200', 2026)).toBe('2027-02-28');
    expect(expiry('280200', 2026)).toBe('2028-02-29');
    expect(expiry('261200', 2026)).toBe('2026-12-31');
  });

  test('the century puts a year 49 back to 50 ahead', () => {
    expect(expiry('760101', 2026)).toBe('2076-01-01');
    expect(expiry('770101', 2026)).toBe('1977-01-01');
    expect(expiry('990101', 2026)).toBe('1999-01-01');
    expect(expiry('100101', 2060)).toBe('2110-01-01');
    expect(expiry('110101', 2060)).toBe('2011-01-01');
    expect(expiry('490101', 2098)).toBe('2049-01-01');
    expect(expiry('480101', 2098)).toBe('2148-01-01');
  });

  test('a gateway that booted in 1970 moves no shelf life into another century', () => {
    expect(expiry('270131', 1970)).toBe('2027-01-31');
  });
});

test('nothing makes it throw, and all it gives is canonical and fits the event', () => {
  const identifier = fc.constantFrom('', ']C1', ']d2', ']Q1', ']E0', ']I1', gs, '(01)', '00', '01');
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.string({ unit: fc.constantFrom(...`0123456789()${gs}A%/`.split('')) }),
  );
  const name = fc.option(fc.constantFrom('EAN13', 'UPCE', 'GS1-128', 'QR'), { nil: undefined });
  fc.assert(
    fc.property(identifier, body, name, (start, text, symbology) => {
      const code = read(start + text, symbology);
      encodeCanonical(code);
      expect(validate(scannedCode, code)).toMatchObject({ ok: true });
    }),
    { numRuns: 3000 },
  );
});
