import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chainHashes } from './block-chain.ts';
import { decodeBlock } from './block-codec.ts';
import { genesisHash } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import { FakeClock, tempDir } from '../testing/test-parts.ts';
import { createBallast } from './ballast.ts';
import { openJournal, type JournalOptions } from './open-journal.ts';
import type { Journal, JournalCommit } from './journal.ts';
import type { QuarantineRow } from './quarantine-store.ts';
import { readJournal } from './read-journal.ts';
import { sha256Hex, type DraftItem } from './seal.ts';
import { verifyJournal } from './verify-journal.ts';

const address = { tenant: 'main', site: 'hamburg', gateway: 'gw-1' };

function open(dataDir: string, changes: Partial<JournalOptions> = {}): Journal {
  const journal = openJournal({
    dataDir,
    address,
    clock: new FakeClock(),
    randomId: () => 'ab'.repeat(16),
    ballast: createBallast(join(dataDir, 'room'), 4096),
    ...changes,
  });
  onTestFinished(() => journal.close());
  return journal;
}

function item(pos: number): DraftItem {
  const payload = { epc: pos.toString(16).toUpperCase(), lastSeenAt: pos, zone: 'dock' };
  const draft = { kind: 'tag.departed', payload, occurredAt: pos, timeQuality: 'arrival' } as const;
  return { pos, index: 0, receivedAtMs: pos, draft };
}

function commitOf(cursor: number, items: readonly DraftItem[]): JournalCommit {
  return { cursor, items, states: [], quarantined: [] };
}

/** Commits of these sizes; event n comes from intake position n. */
function fill(journal: Journal, sizes: readonly number[]): void {
  for (const size of sizes) {
    const from = journal.head().seq + 1;
    const items = Array.from({ length: size }, (_, index) => item(from + index));
    journal.commit(commitOf(from + size - 1, items));
  }
}

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function change(dataDir: string, sql: string, ...values: unknown[]): void {
  const db = new Database(join(dataDir, 'journal.db'));
  db.prepare(sql).run(...values);
  db.close();
}

describe('a commit', () => {
  test('seals events without gaps, chained from the epoch on', () => {
    const dir = tempDir();
    const journal = open(dir);
    const { epoch, hash } = journal.head();
    expect(epoch).toMatchObject({ ordinal: 1, id: 'ab'.repeat(16), parent: null, ...address });
    expect(hash).toBe(genesisHash(epoch, sha256Hex));
    fill(journal, [3, 0, 1]);
    const events = [...readJournal(dir)];
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(chainHashes(hash, events)).toEqual(events.map((event) => event.hash));
    expect(journal.head()).toMatchObject({ seq: 4, hash: events[3]?.hash });
  });

  test('keeps head, cursor, states and quarantine together across a restart', () => {
    const dir = tempDir();
    const journal = open(dir);
    const quarantined: QuarantineRow[] = [
      {
        pos: 2,
        device: 'dock',
        channel: 'tags',
        detail: 'no JSON',
        reason: 'malformed',
        bytes: 3,
        sha256: 'cd'.repeat(32),
        head: Buffer.from('abc'),
        receivedAtMs: 9,
      },
    ];
    const states = [{ machine: 'tag', key: '30', value: '[1]' }];
    journal.commit({ cursor: 2, items: [item(1)], states, quarantined });
    const head = journal.head();
    journal.close();
    const again = open(dir);
    expect(again.head()).toEqual(head);
    expect(again.cursor()).toBe(2);
    expect(again.takeStates()).toEqual(states);
    expect(again.recentQuarantine('dock', 10)).toMatchObject(quarantined);
    expect(again.recentQuarantine(undefined, 10)).toHaveLength(1);
    expect(again.recentQuarantine('gate', 10)).toEqual([]);
  });

  test('tells listeners of new events, and only of those', () => {
    const journal = open(tempDir());
    const heard: number[] = [];
    const stop = journal.onCommitted(({ seq }) => heard.push(seq));
    fill(journal, [2, 0]);
    stop();
    fill(journal, [1]);
    expect(heard).toEqual([2]);
  });

  test('writes nothing at all when a draft has no canonical form', () => {
    const dir = tempDir();
    const journal = open(dir);
    fill(journal, [1]);
    const bad = { ...item(3), receivedAtMs: 0.5 };
    const states = [{ machine: 'tag', key: 'x', value: '1' }];
    const commit = { ...commitOf(3, [item(2), bad]), states };
    expect(() => journal.commit(commit)).toThrow(/receivedAt/);
    expect(journal.head().seq).toBe(1);
    fill(journal, [1]);
    journal.close();
    const again = open(dir);
    expect(again.head().seq).toBe(2);
    expect(again.takeStates()).toEqual([]);
  });
});

