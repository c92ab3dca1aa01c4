import { describe, expect, test } from 'vitest';
import { createTestLog, FakeClock } from '../testing/test-parts.ts';
import { RepeatLog } from './repeat-log.ts';

const debug = 20;

function newLog() {
  const { log, said } = createTestLog();
  const clock = new FakeClock();
  const shown = () => said.filter(({ level }) => level !== debug);
  return { repeat: new RepeatLog(log, clock), clock, said, shown };
}

describe('what repeats', () => {
  test('is said at once, then after one minute, two, four and so on, at last every hour', () => {
    const { repeat, clock, said } = newLog();
    const saidAt: number[] = [];
    const hours = 6;
    for (let second = 0; second < hours * 3_600; second += 1) {
      const before = said.length;
      repeat.say('error', 'refused', 'no');
      if (said[before]?.['level'] !== debug) saidAt.push(second);
      clock.advance(1_000);
    }
    const minutes = [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303];
    expect(saidAt).toEqual(minutes.map((minute) => minute * 60));
    expect(said).toHaveLength(hours * 3_600);
  });

  test('says how often it was left out', () => {
    const { repeat, clock, shown } = newLog();
    for (let n = 0; n < 61; n += 1) {
      repeat.say('warn', 'refused', 'no');
      clock.advance(1_000);
    }
    expect(shown()).toMatchObject([{ reason: 'no' }, { reason: 'no', unsaid: 59, level: 40 }]);
  });

  test('is news again for another reason, until there are too many, and once it was settled', () => {
    const { repeat, shown } = newLog();
    for (let n = 0; n < 100; n += 1) repeat.say('warn', 'refused', `reason ${n % 20}`);
    expect(shown()).toHaveLength(8);
    repeat.say('warn', 'another', 'reason 1');
    expect(shown()).toHaveLength(9);
    repeat.settle();
    repeat.say('warn', 'refused', 'reason 1');
    expect(shown()).toHaveLength(10);
  });
});
