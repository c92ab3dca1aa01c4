import { describe, expect, test } from 'vitest';
import type { IntakeBody, IntakeEntry } from '../intake/intake-entry.ts';
import { restoreObserver, type Observer, type StateRow } from './observer.ts';
import { configBody, impinjBody, startMs, testSite } from './testing/test-site.ts';
import { mostUnbelieved } from './unbelieved-cap.ts';

let pos = 0;
const entry = (atMs: number, body: IntakeBody): IntakeEntry => {
  pos += 1;
  return { pos, receivedAtMs: startMs + atMs, body };
};

/** One read each of so many tags that nobody knows, within ten seconds, then a tick. */
function flood(observer: Observer, count: number, fromMs: number) {
  const rows: StateRow[] = [];
  const drafts = [];
  for (let index = 0; index < count; index += 1) {
    const atMs = fromMs + Math.floor((index * 10_000) / count);
    const epc = (fromMs * 1000 + index).toString(16).toUpperCase().padStart(24, 'E');
    const step = observer.step(entry(atMs, impinjBody({ epc, antenna: 1, rssiCdbm: -6000 })));
    drafts.push(...step.drafts);
    if (index % 5000 === 0) rows.push(...observer.takeDirty());
  }
  drafts.push(...observer.step(entry(fromMs + 10_500, { type: 'tick' })).drafts);
  rows.push(...observer.takeDirty());
  return { drafts, rows };
}

describe('a flood of tags that are never believed', () => {
  test('keeps no more than the cap, counts the rest, and is told once a day', () => {
    const observer = restoreObserver([]);
    observer.step(entry(0, configBody(testSite)));
    const known = [100, 200].map((atMs) => {
      return impinjBody({ epc: 'ABCD00000000000000000001', antenna: 1, atMs: startMs + atMs });
    });
    for (const body of known) observer.step(entry(200, body));
    const first = flood(observer, mostUnbelieved + 5000, 1000);
    const { residentTags, forgottenTags } = observer.facts(startMs + 12_000);
    expect(residentTags).toBeLessThanOrEqual(mostUnbelieved + 1);
    expect(forgottenTags + residentTags).toBe(mostUnbelieved + 5001);
    const second = flood(observer, 20_000, 12_000);
    const tasks = [...first.drafts, ...second.drafts].filter(({ kind }) => kind === 'task.opened');
    expect(tasks).toMatchObject([
      { payload: { reason: 'too-many-unknown-tags' }, device: 'shelf' },
    ]);

    // The rows shrink as the memory does, and what was believed stays.
    const stored = new Map(
      [...first.rows, ...second.rows].map((row) => [row.machine + row.key, row]),
    );
    const tags = [...stored.values()].filter(({ machine, value }) => machine === 'tag' && value);
    expect(tags).toHaveLength(observer.facts(startMs + 23_000).residentTags);
    expect(tags.some(({ key }) => key === 'ABCD00000000000000000001')).toBe(true);
  }, 20_000);
});
