import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noBurst, pressKey, releaseAlt, type KeyBurst, type KeyPress } from './key-burst.ts';

type Key = string | Partial<KeyPress>;

const altUp: Key = { key: 'altUp' };

/** Presses keys so far apart. @returns the codes that were recognised. */
function press(keys: readonly Key[], gapMs: number): string[] {
  let burst: KeyBurst = noBurst;
  const scans: string[] = [];
  let atMs = 1000;
  for (const key of keys) {
    if (key === altUp) {
      burst = releaseAlt(burst);
      continue;
    }
    const given = typeof key === 'string' ? { key } : key;
    const step = pressKey(burst, {
      key: '',
      ctrl: false,
      alt: false,
      meta: false,
      atMs,
      ...given,
    });
    burst = step.burst;
    if (step.meaning.type === 'scan') scans.push(step.meaning.text);
    atMs += gapMs;
  }
  return scans;
}

const typed = (text: string): Key[] => text.split('');

describe('a burst of keys', () => {
  test('is a scan when it is fast and ended by Enter or by Tab', () => {
    expect(press([...typed('04012345123456'), 'Enter'], 8)).toEqual(['04012345123456']);
    expect(press([...typed('04012345123456'), 'Tab'], 8)).toEqual(['04012345123456']);
  });

  test('is typing when a person could have typed it', () => {
    expect(press([...typed('04012345123456'), 'Enter'], 70)).toEqual([]);
    expect(press([...typed('12'), 'Enter'], 8)).toEqual([]);
    expect(press(['Enter'], 8)).toEqual([]);
  });

  test('is not ended by a pause, nor joined to what was typed before it', () => {
    const before = press([...typed('abc'), { key: 'Enter', atMs: 5000 }], 8);
    expect(before).toEqual([]);
    const burst = pressKey(noBurst, key('x', 0)).burst;
    const later = pressKey(burst, key('9', 500));
    expect(later.meaning).toEqual({ type: 'begin' });
    expect(later.burst.text).toBe('9');
  });

  test('keeps the symbology identifier, in any case of shift', () => {
    const keys: Key[] = [']', 'Shift', 'C', '1', ...typed('0104012345123456'), 'Enter'];
    expect(press(keys, 5)).toEqual([']C10104012345123456']);
    expect(press([...typed(']d20104012345123456'), 'Enter'], 5)).toEqual([']d20104012345123456']);
  });

  test.each<[string, Key[]]>([
    ['the character itself', ['\u001d']],
    [
      'Ctrl+]',
      [
        { key: 'Control', ctrl: true },
        { key: ']', ctrl: true },
      ],
    ],
    ['F8', ['F8']],
    [
      'Alt and the digits of the numeric pad',
      [
        { key: 'Alt', alt: true },
        ...['0', '0', '2', '9'].map((key) => ({ key, alt: true })),
        altUp,
      ],
    ],
    ['{GS}', typed('{GS}')],
    ['<GS>', typed('<GS>')],
    ['^]', typed('^]')],
    ['~d029', typed('~d029')],
  ])('has a group separator from %s', (_, separator) => {
    const keys = [...typed(']C110L881'), ...separator, ...typed('3712'), 'Enter'];
    expect(press(keys, 5)).toEqual([']C110L881\u001d3712']);
  });

  test('is broken off by keys that edit, and by shortcuts', () => {
    expect(press([...typed('0401'), 'Backspace', ...typed('23'), 'Enter'], 5)).toEqual([]);
    expect(press([...typed('04012'), { key: 'v', ctrl: true }, 'Enter'], 5)).toEqual([]);
    expect(press([...typed('0401234'), { key: 'Enter', atMs: 2000 }], 5)).toEqual([]);
  });

  test('takes characters that need AltGr', () => {
    const keys: Key[] = [{ key: ']', ctrl: true, alt: true }, ...typed('C112345'), 'Enter'];
    expect(press(keys, 5)).toEqual([']C112345']);
  });

  test('gives any printable text back as it was, however it came before', () => {
    const text = fc.stringMatching(/^[0-9A-Za-z()%/.:_-]{4,40}$/);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const keys = texts.flatMap((each) => [...typed(each), 'Enter']);
        expect(press(keys, 3)).toEqual(texts);
      }),
    );
  });
});

function key(name: string, atMs: number): KeyPress {
  return { key: name, ctrl: false, alt: false, meta: false, atMs };
}