describe('reading', () => {
  test.each([1, 3, 500])('gives any run from any place, in blocks of %i', (size) => {
    const journal = open(tempDir());
    fill(
      journal,
      Array.from({ length: Math.ceil(40 / size) }, () => Math.min(size, 40)),
    );
    const last = journal.head().seq;
    for (let after = 0; after < last; after += 1) {
      const run = journal.readAfter(after, 7, 1e6);
      expect(run).toMatchObject({ firstSeq: after + 1, lastSeq: Math.min(after + 7, last) });
      expect(run?.previousHash).toBe(journal.hashAt(after));
      expect(run?.headHash).toBe(journal.hashAt(run?.lastSeq ?? 0));
      const events = decodeBlock((run?.lines ?? []).join(''));
      expect(chainHashes(run?.previousHash ?? '', events).at(-1)).toBe(run?.headHash);
    }
    expect(journal.readAfter(last, 7, 1e6)).toBeUndefined();
    expect(journal.hashAt(last + 1)).toBeUndefined();
  });

  test('ends a run at the bytes that are allowed, but gives at least one event', () => {
    const journal = open(tempDir());
    fill(journal, [20]);
    const all = journal.readAfter(0, 20, 1e6);
    const events = decodeBlock((all?.lines ?? []).join(''));
    const bytes = events.map((one) => one.header.length + one.payload.length + 2);
    const three = (bytes[0] ?? 0) + (bytes[1] ?? 0) + (bytes[2] ?? 0);
    expect(journal.readAfter(0, 20, three)?.lastSeq).toBe(3);
    expect(journal.readAfter(0, 20, three - 1)?.lastSeq).toBe(2);
    expect(journal.readAfter(5, 20, 1)?.lastSeq).toBe(6);
  });

  test('cuts a large commit into blocks', () => {
    const dir = tempDir();
    const journal = open(dir);
    fill(journal, [1201]);
    const db = new Database(join(dir, 'journal.db'), { readonly: true });
    expect(db.prepare('SELECT first_seq, last_seq FROM block').raw().all()).toEqual([
      [1, 500],
      [501, 1000],
      [1001, 1201],
    ]);
    db.close();
    expect(journal.readAfter(400, 300, 1e6)).toMatchObject({ firstSeq: 401, lastSeq: 700 });
  });
});

describe('verification', () => {
  test('proves a whole chain and says how far it came', async () => {
    const dir = tempDir();
    const journal = open(dir);
    fill(journal, [2, 600, 1]);
    const seen: number[] = [];
    const result = await verifyJournal(dir, (seq) => seen.push(seq));
    expect(result).toMatchObject({ ok: true, value: { seq: 603, hash: journal.head().hash } });
    expect(seen).toEqual([2, 502, 602, 603]);
  });

  test.each([
    [
      'a changed byte',
      `UPDATE block SET bytes = replace(bytes, 'dock', 'dosk') WHERE first_seq = 3`,
    ],
    ['an event that is cut off', `UPDATE block SET last_seq = 3 WHERE first_seq = 3`],
    ['another previous hash', `UPDATE block SET previous_hash = hash WHERE first_seq = 3`],
    ['a missing block', `DELETE FROM block WHERE first_seq = 3`],
  ])('finds %s and names the place', async (_, sql) => {
    const dir = tempDir();
    const journal = open(dir);
    fill(journal, [2, 2, 2]);
    journal.close();
    change(
      dir,
      sql
        .replace('replace(bytes', 'CAST(replace(CAST(bytes AS TEXT)')
        .replace(`'dosk')`, `'dosk') AS BLOB)`),
    );
    const result = await verifyJournal(dir);
    expect(result).toMatchObject({ ok: false, refusal: { code: 'CHAIN_BROKEN' } });
    expect(result.ok ? '' : result.refusal.message).toMatch(/\b[34]\b/);
  });
});

