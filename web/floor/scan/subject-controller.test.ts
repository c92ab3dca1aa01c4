import { describe, expect, test, vi } from 'vitest';
import type { ApiProblem } from '../../data/api-problem.ts';
import type { FloorParts } from '../floor-parts.ts';
import { floorSite } from '../../testing/floor-fixture.ts';
import { floorFound } from '../../testing/floor-fixture-find.ts';
import { SubjectController } from './subject-controller.ts';

const unreachable: ApiProblem = {
  code: 'UNREACHABLE',
  message: 'no answer',
  retryable: true,
};

/** A screen that looks codes up, and a gateway that answers when it is told to. */
function open() {
  const asked: { readonly text: string; readonly answer: (value: unknown) => void }[] = [];
  const data = {
    site: { value: floorSite },
    find: (text: string) => new Promise((answer) => asked.push({ text, answer })),
  };
  const host = {
    addController: vi.fn(),
    removeController: vi.fn(),
    requestUpdate: vi.fn(),
    updateComplete: Promise.resolve(true),
  };
  const lookup = new SubjectController(host, () => ({ data }) as unknown as FloorParts);
  const heard: string[] = [];
  const scan = (text: string) =>
    lookup.look(text).then((subject) => {
      if (subject?.type === 'goods') heard.push(subject.item);
      else if (subject?.type === 'zone') heard.push(subject.zone);
      return subject;
    });
  const answer = (at: number) =>
    asked[at]?.answer({ ok: true, value: floorFound(asked[at].text, 0, false) });
  const fail = (at: number) => asked[at]?.answer({ ok: false, problem: unreachable });
  return { lookup, heard, scan, answer, fail };
}

describe('scans that come faster than the gateway answers', () => {
  test('all count, in their order, whichever answer comes first', async () => {
    const { lookup, heard, scan, answer } = open();
    const scans = [scan('84879'), scan('22423'), scan('84879')];
    expect(lookup.looking).toBe('84879');
    answer(2);
    answer(1);
    await Promise.resolve();
    expect(heard).toEqual([]);
    answer(0);
    await Promise.all(scans);
    expect(heard).toEqual(['84879', '22423', '84879']);
    expect(lookup.looking).toBe('');
  });

  test('a zone is heard after the thing that was scanned before it', async () => {
    const { heard, scan, answer } = open();
    const scans = [scan('84879'), scan('storage')];
    answer(0);
    await Promise.all(scans);
    expect(heard).toEqual(['84879', 'storage']);
  });

  test('what was not answered is kept until it is asked again, and the others count', async () => {
    const { lookup, heard, scan, answer, fail } = open();
    const scans = [scan('84879'), scan('22423')];
    fail(0);
    answer(1);
    await Promise.all(scans);
    expect(heard).toEqual(['22423']);
    expect(lookup.unanswered).toEqual([{ text: '84879', problem: unreachable }]);
    const again = scan('84879');
    expect(lookup.unanswered).toEqual([]);
    answer(2);
    await again;
    expect(heard).toEqual(['22423', '84879']);
  });

  test('nobody hears of what was asked before everything was cleared', async () => {
    const { lookup, scan, answer } = open();
    const before = scan('84879');
    lookup.clear();
    const after = scan('22423');
    expect(lookup.looking).toBe('22423');
    answer(0);
    answer(1);
    expect(await before).toBeUndefined();
    expect(await after).toMatchObject({ type: 'goods', item: '22423' });
    expect(lookup.looking).toBe('');
  });
});
