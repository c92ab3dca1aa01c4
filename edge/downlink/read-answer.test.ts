import { expect, test } from 'vitest';
import { downlinkAnswerText, downlinkEntryText, type DownlinkEntry } from '#contracts/downlink.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { readAnswer } from './read-answer.ts';

const address = {
  tenant: parseTenantId('main'),
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('gw-1'),
};
const hash = '0'.repeat(64);
const signature = 'A'.repeat(88);
const entry: DownlinkEntry = {
  ...address,
  atMs: 1,
  bytes: 2,
  hash,
  kind: 'people',
  previous: 0,
  seq: 1,
  v: 1,
};
const answer = { ...address, atMs: 1, latest: 1, number: 1, request: hash, v: 1 } as const;

test('what a later hub says besides is believed with the rest, under its signature', () => {
  const laterEntry = { ...entry, urgent: true };
  const later = { ...answer, entry: { entry: laterEntry, signature }, busy: 'until noon' };
  const read = (signed: readonly string[], said: object = later) =>
    readAnswer(
      Buffer.from(JSON.stringify({ answer: said, signature })),
      { address, requestHash: hash, settled: 0 },
      (text) => signed.includes(text),
    );
  const [whole, part] = [downlinkAnswerText(later), downlinkEntryText(laterEntry)];
  expect(read([whole, part])).toMatchObject({ ok: true, value: { entry: { entry: { seq: 1 } } } });
  expect(read([whole, downlinkEntryText(entry)])).toMatchObject({
    refusal: { code: 'SIGNATURE_INVALID' },
  });
  expect(read([part])).toMatchObject({ refusal: { code: 'SIGNATURE_INVALID' } });
  expect(read([whole, part], { ...later, share: 0.5 })).toMatchObject({
    refusal: { code: 'BAD_INPUT' },
  });
});
