import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyRotationText } from '#contracts/chain.ts';
import { keyIdOf, rawPublicKey } from '../identity/public-key.ts';
import { chainHashes, faultOfBlock } from './block-chain.ts';

const [first, next, stranger] = [0, 0, 0].map(() => generateKeyPairSync('ed25519').privateKey);
const genesis = '0'.repeat(64);

/** A block of two events, the second of which names a key. */
function blockWith(signer: KeyObject | undefined, prover: KeyObject | undefined) {
  if (!first || !next || !signer || !prover) throw new Error('keys are made');
  const raw = rawPublicKey(next);
  const [fromKey, key] = [rawPublicKey(first).toString('base64'), raw.toString('base64')];
  const text = keyRotationText({ fromKey, gateway: 'gw-1', key, site: 'north' });
  const by = (one: KeyObject) => sign(null, Buffer.from(text), one).toString('base64');
  const payload = { fromKey, key, keyId: keyIdOf(raw), proof: by(prover), signature: by(signer) };
  const header = (kind: string) => `{"gateway":"gw-1","kind":"${kind}","site":"north"}`;
  const events = [
    { header: header('gateway.started'), payload: '{}' },
    { header: header('gateway.key-rotated'), payload: JSON.stringify(payload) },
  ];
  return {
    first_seq: 7,
    last_seq: 8,
    previous_hash: genesis,
    hash: chainHashes(genesis, events).at(-1) ?? '',
    text: events.map((event) => `${event.header}\n${event.payload}\n`).join(''),
  };
}

test('a key that the one before and itself signed for is proven', () => {
  expect(faultOfBlock(blockWith(first, next), genesis)).toBeUndefined();
});

test.each([
  ['the one before', blockWith(stranger, next)],
  ['itself', blockWith(first, stranger)],
])(
  'a key that %s did not sign for is a fault at its event, though the chain is whole',
  (_, block) => {
    expect(faultOfBlock(block, genesis)).toBe('event 8 names a key that nothing proves');
  },
);
