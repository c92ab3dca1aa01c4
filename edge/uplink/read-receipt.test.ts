import { expect, test } from 'vitest';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { receiptText, type Receipt } from '#contracts/uplink.ts';
import { readReceipt } from './read-receipt.ts';

const address = {
  tenant: parseTenantId('main'),
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('gw-1'),
};
const receipt: Receipt = {
  ...address,
  atMs: 1,
  committed: 7,
  credit: 500,
  epoch: 1,
  headHash: '0'.repeat(64),
  number: 3,
  secured: 0,
  state: 'open',
};
const signature = 'A'.repeat(88);

function read(said: object, signed: Receipt) {
  const text = JSON.stringify({ receipt: said, signature });
  return readReceipt(text, address, (of) => of === receiptText(signed));
}

test('what a later hub says besides is believed with the rest, under its signature', () => {
  const later = { ...receipt, trimmable: 5 };
  expect(read(later, later)).toMatchObject({ ok: true, value: { committed: 7, credit: 500 } });
  expect(read(later, receipt)).toMatchObject({ refusal: { code: 'SIGNATURE_INVALID' } });
  expect(read(receipt, later)).toMatchObject({ refusal: { code: 'SIGNATURE_INVALID' } });
  expect(read({ ...receipt, share: 0.5 }, receipt)).toMatchObject({
    refusal: { code: 'BAD_INPUT' },
  });
});
