import { hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { RestoreManifest } from '#contracts/replacement.ts';
import type { BookRows } from '#contracts/site-book.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { appendRestoredBook } from './append-restored-book.ts';
import { readReplacement, writeReplacement } from './replacement-file.ts';

const none: BookRows = { accounts: [], serials: [], tasks: [], units: [] };
const bolts = { item: 'bolt', owner: 'own', quantity: 7, status: 'available', zone: 'storage' };
const parts: BookRows[] = [
  { ...none, accounts: [{ ...bolts, status: 'available' }] },
  { ...none, accounts: [{ ...bolts, status: 'picking' }] },
  none,
];
const head = { config: null, downlinkSettled: 0, parts: parts.length, siteHash: null };
const lines = [head, ...parts].map((line) => encodeCanonical(line));
const content = zstdCompressSync(Buffer.from(`${lines.join('\n')}\n`));
const manifest: RestoreManifest = {
  content: { bytes: content.length, hash: hash('sha256', content) },
  gateway: 'gw-1',
  parent: { hash: 'a'.repeat(64), ordinal: 1, seq: 12 },
  site: 'test',
  tenant: 'main',
  uncertainFromMs: 1_000,
  uncertainToMs: 2_000,
  v: 1,
};

/** An intake log in memory; a box that dies keeps the first `kept` entries. */
function intakeOf(taken: IntakeBody[], kept = Infinity) {
  return {
    get lastPos() {
      return taken.length;
    },
    append(body: IntakeBody, _atMs: number, durable?: (pos: number) => void): boolean {
      if (taken.length >= kept) return true;
      taken.push(body);
      durable?.(taken.length);
      return true;
    },
    readFrom: (pos: number) =>
      taken.slice(pos - 1).map((body, index) => ({ pos: pos + index, receivedAtMs: 0, body })),
  };
}

const partsIn = (taken: readonly IntakeBody[]) =>
  taken.flatMap((body) => (body.type === 'book-restored' ? [body] : []));

describe('the book of the box before', () => {
  const { log } = createTestLog();

  test('goes into the log whole and once, whichever part a start died after', async () => {
    for (let died = 0; died <= parts.length; died += 1) {
      const dataDir = tempDir();
      writeReplacement(dataDir, manifest, content);
      const taken: IntakeBody[] = [{ type: 'tick' }];
      const clock = new FakeClock(5_000);
      const dies = appendRestoredBook({ dataDir, intake: intakeOf(taken, 1 + died), clock, log });
      if (died === parts.length) await dies;
      taken.push({ type: 'tick' });
      await appendRestoredBook({ dataDir, intake: intakeOf(taken), clock, log });
      const found = partsIn(taken);
      expect(found.map(({ part, rows }) => [part, rows])).toEqual(
        parts.map((rows, index) => [index + 1, rows]),
      );
      expect(found.map(({ origin }) => origin?.uncertainToMs)).toEqual([
        undefined,
        undefined,
        5_000,
      ]);
      expect(readReplacement(dataDir)).toBeUndefined();
    }
  });

  test('is none for a box that took nobody’s place', async () => {
    const taken: IntakeBody[] = [];
    const clock = new FakeClock(5_000);
    await appendRestoredBook({ dataDir: tempDir(), intake: intakeOf(taken), clock, log });
    expect(taken).toEqual([]);
  });

  test('keeps a box from starting that has another book than the hub gave', async () => {
    const dataDir = tempDir();
    mkdirSync(dataDir, { recursive: true });
    writeReplacement(dataDir, manifest, content);
    writeFileSync(join(dataDir, 'restored-book.zst'), zstdCompressSync(Buffer.from('{}\n')));
    const taken: IntakeBody[] = [];
    const clock = new FakeClock(5_000);
    const starting = appendRestoredBook({ dataDir, intake: intakeOf(taken), clock, log });
    await expect(starting).rejects.toMatchObject({ code: 'STORE_BROKEN' });
    expect(taken).toEqual([]);
  });
});
