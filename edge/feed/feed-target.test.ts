import fc from 'fast-check';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { createTestLog, tempDir, until } from '../testing/test-parts.ts';
import { MemoryJournal } from '../uplink/testing/memory-journal.ts';
import { openCursorStore, type CursorStore } from './cursor-store.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedSink } from './feed-sink.ts';
import { FeedTarget, type FeedTargetOptions } from './feed-target.ts';
import { retryWaitMs } from './retry-wait.ts';

const address = {
  tenant: parseTenantId('main'),
  site: parseSiteId('leeds'),
  gateway: parseGatewayId('gw-1'),
};

/** A receiver that fails where it is told to, before or after it took what it was given. */
function receiver(fate: () => 'takes' | 'fails' | 'takes-and-fails' = () => 'takes') {
  const got: number[] = [];
  const sink: FeedSink = {
    type: 'webhook',
    batchEvents: 3,
    deliver: async (events: readonly FeedEvent[]) => {
      const how = fate();
      if (how !== 'fails') got.push(...events.map(({ seq }) => seq));
      if (how !== 'takes') throw new Fault('LINK_DOWN', 'cut');
    },
    close: async () => {},
  };
  return { got, sink };
}

function openCursors(dir = tempDir()): CursorStore {
  const cursors = openCursorStore(dir);
  onTestFinished(() => cursors.close());
  return cursors;
}

type Setting = Pick<FeedTargetOptions, 'journal' | 'cursors' | 'sink'> & Partial<FeedTargetOptions>;

