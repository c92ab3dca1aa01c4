import { describe, expect, test } from 'vitest';
import { parseDigitalLink } from './digital-link.ts';

const pairs = (text: string): unknown => {
  const read = parseDigitalLink(text);
  if (read === undefined) return 'no link';
  return read.ok ? read.elements.map(({ ai, value }) => [ai, value]) : read.trouble;
};

describe('Digital Link URIs', () => {
  test.each([
    // The example of the GS1 Syntax Engine.
    [
      'https://id.gs1.org/01/12312312312333/10/ABC123?99=TESTING',
      [
        ['01', '12312312312333'],
        ['10', 'ABC123'],
        ['99', 'TESTING'],
      ],
    ],
    ['https://id.gs1.org/01/09506000134352', [['01', '09506000134352']]],
    [
      'HTTP://Shop.example:8080/some/path/01/09506000134352/22/2A/10/L1/21/S1/?linkType=gs1:pip&17=261231;3103=000750#part',
      [
        ['01', '09506000134352'],
        ['22', '2A'],
        ['10', 'L1'],
        ['21', 'S1'],
        ['17', '261231'],
        ['3103', '000750'],
      ],
    ],
    ['https://example.com/00/106141412345678908', [['00', '106141412345678908']]],
    ['https://example.com/01/9506000134352', [['01', '09506000134352']]],
    [
      'https://example.com/01/09506000134352/10/A%2FB%3F',
      [
        ['01', '09506000134352'],
        ['10', 'A/B?'],
      ],
    ],
    [
      'https://example.com/414/9521234543213/254/B2',
      [
        ['414', '9521234543213'],
        ['254', 'B2'],
      ],
    ],
    // A number in the path that only looks like a key.
    ['https://example.com/01/shop/8004/4000001', [['8004', '4000001']]],
  ])('%s', (text, expected) => {
    expect(pairs(text)).toEqual(expected);
  });

  test.each([
    ['a wrong check digit', 'https://id.gs1.org/01/09506000134353', 'check-digit'],
    ['a wrong date', 'https://id.gs1.org/01/09506000134352?17=269900', 'bad-value'],
    [
      'an unknown number in the query',
      'https://id.gs1.org/01/09506000134352?06=1',
      'unknown-identifier',
    ],
    ['a broken escape', 'https://id.gs1.org/01/09506000134352/10/%E0%A4', 'bad-value'],
    ['the lot twice, unlike', 'https://id.gs1.org/01/09506000134352/10/A?10=B', 'bad-value'],
    // The example of the GS1 Digital Link toolkit: GTIN 09780345418913, compressed.
    ['a compressed one', 'https://id.gs1.org/ARHKVAdpQg', 'compressed-link'],
    [
      'a compressed one on a domain of its own',
      'https://brand.example/ARHKVAdpQg',
      'compressed-link',
    ],
    [
      'a half compressed one',
      'https://brand.example/01/09506000134352/DFRGjy1T',
      'compressed-link',
    ],
  ])('refuses %s', (_name, text, trouble) => {
    expect(pairs(text)).toBe(trouble);
  });

  test.each([
    'https://example.com/',
    'https://video.example/watch/dQw4w9WgXcQ',
    'https://example.com/21/S1',
    'https://example.com/01/09506000134352/21/S1/10/L1',
    'ftp://example.com/01/09506000134352',
    '01/09506000134352',
  ])('%s is none', (text) => {
    expect(pairs(text)).toBe('no link');
  });
});