describe('opening', () => {
  test('refuses a journal whose newest events were changed', () => {
    const dir = tempDir();
    const journal = open(dir);
    fill(journal, [2, 2]);
    journal.close();
    change(dir, `UPDATE block SET hash = ? WHERE first_seq = 3`, 'ee'.repeat(32));
    expect(faultOf(() => open(dir)).code).toBe('CHAIN_BROKEN');
  });

  test('refuses a journal that is not of the epoch beside it, naming both', () => {
    const [one, two] = [tempDir(), tempDir()];
    open(one).close();
    open(two, { randomId: () => 'cd'.repeat(16) }).close();
    writeFileSync(join(one, 'epoch.json'), readFileSync(join(two, 'epoch.json')));
    const fault = faultOf(() => open(one));
    expect(fault.code).toBe('CHAIN_BROKEN');
    expect(JSON.stringify(fault.details)).toMatch(/cdcd.*abab/);
  });

  test('does not begin anew where a journal was deleted', () => {
    const dir = tempDir();
    open(dir).close();
    for (const end of ['', '-wal', '-shm']) rmSync(join(dir, `journal.db${end}`), { force: true });
    expect(faultOf(() => open(dir)).code).toBe('CHAIN_BROKEN');
  });

  test('writes the epoch beside the journal for the owner alone, again where it is missing', () => {
    const dir = tempDir();
    open(dir).close();
    const path = join(dir, 'epoch.json');
    const text = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    rmSync(path);
    open(dir).close();
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('refuses the journal of another gateway and the file of a newer release', () => {
    const dir = tempDir();
    open(dir).close();
    const other = { address: { ...address, gateway: 'gw-2' } };
    expect(faultOf(() => open(dir, other)).code).toBe('CONFIG_INVALID');
    const db = new Database(join(dir, 'journal.db'));
    db.pragma('user_version = 99');
    db.pragma('application_id = 0');
    db.close();
    expect(faultOf(() => open(dir)).code).toBe('STORE_VERSION');
  });
});

describe('the reserved room', () => {
  test('occupies its bytes on disk, and is given up and taken again', async () => {
    const path = join(tempDir(), 'room');
    const ballast = createBallast(path, 3_000_000);
    expect(ballast.held).toBe(false);
    expect(await ballast.take()).toBe(true);
    expect(statSync(path).size).toBe(3_000_000);
    expect(statSync(path).blocks * 512).toBeGreaterThanOrEqual(3_000_000);
    expect(createBallast(path, 3_000_000).held).toBe(true);
    expect(ballast.release()).toBe(true);
    expect(existsSync(path)).toBe(false);
    expect(ballast.release()).toBe(false);
  });

  test('of which the disk takes the last part in half is not held', () => {
    const path = join(tempDir(), 'room');
    const module = JSON.stringify(new URL('ballast.ts', import.meta.url).href);
    const script = `const { createBallast } = await import(${module});
      const held = await createBallast(${JSON.stringify(path)}, 3_000_000).take();
      process.stdout.write(String(held));`;
    // The write that crosses the limit takes what fits, as it does on a disk that runs full.
    const args = ['-c', 'ulimit -f "$1"; exec "$2" --input-type=module --eval "$3"', 'sh'];
    const blocks = 2_949_120 / 512;
    const said = execFileSync('sh', [...args, String(blocks), process.execPath, script]);
    expect(String(said)).toBe('false');
    expect(existsSync(path)).toBe(false);
  });
});
