import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDigit } from '../epc/check-digit.ts';
import { applicationIdentifiers } from './application-identifiers.ts';
import {
  formatBracketed,
  formatElementString,
  parseBracketed,
  parseElementString,
  type CodeElement,
} from './element-string.ts';

const gs = '\u001d';
const pairs = (text: string, parse = parseElementString): unknown => {
  const read = parse(text);
  return read.ok ? read.elements.map(({ ai, value }) => [ai, value]) : read.trouble;
};

describe('the table of application identifiers', () => {
  test('has what a warehouse meets', () => {
    const known = ['00', '01', '02', '10', '21', '30', '37', '3103', '3925', '414', '8003', '99'];
    for (const ai of known) expect(applicationIdentifiers.has(ai)).toBe(true);
    expect(applicationIdentifiers.size).toBeGreaterThan(480);
  });

  test('has no identifier that begins another', () => {
    const ais = [...applicationIdentifiers.keys()];
    for (const ai of ais) {
      expect(ais.filter((other) => other !== ai && other.startsWith(ai))).toEqual([]);
    }
  });

  test('ends without separator just what figure 7.8.5-2 lists, at its lengths', () => {
    const lengths = new Map<string, number>([
      ['00', 20],
      ['01', 16],
      ['02', 16],
      ['03', 16],
      ['11', 8],
      ['17', 8],
      ['20', 4],
      ['3102', 10],
      ['3695', 10],
      ['414', 16],
    ]);
    for (const { ai, predefinedLength } of applicationIdentifiers.values()) {
      const expected = lengths.get(ai);
      if (expected !== undefined)
        expect([ai, ai.length + Number(predefinedLength)]).toEqual([ai, expected]);
    }
    for (const ai of ['10', '21', '30', '37', '402', '422', '7003', '8005', '8006', '91']) {
      expect(applicationIdentifiers.get(ai)?.predefinedLength).toBeUndefined();
    }
  });
});

describe('element strings', () => {
  test.each([
    // The example of the GS1 Syntax Engine, as a scanner transmits it.
    [
      `011231231231233310ABC123${gs}99TESTING`,
      [
        ['01', '12312312312333'],
        ['10', 'ABC123'],
        ['99', 'TESTING'],
      ],
    ],
    // SSCC of the tag data standard.
    ['00106141412345678908', [['00', '106141412345678908']]],
    // Fixed lengths follow each other without separator; one behind them does no harm.
    [
      `0109521234543213310300075015260731${gs}10L-7`,
      [
        ['01', '09521234543213'],
        ['3103', '000750'],
        ['15', '260731'],
        ['10', 'L-7'],
      ],
    ],
    // GTIN of the content and its number.
    [
      `0209521234543213${gs}3748`,
      [
        ['02', '09521234543213'],
        ['37', '48'],
      ],
    ],
    // GRAI of the tag data standard: filler, number with check digit, serial.
    [`${gs}8003006141411234525678${gs}`, [['8003', '006141411234525678']]],
    [`21A${gs}21A`, [['21', 'A']]],
  ])('%j', (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  test.each([
    ['a wrong check digit', '0109521234543214', 'check-digit'],
    ['a wrong SSCC', '00106141412345678909', 'check-digit'],
    ['a wrong GRAI', '8003006141411234515678', 'check-digit'],
    ['a GRAI without its filler', '8003106141411234525678', 'bad-value'],
    ['a short GTIN', '01095212345', 'bad-value'],
    ['an identifier nobody assigned', '0109521234543213055', 'unknown-identifier'],
    ['a lot without end', `10${'A'.repeat(21)}`, 'bad-value'],
    ['a lot of nothing', `10${gs}21A`, 'bad-value'],
    ['a character outside set 82', '10A B', 'bad-value'],
    ['a letter in a count', '30A', 'bad-value'],
    ['month 13', '17261300', 'bad-value'],
    ['30 February', '17260230', 'bad-value'],
    ['two serials', `21A${gs}21B`, 'bad-value'],
    ['nothing', '', 'bad-value'],
    ['a separator alone', gs, 'bad-value'],
  ])('refuses %s', (_name, text, trouble) => {
    expect(pairs(text)).toBe(trouble);
  });
});

describe('with parentheses', () => {
  test('reads what stands below a symbol', () => {
    expect(pairs('(01)12312312312333(10)ABC123(99)TESTING', parseBracketed)).toEqual([
      ['01', '12312312312333'],
      ['10', 'ABC123'],
      ['99', 'TESTING'],
    ]);
  });

  test('a parenthesis in a value is one, where it begins no identifier or is escaped', () => {
    expect(pairs('(10)A(5)B(21)\\(10)', parseBracketed)).toEqual([
      ['10', 'A(5)B'],
      ['21', '(10)'],
    ]);
  });

  test('refuses what does not begin with an identifier', () => {
    expect(pairs('(555)123', parseBracketed)).toBe('unknown-identifier');
  });
});

describe('round trips', () => {
  const set82 = '!"%&\'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz'.split('');
  const text = (maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...set82), minLength: 1, maxLength });
  const digits = (length: number) =>
    fc.string({
      unit: fc.constantFrom(...'0123456789'.split('')),
      minLength: length,
      maxLength: length,
    });
  const keyed = (length: number) => digits(length - 1).map((body) => body + checkDigit(body));
  const values: Record<string, fc.Arbitrary<string>> = {
    '00': keyed(18),
    '01': keyed(14),
    '10': text(20),
    '17': fc.constantFrom('260228', '280229', '261200'),
    '21': text(20),
    '3102': digits(6),
    '37': digits(4),
    '414': keyed(13),
    '422': digits(3),
    '8003': fc.tuple(keyed(13), text(16)).map(([key, serial]) => `0${key}${serial}`),
    '8004': text(30),
    '95': text(90),
  };
  const elements = fc
    .uniqueArray(fc.constantFrom(...Object.keys(values)), { minLength: 1 })
    .chain((ais) =>
      fc.tuple(
        ...ais.map((ai) => (values[ai] ?? text(1)).map((value): CodeElement => ({ ai, value }))),
      ),
    );

  test('any elements come back from their element string, and from below the symbol', () => {
    fc.assert(
      fc.property(elements, (list) => {
        expect(parseElementString(formatElementString(list))).toEqual({ ok: true, elements: list });
        expect(parseBracketed(formatBracketed(list))).toEqual({ ok: true, elements: list });
      }),
      { numRuns: 1000 },
    );
  });

  test('one wrong digit of a key is always found', () => {
    fc.assert(
      fc.property(keyed(14), fc.nat(13), fc.integer({ min: 1, max: 9 }), (gtin, at, by) => {
        const digit = (Number(gtin[at]) + by) % 10;
        expect(pairs(`01${gtin.slice(0, at)}${digit}${gtin.slice(at + 1)}`)).toBe('check-digit');
      }),
    );
  });
});
