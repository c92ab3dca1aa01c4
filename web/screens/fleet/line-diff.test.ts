import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffLines, hunksOf, withoutSecrets, type DiffLine } from './line-diff.ts';

const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ text, type }) => `${{ same: ' ', removed: '-', added: '+' }[type]}${text}`);

describe('a comparison of two texts', () => {
  test('says line by line what went and what came', () => {
    const lines = diffLines('zones:\n  - a\n  - b\n', 'zones:\n  - a\n  - c\n  - b');
    expect(shown(lines)).toEqual([' zones:', '   - a', '+  - c', '   - b']);
    expect(lines.at(-1)).toEqual({ type: 'same', text: '  - b', from: 3, to: 4 });
  });

  test('of equal texts has no edit, whatever ends their lines', () => {
    expect(hunksOf(diffLines('a\r\nb\r\n', 'a\nb'))).toEqual([]);
  });

  test('gives both texts back, with as few edits as the longest common part leaves', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const lines = diffLines(a.join('\n'), b.join('\n'));
        const textOf = (without: DiffLine['type']) =>
          lines.filter(({ type }) => type !== without).map((line) => line.text);
        expect(textOf('added')).toEqual(a);
        expect(textOf('removed')).toEqual(b);
        const edits = lines.filter(({ type }) => type !== 'same').length;
        expect(edits).toBe(a.length + b.length - 2 * commonLength(a, b));
      }),
    );
  });

  test('of texts with nothing in common ends soon', () => {
    const many = (word: string) => Array.from({ length: 5000 }, (_, n) => `${word}${n}`).join('\n');
    const lines = diffLines(`same\n${many('a')}`, `same\n${many('b')}`);
    expect(lines).toHaveLength(10_001);
    expect(lines[1]).toMatchObject({ type: 'removed', from: 2 });
  });
});

test('hunks hold three lines around each change, and changes nearby are one', () => {
  const before = Array.from({ length: 40 }, (_, n) => `${n}`);
  const after = before.map((line, n) => ([10, 14, 30].includes(n) ? 'x' : line));
  const hunks = hunksOf(diffLines(before.join('\n'), after.join('\n')));
  expect(hunks.map(({ lines }) => lines.length)).toEqual([13, 8]);
  expect(hunks[0]?.lines[0]?.text).toBe('7');
});

test('what might be a secret is not shown', () => {
  const kept = [
    '    passwordFile: mqtt/dock-2',
    '  - id: dock-2',
    'retention: 90',
    'publicKey: MCow',
    'key: [a, b]',
  ];
  expect(kept.map(withoutSecrets)).toEqual(kept);
  expect(withoutSecrets('    password: hunter2 # old')).toBe('    password: •••');
  expect(withoutSecrets('  - "apiToken": abc')).toBe('  - "apiToken": •••');
  expect(withoutSecrets('url: mqtt://anna:pw@host:1883')).toBe('url: mqtt://•••@host:1883');
});

/** The length of the longest common subsequence, by the table of the textbook. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const one of a) {
    const next = [0];
    for (const [at, other] of b.entries()) {
      const taken = one === other ? (row[at] ?? 0) + 1 : 0;
      next.push(Math.max(taken, row[at + 1] ?? 0, next[at] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
