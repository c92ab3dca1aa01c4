import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { eventHash, genesisHash, payloadHash, type EpochIdentity } from './chain.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const epoch: EpochIdentity = {
  gateway: 'lyon-1',
  id: '000102030405060708090a0b0c0d0e0f',
  ordinal: 1,
  parent: null,
  site: 'lyon',
  startedAt: 1_790_000_000_000,
  tenant: 'main',
};
const event = { header: '{"seq":1}', payload: '{"epc":"30AA"}' };

describe('the hash chain', () => {
  test('has fixed vectors: a journal written today verifies for ever', () => {
    const genesis = genesisHash(epoch, sha256);
    expect(genesis).toBe(sha256(`holdfast-epoch-1\n${JSON.stringify(epoch)}`));
    expect(genesis).toBe('63539ceea9d3a64e3ea8ab58d6d530ee997af11c2a3143be59940e9e8fa67861');
    expect(eventHash(genesis, event, sha256)).toBe(
      'a0fb884c82e91bcab02d10a89007670d037f4793394b688879f4c69ffc0a2f54',
    );
  });

  test('still holds when a payload has been erased down to its hash', () => {
    const genesis = genesisHash(epoch, sha256);
    const erased = { ...event, payload: `#${payloadHash(event.payload, sha256)}` };
    expect(eventHash(genesis, erased, sha256)).toBe(eventHash(genesis, event, sha256));
  });

  test('changes with every part of what it covers', () => {
    const genesis = genesisHash(epoch, sha256);
    const hashes = new Set([
      eventHash(genesis, event, sha256),
      eventHash(genesis, { ...event, header: '{"seq":2}' }, sha256),
      eventHash(genesis, { ...event, payload: '{"epc":"30AB"}' }, sha256),
      eventHash(genesisHash({ ...epoch, ordinal: 2 }, sha256), event, sha256),
    ]);
    expect(hashes.size).toBe(4);
  });
});
