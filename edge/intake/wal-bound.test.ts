import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { draft } from '#contracts/envelope.ts';
import { openTestStores } from '../testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir } from '../testing/test-parts.ts';
import { readJournal } from '../journal/read-journal.ts';
import { readIntake } from './intake-store.ts';

const mebibyte = 1_048_576;
/** SQLite's own bound is 1,000 pages of 16 KiB; a commit of ours may add what it holds. */
const mostWalBytes = 24 * mebibyte;
const writtenBytes = 96 * mebibyte;

function openStores() {
  const dir = tempDir();
  const clock = new FakeClock();
  const stores = openTestStores(dir, clock, createTestLog().log);
  onTestFinished(() => {
    stores.intake.close();
    stores.journal.close();
  });
  const walBytes = (name: string) => statSync(join(dir, `${name}.db-wal`)).size;
  return { ...stores, clock, dir, walBytes };
}

/** Bytes that no compression makes fewer, and no two alike. */
function noise(seed: number): Buffer {
  const bytes = Buffer.alloc(200_000);
  let state = seed + 1;
  for (let at = 0; at < bytes.length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

/**
 * An export whose reader went to lunch keeps its database open for ever. It must hold no snapshot
 * meanwhile: behind one, a write-ahead log grows until the disk is full.
 */
describe('beside one who reads and never ends, the write-ahead log keeps to its bound', () => {
  test('of the intake log', async () => {
    const { clock, dir, intake, walBytes } = openStores();
    const write = async (from: number, count: number) => {
      for (let at = from; at < from + count; at += 1) {
        await new Promise<void>((resolve) => {
          const payload = noise(at);
          const body = { type: 'message', device: 'd', channel: 'c', qos: 1, payload } as const;
          intake.append(body, clock.nowMs(), () => resolve());
        });
      }
    };
    await write(0, 4);
    const reader = readIntake(join(dir, 'intake.db'));
    onTestFinished(() => void reader.return(undefined));
    expect(reader.next().value).toMatchObject({ pos: 1 });
    expect(reader.next().value).toMatchObject({ pos: 2 });
    await write(4, writtenBytes / 200_000);
    expect(walBytes('intake')).toBeLessThan(mostWalBytes);
    expect(reader.next().value).toMatchObject({ pos: 3 });
  });

  test('of the journal', () => {
    const { clock, dir, journal, walBytes } = openStores();
    const write = (count: number) => {
      for (let left = count; left > 0; left -= 1) {
        const occurredAt = clock.nowMs();
        const text = noise(journal.head().seq).toString('base64');
        const scanned = { code: { form: 'text', text }, symbology: 'QR', zone: 'z' };
        const item = {
          pos: 1,
          index: 0,
          receivedAtMs: occurredAt,
          draft: draft('scan.read', scanned as never, { occurredAt, timeQuality: 'arrival' }),
        };
        journal.commit({ cursor: 0, items: [item], states: [], quarantined: [] });
      }
    };
    write(4);
    const reader = readJournal(dir);
    onTestFinished(() => void reader.return(undefined));
    expect(reader.next().value).toMatchObject({ seq: 1 });
    expect(reader.next().value).toMatchObject({ seq: 2 });
    write(writtenBytes / 200_000);
    expect(walBytes('journal')).toBeLessThan(mostWalBytes);
    expect(reader.next().value).toMatchObject({ seq: 3 });
  });
});
