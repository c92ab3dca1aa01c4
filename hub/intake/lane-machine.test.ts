import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BatchHeader } from '#contracts/uplink.ts';
import { stepLane, type LaneCursor, type OfferedBatch } from './lane-machine.ts';
import { appeared, JournalFixture } from './testing/journal-fixture.ts';

const length = 40;
const journal = new JournalFixture('north', 'gw-1');
for (let n = 0; n < length; n += 1) journal.add(appeared(n.toString(16).toUpperCase()));
const clone = new JournalFixture('north', 'gw-1').add(appeared('FF'));
for (let n = 1; n < length; n += 1) clone.add(appeared(n.toString(16).toUpperCase()));

const start: LaneCursor = {
  epoch: 1,
  epochId: journal.epoch.id,
  committed: 0,
  headHash: journal.hashAt(0),
  halted: false,
};

function offer(
  first: number,
  last: number,
  of: { from?: JournalFixture; header?: Partial<BatchHeader>; recordedHash?: string } = {},
): OfferedBatch {
  const from = of.from ?? journal;
  return {
    header: {
      checkpoint: from.checkpoint(last),
      events: last - first + 1,
      firstSeq: first,
      previousHash: from.hashAt(first - 1),
      signature: '',
      v: 1,
      ...of.header,
    },
    chain: () => from.hashes.slice(first, last + 1),
    recordedHash: of.recordedHash ?? journal.hashAt(last),
  };
}

const at = (committed: number): LaneCursor => ({
  ...start,
  committed,
  headHash: journal.hashAt(committed),
});

describe('a lane', () => {
  test('applies each event once, in order, however batches are repeated, cut and reordered', () => {
    const range = fc
      .tuple(fc.integer({ min: 1, max: length }), fc.integer({ min: 0, max: 9 }))
      .map(([first, more]) => [first, Math.min(length, first + more)] as const);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 200 }), (ranges) => {
        let cursor = start;
        const applied: number[] = [];
        for (const [first, last] of [...ranges, [1, length] as const]) {
          const step = stepLane(cursor, offer(first, last));
          if (step.effect.type === 'apply') {
            for (let seq = first + step.effect.skip; seq <= last; seq += 1) applied.push(seq);
          }
          expect(step.effect.type).toBe(
            last <= cursor.committed
              ? 'duplicate'
              : first > cursor.committed + 1
                ? 'ask-replay'
                : 'apply',
          );
          ({ cursor } = step);
          expect(cursor.headHash).toBe(journal.hashAt(cursor.committed));
        }
        expect(applied).toEqual(Array.from({ length }, (_, n) => n + 1));
      }),
    );
  });

  test('takes only the tail of a batch that overlaps what is committed', () => {
    const { cursor, effect } = stepLane(at(10), offer(8, 15));
    expect(effect).toMatchObject({ type: 'apply', skip: 3 });
    expect(cursor).toEqual(at(15));
  });

  test.each([
    ['continues where the other history ends', 11, 15],
    ['overlaps what is committed', 8, 15],
  ])('halts on another history that %s', (_, first, last) => {
    const { cursor, effect } = stepLane(at(10), offer(first, last, { from: clone }));
    expect(effect).toMatchObject({ type: 'quarantine', reason: 'fork' });
    expect(cursor).toEqual({ ...at(10), halted: true });
  });

  test('halts on a repetition that is signed for another hash than the recorded one', () => {
    const { cursor, effect } = stepLane(at(10), offer(3, 6, { from: clone }));
    expect(effect).toMatchObject({ type: 'quarantine', reason: 'fork' });
    expect(cursor.halted).toBe(true);
  });

  test('refuses everything while it is halted', () => {
    const halted = { ...at(10), halted: true };
    expect(stepLane(halted, offer(11, 12))).toEqual({
      cursor: halted,
      effect: { type: 'refuse' },
    });
  });

  test('a batch that was changed on its way is put aside, and the lane goes on', () => {
    const changed = offer(11, 15, { header: { previousHash: clone.hashAt(10) } });
    const step = stepLane(at(10), { ...changed, chain: () => clone.hashes.slice(11, 16) });
    expect(step.effect).toMatchObject({ type: 'quarantine', reason: 'malformed' });
    expect(step.cursor).toEqual(at(10));
  });

  test('a count that does not fit the positions is put aside', () => {
    const { effect } = stepLane(at(10), offer(11, 15, { header: { events: 4 } }));
    expect(effect).toMatchObject({ type: 'quarantine', reason: 'malformed' });
  });

  describe('of the second epoch', () => {
    const parent = { ordinal: 1, seq: 10, hash: journal.hashAt(10) };
    const next = new JournalFixture('north', 'gw-1', { parent });
    const second: LaneCursor = {
      epoch: 2,
      epochId: next.epoch.id,
      committed: 0,
      headHash: next.hashAt(0),
      halted: false,
    };

    test('knows a repetition from the first one by its recorded hash', () => {
      expect(stepLane(second, offer(3, 6)).effect.type).toBe('duplicate');
    });

    test('puts aside what the first epoch never recorded', () => {
      const { recordedHash: _, ...unknown } = offer(11, 12);
      const { cursor, effect } = stepLane(second, { ...unknown, recordedHash: undefined });
      expect(effect).toMatchObject({ type: 'quarantine', reason: 'wrong-epoch' });
      expect(cursor).toBe(second);
    });

    test('puts aside what another journal writes under the same ordinal', () => {
      const other = new JournalFixture('north', 'gw-1', { parent, id: 'f'.repeat(32) });
      other.add(appeared('AA'));
      const { effect } = stepLane(second, offer(1, 1, { from: other }));
      expect(effect).toMatchObject({ type: 'quarantine', reason: 'wrong-epoch' });
    });
  });
});
