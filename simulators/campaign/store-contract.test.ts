import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIntakeStore, type IntakeStore } from '../../edge/intake/intake-store.ts';
import { openJournalStore, type JournalStore } from '../../edge/journal/journal-store.ts';
import { createRandom } from '../prng.ts';
import { FakeDisk } from './fake-disk.ts';
import { openFakeIntakeStore, openFakeJournalStore } from './fake-gateway-stores.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hf-stores-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Opens the same store again and again, as processes do one after the other. */
interface Reopened<S> {
  readonly name: string;
  readonly make: () => () => S;
}

function calmDisk(): FakeDisk {
  const quiet = { faultAt: () => undefined, killed() {}, powerCut() {}, slowed() {} };
  return new FakeDisk(quiet, createRandom(1, 'disk'));
}

const intakeStores: Reopened<IntakeStore>[] = [
  { name: 'SQLite', make: () => () => openIntakeStore(join(dir, 'intake.db')) },
  {
    name: 'the simulation',
    make() {
      const disk = calmDisk();
      return () => openFakeIntakeStore(disk.mount());
    },
  },
];

describe.each(intakeStores)('the intake store of $name', ({ make }) => {
  const batch = (firstPos: number, lastPos: number, text: string) => ({
    firstPos,
    lastPos,
    bytes: Buffer.from(text),
  });

  test('begins empty', () => {
    const store = make()();
    expect([store.firstPos(), store.lastPos(), store.keptBytes()]).toEqual([1, 0, 0]);
    expect(store.lastBatch()).toBeUndefined();
    expect(store.batchHolding(1)).toBeUndefined();
    expect(store.mark('config')).toBeUndefined();
    store.close();
  });

  test('has what was inserted, also for the next process', () => {
    const open = make();
    const store = open();
    store.insert(batch(1, 3, 'abc'), undefined);
    store.insert(batch(4, 4, 'd'), 'hash-1');
    store.setMark('clean-stop', '4');
    store.close();
    const again = open();
    expect([again.firstPos(), again.lastPos(), again.keptBytes()]).toEqual([1, 4, 4]);
    expect(again.batchHolding(2)).toEqual(batch(1, 3, 'abc'));
    expect(again.batchHolding(4)).toEqual(batch(4, 4, 'd'));
    expect(again.batchHolding(5)).toBeUndefined();
    expect(again.lastBatch()).toEqual(batch(4, 4, 'd'));
    expect([again.mark('config'), again.mark('clean-stop')]).toEqual(['hash-1', '4']);
    again.close();
  });

  test('keeps bytes of its own: the caller uses its buffer again', () => {
    const store = make()();
    const given = batch(1, 1, 'one');
    store.insert(given, undefined);
    given.bytes.fill(0);
    expect(store.lastBatch()?.bytes.toString()).toBe('one');
    store.close();
  });
});

const journalStores: Reopened<JournalStore>[] = [
  { name: 'SQLite', make: () => () => openJournalStore(join(dir, 'journal.db')) },
  {
    name: 'the simulation',
    make() {
      const disk = calmDisk();
      return () => openFakeJournalStore(disk.mount());
    },
  },
];

describe.each(journalStores)('the journal store of $name', ({ make }) => {
  const epoch = {
    gateway: 'gw-1',
    id: 'ab'.repeat(16),
    ordinal: 1,
    parent: null,
    site: 'leeds',
    startedAt: 1,
    tenant: 'main',
  };
  const block = (firstSeq: number, lastSeq: number) => ({
    firstSeq,
    lastSeq,
    previousHash: `hash ${firstSeq - 1}`,
    hash: `hash ${lastSeq}`,
    bytes: Buffer.from(`header ${firstSeq}\npayload\n`),
  });
  const aside = (device: string, pos: number) => ({
    pos,
    device,
    channel: '',
    reason: 'malformed' as const,
    detail: 'no JSON',
    bytes: 2,
    sha256: 'aa',
    head: Buffer.from('{}'),
    receivedAtMs: pos,
  });
  const write = (cursor: number) => ({ cursor, blocks: [], states: [], quarantined: [] });

  test('begins empty, and begins an epoch once', () => {
    const open = make();
    const store = open();
    expect([store.epoch(), store.cursor(), store.states()]).toEqual([undefined, 0, []]);
    expect([store.blocks.oldestSeq(), store.blocks.newest(4)]).toEqual([1, []]);
    store.beginEpoch(epoch);
    store.close();
    const again = open();
    expect(again.epoch()).toEqual(epoch);
    again.close();
  });

  test('has what one write changed, all of it, also for the next process', () => {
    const open = make();
    const store = open();
    store.beginEpoch(epoch);
    store.states();
    store.write({
      ...write(7),
      blocks: [block(1, 2), block(3, 3)],
      states: [
        { machine: 'tag', key: 'a', value: '[1]' },
        { machine: 'tag', key: 'b', value: '[2]' },
      ],
      quarantined: [aside('dock', 5), aside('gate', 6)],
    });
    store.write({ ...write(9), states: [{ machine: 'tag', key: 'a', value: null }] });
    store.close();
    const again = open();
    expect(again.cursor()).toBe(9);
    expect(again.states()).toEqual([{ machine: 'tag', key: 'b', value: '[2]' }]);
    expect(again.blocks.newest(1)).toMatchObject([{ first_seq: 3, last_seq: 3, hash: 'hash 3' }]);
    expect(again.blocks.blockFrom(2)).toEqual({
      first_seq: 1,
      last_seq: 2,
      previous_hash: 'hash 0',
      hash: 'hash 2',
      text: 'header 1\npayload\n',
    });
    expect(again.blocks.blockFrom(4)).toBeUndefined();
    expect(again.quarantine.count()).toBe(2);
    expect(again.quarantine.recent('dock', 5)).toMatchObject([{ device: 'dock', pos: 5 }]);
    expect(again.quarantine.recent(undefined, 1)).toMatchObject([{ pos: 6 }]);
    again.close();
  });

  test('writes nothing of what cannot be sealed', () => {
    const open = make();
    const store = open();
    store.states();
    function* failing() {
      yield block(1, 1);
      throw new Error('no canonical form');
    }
    const states = [{ machine: 'tag', key: 'a', value: '[1]' }];
    expect(() => store.write({ ...write(3), blocks: failing(), states })).toThrow('canonical');
    expect([store.cursor(), store.states(), store.blocks.newest(1)]).toEqual([0, [], []]);
    store.close();
    const again = open();
    expect([again.cursor(), again.states(), again.blocks.newest(1)]).toEqual([0, [], []]);
    again.close();
  });
});
