/**
 * A scanner that acts as a keyboard types a code far faster than a person and ends it with Enter or
 * Tab. This tells the two apart by the time between keys; it knows nothing of the page.
 */

/** Longer than this between two keys, and the second begins anew: radio scanners stutter. */
const longestGapMs = 120;
/** On the average a scanner is faster than this; quick typists take twice as long. */
const averageGapMs = 40;
/** Shorter texts are taken for typing. The shortest code in use, EAN-8, is twice as long. */
const shortestText = 4;

/** The group separator that parts the elements of a GS1 code. */
const groupSeparator = '\u001d';

/** A key press, as far as it matters. */
export interface KeyPress {
  /** As `KeyboardEvent.key` names it. */
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  /** When the key was pressed, on any clock that never goes back. */
  readonly atMs: number;
}

export interface KeyBurst {
  readonly text: string;
  readonly keys: number;
  readonly startedMs: number;
  readonly lastMs: number;
  /** Digits typed while Alt is held: scanners on Windows enter control characters so. */
  readonly altDigits: string;
}

export const noBurst: KeyBurst = { text: '', keys: 0, startedMs: 0, lastMs: 0, altDigits: '' };

/**
 * What a key press means:
 * - `other`: nothing to do with a code; whatever was gathered is forgotten;
 * - `begin`: perhaps the first character of a code, perhaps typing;
 * - `more`: goes on with what began. `stray` characters must not act on the page (GS, Alt digits);
 * - `scan`: a code ended here. `text` has real group separators and its symbology identifier.
 */
export type KeyMeaning =
  | { readonly type: 'other' }
  | { readonly type: 'begin' }
  | { readonly type: 'more'; readonly stray: boolean }
  | { readonly type: 'scan'; readonly text: string };

export interface BurstStep {
  readonly burst: KeyBurst;
  readonly meaning: KeyMeaning;
}

/** Takes one key press. Pure: the same presses always give the same scans. */
export function pressKey(burst: KeyBurst, press: KeyPress): BurstStep {
  const late = burst.keys > 0 && press.atMs - burst.lastMs > longestGapMs;
  const known = late ? noBurst : burst;
  const { key } = press;
  if (key === 'Shift' || key === 'Control' || key === 'Alt' || key === 'AltGraph') {
    return { burst: known, meaning: { type: known.keys > 0 ? 'more' : 'other', stray: false } };
  }
  if (press.alt && /^[0-9]$/.test(key)) {
    const altDigits = known.altDigits + key;
    return grown({ ...known, altDigits }, press, '', true);
  }
  if (isGroupSeparator(press)) return grown(known, press, groupSeparator, true);
  if (key === 'Enter' || key === 'Tab') return ended(known, press);
  // AltGr makes characters on many keyboards; it is reported as Ctrl and Alt together.
  const shortcut = press.meta || press.ctrl !== press.alt;
  if (shortcut || !isCharacter(key)) return { burst: noBurst, meaning: { type: 'other' } };
  return grown(known, press, key, false);
}

/** Alt was let go: the digits typed meanwhile are one character, of which only GS is of use. */
export function releaseAlt(burst: KeyBurst): KeyBurst {
  if (burst.altDigits === '') return burst;
  const made = Number(burst.altDigits) === groupSeparator.charCodeAt(0) ? groupSeparator : '';
  return { ...burst, text: burst.text + made, altDigits: '' };
}

/** Names of other keys are longer than a character, which may take two units of UTF-16. */
function isCharacter(key: string): boolean {
  return key.length === 1 || (key.length === 2 && key.codePointAt(0) !== key.charCodeAt(0));
}

/** Keyboard stand-ins for GS: the character itself, Ctrl+], and F8 as Zebra and Honeywell send it. */
function isGroupSeparator({ key, ctrl, alt }: KeyPress): boolean {
  return key === groupSeparator || key === 'F8' || (ctrl && !alt && key === ']');
}

function grown(burst: KeyBurst, press: KeyPress, added: string, stray: boolean): BurstStep {
  const first = burst.keys === 0;
  const next = {
    ...burst,
    text: burst.text + added,
    keys: burst.keys + 1,
    startedMs: first ? press.atMs : burst.startedMs,
    lastMs: press.atMs,
  };
  return { burst: next, meaning: first && !stray ? { type: 'begin' } : { type: 'more', stray } };
}

function ended(burst: KeyBurst, press: KeyPress): BurstStep {
  const takenMs = press.atMs - burst.startedMs;
  const fast = burst.keys > 0 && takenMs / burst.keys <= averageGapMs;
  const text = withGroupSeparators(burst.text).trim();
  if (!fast || text.length < shortestText) return { burst: noBurst, meaning: { type: 'other' } };
  return { burst: noBurst, meaning: { type: 'scan', text } };
}

/**
 * Some scanners spell the group separator out. None of these is in the GS1 character set (GS1
 * General Specifications 7.11) but `<GS>`, which no real code contains.
 */
function withGroupSeparators(text: string): string {
  return text.replaceAll(/\{GS\}|<GS>|\^\]|~d029|\\x1d/gi, groupSeparator);
}
