import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FairQueue, type Waiting } from './fair-queue.ts';

const message = (seq: number, subject: string, bytes = 1): Waiting => ({
  seq,
  subject,
  data: new Uint8Array(bytes),
});
const seqs = (group: readonly Waiting[]) => group.map(({ seq }) => seq);

describe('the queue of the ordered lane', () => {
  test('lets a fresh lane in before the rest of a backlog', async () => {
    const queue = new FairQueue({ messages: 2, bytes: 100 });
    for (let seq = 1; seq <= 5; seq += 1) queue.add(message(seq, 'backlog'));
    queue.add(message(6, 'fresh'));
    expect(seqs(await queue.take())).toEqual([1, 6]);
    expect(queue.takenUpTo).toBe(1);
    expect(seqs(await queue.take())).toEqual([2, 3]);
    expect(seqs(await queue.take())).toEqual([4, 5]);
    expect(queue.takenUpTo).toBe(6);
  });

  test('takes everything once, in the order of each lane, and never says more than it took', async () => {
    const said = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(30)), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(said, async (messages) => {
        const queue = new FairQueue({ messages: 4, bytes: 40 });
        messages.forEach(([subject, bytes], index) =>
          queue.add(message(index + 1, subject, bytes)),
        );
        const taken: Waiting[] = [];
        while (taken.length < messages.length) {
          const group = await queue.take();
          taken.push(...group);
          const open = messages
            .map((_, index) => index + 1)
            .filter((n) => !seqs(taken).includes(n));
          expect(queue.takenUpTo).toBe((open[0] ?? messages.length + 1) - 1);
        }
        expect(seqs(taken).sort((a, b) => a - b)).toEqual(messages.map((_, index) => index + 1));
        for (const lane of ['a', 'b', 'c']) {
          const own = seqs(taken.filter(({ subject }) => subject === lane));
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
      }),
    );
  });

  test('takes a message that is larger than a group alone', async () => {
    const queue = new FairQueue({ messages: 4, bytes: 10 });
    queue.add(message(1, 'a', 50));
    queue.add(message(2, 'a', 5));
    expect(seqs(await queue.take())).toEqual([1]);
    expect(seqs(await queue.take())).toEqual([2]);
  });

  test('wakes whoever waits, and ends empty', async () => {
    const queue = new FairQueue({ messages: 4, bytes: 10 });
    const first = queue.take();
    queue.add(message(1, 'a'));
    expect(seqs(await first)).toEqual([1]);
    const last = queue.take();
    queue.end();
    expect(await last).toEqual([]);
    queue.add(message(2, 'a'));
    expect(await queue.take()).toEqual([]);
  });
});
