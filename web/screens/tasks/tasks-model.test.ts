import { describe, expect, test } from 'vitest';
import { fixtureTasks } from '../../testing/fixture-tasks.ts';
import { reasonWords, replacedWords, subjectWords, taskLines, tasksWords } from './tasks-model.ts';

const nowMs = Date.UTC(2026, 10, 22, 12);

describe('the tasks of sites', () => {
  const page = fixtureTasks(nowMs, false);
  const [identify, review, recount] = taskLines(page);

  test('say what they are about, and whose act is to be reviewed since when', () => {
    expect(identify && subjectWords(identify)).toBe('dock-1');
    expect(review && subjectWords(review)).toBe('adjust by Anna Berg');
    expect(review && reasonWords(review, nowMs)).toMatch(/^done .*, rights had ended /);
    expect(recount && reasonWords(recount, nowMs)).toContain('the box was replaced');
    expect(identify && reasonWords(identify, nowMs)).toBe('A tag that is no item of ours.');
    const flooded = identify && { ...identify, reason: 'too-many-unknown-tags' };
    expect(flooded && reasonWords(flooded, nowMs)).toContain('More unknown tags are heard');
  });

  test('are counted beyond what is shown', () => {
    expect(tasksWords(page)).toBe('3 tasks open at 1 site');
    expect(tasksWords({ ...page, total: 700 })).toContain('the oldest 3 are shown');
    expect(tasksWords(fixtureTasks(nowMs, true))).toBe('nothing is open');
  });
});

describe('a replaced box', () => {
  const of = { at: nowMs, uncertainFrom: nowMs - 3_600_000, uncertainTo: nowMs };
  const fleetWith = (replaced: object) =>
    ({ gateways: [{ site: 'lyon', gateway: 'lyon-1', replaced }] }) as never;

  test('is said until it has begun and its zones are counted', () => {
    const [waiting] = replacedWords(fleetWith({ ...of, begun: false, openRecounts: 0 }), nowMs);
    expect(waiting?.advice).toContain('has not begun');
    const [begun] = replacedWords(fleetWith({ ...of, begun: true, openRecounts: 2 }), nowMs);
    expect(begun?.advice).toBe('2 zones still to be counted.');
    expect(begun?.heading).toContain('the box of lyon-1 was replaced');
    expect(replacedWords(undefined, nowMs)).toEqual([]);
  });
});