function startTarget(setting: Setting) {
  const { log, said } = createTestLog();
  const target = new FeedTarget({
    id: 'wms',
    random: () => 0,
    log,
    fatal: (error) => {
      throw error;
    },
    gatherMs: 0,
    waitMs: () => 0,
    ...setting,
  });
  target.start();
  return { target, said };
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The events in order of their first arrival. */
function firsts(got: readonly number[]): number[] {
  return [...new Set(got)];
}

describe('a target', () => {
  test('that is new begins with what comes next, or with all that is there', async () => {
    const journal = new MemoryJournal(address);
    journal.append(5);
    const cursors = openCursors();
    const [now, all] = [receiver(), receiver()];
    const one = startTarget({ journal, cursors, sink: now.sink });
    const other = startTarget({ id: 'all', from: 'oldest', journal, cursors, sink: all.sink });
    journal.append(2);
    await until(() => now.got.length === 2 && all.got.length === 7);
    expect(now.got).toEqual([6, 7]);
    expect(all.got).toEqual(numbers(1, 7));
    await Promise.all([one.target.stop(), other.target.stop()]);
  });

  test('gets each event in order and none is left out, whatever fails and is killed', async () => {
    const fates = fc.array(fc.constantFrom('takes', 'fails', 'takes-and-fails'), {
      minLength: 1,
      maxLength: 12,
    });
    const lives = fc.array(fc.tuple(fates, fc.integer({ min: 0, max: 9 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(lives, async (plan) => {
        const journal = new MemoryJournal(address);
        const dir = tempDir();
        const got: number[] = [];
        for (const [life, appended] of plan) {
          // A kill: what the store holds is all that the next life knows.
          const cursors = openCursorStore(dir);
          let step = 0;
          let isDead = false;
          const { sink } = receiver();
          const mortal: FeedSink = {
            ...sink,
            deliver: async (events) => {
              const how = life[step];
              step += 1;
              if (isDead || how === undefined) {
                isDead = true;
                await new Promise(() => {});
              }
              if (how !== 'fails') got.push(...events.map(({ seq }) => seq));
              if (how !== 'takes') throw new Fault('LINK_DOWN', 'cut');
            },
          };
          startTarget({ from: 'oldest', journal, cursors, sink: mortal });
          journal.append(appended);
          await until(() => isDead || firsts(got).length === journal.events.length);
          isDead = true;
          cursors.close();
        }
        const cursors = openCursorStore(dir);
        const { got: rest, sink } = receiver();
        const { target } = startTarget({ from: 'oldest', journal, cursors, sink });
        await until(() => target.status().state === 'current');
        await target.stop();
        cursors.close();
        expect(firsts([...got, ...rest])).toEqual(numbers(1, journal.events.length));
      }),
      { numRuns: 25 },
    );
  });

  test('is passed over where it does not want a kind, and gets only what it wants', async () => {
    const journal = new MemoryJournal(address);
    const cursors = openCursors();
    const [none, some] = [receiver(), receiver()];
    const kinds = { journal, cursors, from: 'oldest' } as const;
    const one = startTarget({ ...kinds, id: 'none', kinds: ['stock.'], sink: none.sink });
    const other = startTarget({
      ...kinds,
      id: 'some',
      kinds: ['stock.', 'device.'],
      sink: some.sink,
    });
    journal.append(4);
    await until(() => one.target.status().lagEvents === 0 && some.got.length === 4);
    expect(none.got).toEqual([]);
    await Promise.all([one.target.stop(), other.target.stop()]);
    expect(cursors.load('none')?.seq).toBe(4);
  });

  test('that is away holds up no other, and says how far behind it is', async () => {
    const journal = new MemoryJournal(address);
    const cursors = openCursors();
    let isAway = true;
    const [dead, live] = [receiver(() => (isAway ? 'fails' : 'takes')), receiver()];
    const away = startTarget({ journal, cursors, sink: dead.sink });
    const fine = startTarget({ id: 'other', journal, cursors, sink: live.sink });
    journal.append(10);
    await until(() => live.got.length === 10);
    await until(() => away.target.status().failures > 2);
    expect(away.target.status()).toMatchObject({ state: 'failing', lagEvents: 10, reason: 'cut' });
    isAway = false;
    await until(() => dead.got.length === 10);
    expect(away.target.status()).toMatchObject({ state: 'current', lagEvents: 0, delivered: 10 });
    expect(away.said.map(({ msg }) => msg)).toEqual([
      'feed.delivery-failed',
      'feed.delivers-again',
    ]);
    await Promise.all([away.target.stop(), fine.target.stop()]);
  });

  test('waits as long as the other side asks for', async () => {
    const journal = new MemoryJournal(address);
    const told = new Fault('LINK_DOWN', 'busy', { details: { retryAfterMs: 3_600_000 } });
    let tries = 0;
    const sink = {
      ...receiver().sink,
      deliver: async () => {
        tries += 1;
        throw told;
      },
    };
    const { target } = startTarget({ journal, cursors: openCursors(), sink });
    journal.append(1);
    await until(() => tries === 1);
    await target.stop();
    expect(tries).toBe(1);
  });
});

describe('a journal that is another one', () => {
  test('with a new epoch is fed from its beginning', async () => {
    const cursors = openCursors();
    const former = new MemoryJournal(address);
    former.append(5);
    const one = startTarget({ journal: former, cursors, sink: receiver().sink });
    await one.target.stop();
    const journal = new MemoryJournal(address, 'cd'.repeat(16));
    journal.append(2);
    const { got, sink } = receiver();
    const { target, said } = startTarget({ journal, cursors, sink });
    await until(() => got.length === 2);
    expect(got).toEqual([1, 2]);
    expect(said.map(({ msg }) => msg)).toContain('feed.new-epoch');
    await target.stop();
    expect(cursors.load('wms')).toMatchObject({ epochId: 'cd'.repeat(16), seq: 2 });
  });

  test.each([
    ['with another history', 5, 'other'],
    ['that ends before the cursor', 3, ''],
  ])('%s in the same epoch stops the target', async (_, events, salt) => {
    const cursors = openCursors();
    const former = new MemoryJournal(address);
    former.append(5);
    const one = startTarget({ journal: former, cursors, sink: receiver().sink });
    await one.target.stop();
    const before = cursors.load('wms');
    const journal = new MemoryJournal(address);
    journal.append(events, salt);
    const { got, sink } = receiver();
    const { target } = startTarget({ journal, cursors, sink });
    journal.append(5, salt);
    expect(target.status().state).toBe('halted');
    await target.stop();
    expect(got).toEqual([]);
    expect(cursors.load('wms')).toEqual(before);
  });
});

test('cursors stand in a store that commits durably', () => {
  const dir = tempDir();
  const cursors = openCursors(dir);
  expect(cursors.save('wms', { epochId: 'e', seq: 7, hash: 'h' })).toBe(true);
  expect(cursors.load('wms')).toEqual({ epochId: 'e', seq: 7, hash: 'h' });
  const lock = new Database(join(dir, 'feed.db'));
  lock.exec('BEGIN IMMEDIATE');
  expect(cursors.save('wms', { epochId: 'e', seq: 8, hash: 'h' })).toBe(false);
  lock.exec('ROLLBACK');
  lock.close();
  expect(cursors.load('wms')?.seq).toBe(7);
});

test('waits double from half a second to a minute, half of each by chance', () => {
  expect([1, 2, 3, 8, 50].map((failures) => retryWaitMs(failures, 1))).toEqual([
    500, 1000, 2000, 60_000, 60_000,
  ]);
  expect(retryWaitMs(1, 0)).toBe(250);
});
