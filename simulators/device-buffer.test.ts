import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeviceBuffer } from './device-buffer.ts';

describe('device buffer', () => {
  test('sends again in order, from the oldest message that nobody acknowledged', () => {
    const buffer = new DeviceBuffer<number>(3);
    for (const message of [1, 2, 3, 4]) buffer.add(message);
    const [one, two, three] = [buffer.take(), buffer.take(), buffer.take()];
    expect([one?.message, two?.message, three?.message]).toEqual([1, 2, 3]);
    expect(buffer.take()).toBeUndefined();
    two?.acknowledge();
    buffer.rewind();
    expect([buffer.take(), buffer.take(), buffer.take()].map((entry) => entry?.message)).toEqual([
      1, 3, 4,
    ]);
  });

  test('forgets what was not acknowledged, and says what', () => {
    const buffer = new DeviceBuffer<number>(8);
    for (const message of [1, 2, 3]) buffer.add(message);
    buffer.take()?.acknowledge();
    buffer.take();
    expect(buffer.forget()).toEqual([2, 3]);
    expect(buffer.waiting).toBe(0);
    expect(buffer.take()).toBeUndefined();
  });

  test('counts only the first acknowledgement of a message', () => {
    const buffer = new DeviceBuffer<number>(1);
    buffer.add(1);
    const first = buffer.take();
    buffer.rewind();
    const second = buffer.take();
    expect(second?.acknowledge()).toBe(true);
    expect(first?.acknowledge()).toBe(false);
  });

  test('loses nothing and keeps the order, whatever happens to connections and answers', () => {
    const step = fc.oneof(
      fc.constant('add' as const),
      fc.constant('send' as const),
      fc.constant('cut' as const),
      fc.nat(7).map((index) => ({ answer: index })),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.integer({ min: 1, max: 5 }),
        (steps, window) => {
          const buffer = new DeviceBuffer<number>(window);
          const acknowledged = new Set<number>();
          let added = 0;
          let underWay: { message: number; acknowledge: () => boolean }[] = [];
          for (const one of steps) {
            if (one === 'add') buffer.add((added += 1));
            else if (one === 'cut') {
              buffer.rewind();
              underWay = [];
            } else if (one === 'send') {
              const next = buffer.take();
              if (next === undefined) continue;
              expect(next.message).toBeGreaterThan(underWay.at(-1)?.message ?? 0);
              underWay.push(next);
              expect(underWay.length).toBeLessThanOrEqual(window);
            } else {
              const [answered] = underWay.splice(one.answer % Math.max(1, underWay.length), 1);
              if (answered === undefined) continue;
              expect(answered.acknowledge()).toBe(!acknowledged.has(answered.message));
              acknowledged.add(answered.message);
            }
          }
          expect(buffer.waiting).toBe(added - acknowledged.size);
          buffer.rewind();
          const left: number[] = [];
          for (let next = buffer.take(); next !== undefined; next = buffer.take()) {
            left.push(next.message);
            next.acknowledge();
          }
          const expected = Array.from({ length: added }, (_, index) => index + 1);
          expect(left).toEqual(expected.filter((message) => !acknowledged.has(message)));
        },
      ),
    );
  });
});
