import { generateKeyPairSync, sign } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { keyRotationText } from '#contracts/chain.ts';
import { keyIdOf, rawPublicKey } from '../identity/public-key.ts';
import { FakeClock, tempDir } from '../testing/test-parts.ts';
import { createBallast } from './ballast.ts';
import { openJournal } from './open-journal.ts';
import { verifyJournal } from './verify-journal.ts';

const address = { tenant: 'main', site: 'hamburg', gateway: 'gw-1' };
const keys = Array.from({ length: 4 }, () => generateKeyPairSync('ed25519').privateKey);

/** A rotation that both keys signed: by itself it is proven. */
function rotation(fromNumber: number, toNumber: number) {
  const [from, to] = [keys[fromNumber], keys[toNumber]];
  if (from === undefined || to === undefined) throw new Error('keys are made');
  const raw = rawPublicKey(to);
  const [fromKey, key] = [rawPublicKey(from).toString('base64'), raw.toString('base64')];
  const text = Buffer.from(keyRotationText({ ...address, fromKey, key }));
  const proof = sign(null, text, to).toString('base64');
  const signature = sign(null, text, from).toString('base64');
  const payload = { fromKey, key, keyId: keyIdOf(raw), proof, signature };
  return { kind: 'gateway.key-rotated', payload, occurredAt: 1, timeQuality: 'arrival' } as const;
}

/** A journal whose chain is whole, with these rotations, each in a block of its own. */
function journalWith(...rotations: readonly (readonly [from: number, to: number])[]): string {
  const dataDir = tempDir();
  const journal = openJournal({
    dataDir,
    address,
    clock: new FakeClock(),
    randomId: () => 'ab'.repeat(16),
    ballast: createBallast(join(dataDir, 'room'), 4096),
  });
  onTestFinished(() => journal.close());
  for (const [index, [from, to]] of rotations.entries()) {
    const at = { pos: index + 1, index: 0, receivedAtMs: index };
    const items = [{ ...at, draft: rotation(from, to) }];
    journal.commit({ cursor: index + 1, items, states: [], quarantined: [] });
  }
  return dataDir;
}

describe('rotations of a signing key', () => {
  test('are proven where each is signed by the key that the one before named', async () => {
    const said = [
      [0, 1],
      [0, 1],
      [1, 2],
      [2, 3],
    ] as const;
    expect(await verifyJournal(journalWith(...said))).toMatchObject({ ok: true });
  });

  test.each([
    ['the key that was replaced', [0, 2]],
    ['a key that nobody named', [3, 2]],
  ] as const)(
    'are not by %s, though both of its keys signed it and the chain is whole',
    async (_, last) => {
      expect(await verifyJournal(journalWith([0, 1], last))).toMatchObject({
        ok: false,
        refusal: {
          code: 'CHAIN_BROKEN',
          message: 'event 2 is signed by a key that event 1 had replaced by another',
        },
      });
    },
  );
});
