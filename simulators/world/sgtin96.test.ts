import { expect, test } from 'vitest';
import { encodeSgtin96 } from './sgtin96.ts';

test('a tag carries the bits of the published example', () => {
  // urn:epc:tag:sgtin-96:3.0614141.812345.6789
  expect(encodeSgtin96({ companyPrefix: 614_141, itemReference: 812_345, serial: 6789 })).toBe(
    '3074257BF7194E4000001A85',
  );
});

test('the highest serial fills the tag', () => {
  const epc = encodeSgtin96({ companyPrefix: 614_141, itemReference: 0, serial: 2 ** 38 - 1 });
  expect(epc).toHaveLength(24);
  expect(epc.endsWith('3FFFFFFFFF')).toBe(true);
});
