import { zstdDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeBatch } from '#contracts/batch-codec.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { maxBatchBytes } from '#contracts/uplink.ts';
import type { EventRun } from '../journal/journal-reader.ts';
import { createBatchEncoder } from './batch-message.ts';
import { MemoryJournal } from './testing/memory-journal.ts';

const address = {
  tenant: parseTenantId('main'),
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('gw-1'),
};
const encode = createBatchEncoder({ keyId: '0123456789abcdef', sign: () => 'A'.repeat(88) });

function journalOf(count: number, paddingBytes = 0): MemoryJournal {
  const journal = new MemoryJournal(address);
  journal.append(count, 'ü', paddingBytes);
  return journal;
}

function runOf(journal: MemoryJournal, after: number, events: number): EventRun {
  const run = journal.readAfter(after, events, 2 ** 24);
  if (run === undefined) throw new Error('there is nothing to send');
  return run;
}

function decoded(message: Uint8Array) {
  return decodeBatch(zstdDecompressSync(message).toString('utf8'));
}

test('a message holds the events exactly as they are stored, and says where they stand', () => {
  const journal = journalOf(9);
  const run = runOf(journal, 3, 5);
  const { header, events } = decoded(encode(run, journal.epoch, 1_700_000_000_000));
  expect(events).toEqual(journal.events.slice(3, 8));
  expect(header).toMatchObject({ firstSeq: 4, events: 5, previousHash: journal.hashAt(3) });
  expect(header.checkpoint).toMatchObject({ seq: 8, hash: journal.hashAt(8) });
});

test('the next message leaves the one before as it is', () => {
  const journal = journalOf(8);
  const first = encode(runOf(journal, 0, 4), journal.epoch, 1);
  encode(runOf(journal, 4, 4), journal.epoch, 2);
  expect(decoded(first).events).toEqual(journal.events.slice(0, 4));
});

test('an event of any size has room', () => {
  const journal = journalOf(1, 2 * maxBatchBytes);
  const { events } = decoded(encode(runOf(journal, 0, 1), journal.epoch, 1));
  expect(events).toEqual(journal.events);
});
