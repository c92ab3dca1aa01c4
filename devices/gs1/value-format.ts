import type { CodeTrouble } from '#contracts/kinds/scan-kinds.ts';
import { checkDigit } from '../epc/check-digit.ts';
import { isGs1Date } from './gs1-date.ts';

/** One part of an AI's value: its characters, its length, and what else must hold. */
interface ValuePart {
  readonly shape: RegExp;
  readonly minLength: number;
  readonly maxLength: number;
  readonly rule: 'check-digit' | 'date' | 'zero' | undefined;
}

export type ValueFormat = readonly ValuePart[];

/** Character sets of GS1 General Specifications 7.11: digits, 82, 39 and file-safe base 64. */
const shapes: Readonly<Record<string, RegExp>> = {
  n: /^[0-9]*$/,
  x: /^[!"%-?A-Z_a-z]*$/,
  y: /^[#\-/0-9A-Z]*$/,
  z: /^[0-9A-Za-z\-_=]*$/,
};

const rules: Readonly<Record<string, ValuePart['rule']>> = {
  '!': 'check-digit',
  d: 'date',
  z: 'zero',
};

const notation = /^([nxyz])(\.\.)?(\d+)([!dz]?)(\??)$/;

/**
 * Reads a format: parts with spaces between, each a character set, `..` where the length is at
 * most that, a length, a rule (`!` check digit, `d` date YYMMDD, `z` is zero), and `?` where the
 * part may be missing. Only the last part may vary in length.
 */
export function valueFormat(text: string): ValueFormat {
  return text.split(' ').map((part) => {
    const [, set = '', upTo, length = '', rule = '', optional] = notation.exec(part) ?? [];
    const shape = shapes[set];
    if (shape === undefined) throw new Error(`"${part}" is no value format`);
    const maxLength = Number(length);
    const minLength = optional === '?' ? 0 : upTo === undefined ? maxLength : 1;
    return { shape, minLength, maxLength, rule: rules[rule] };
  });
}

/** The length of every value of a format that has only one. */
export function fixedLength(format: ValueFormat): number | undefined {
  const varies = format.some(({ minLength, maxLength }) => minLength !== maxLength);
  return varies ? undefined : format.reduce((sum, { maxLength }) => sum + maxLength, 0);
}

/** @returns what is wrong with a value, if anything. */
export function valueTrouble(format: ValueFormat, value: string): CodeTrouble | undefined {
  let at = 0;
  for (const { shape, minLength, maxLength, rule } of format) {
    const part = value.slice(at, at + maxLength);
    at += part.length;
    const missing = part === '' && minLength === 0;
    if (part.length < minLength || !shape.test(part)) return 'bad-value';
    if (missing) continue;
    if (rule === 'check-digit' && !hasCheckDigit(part)) return 'check-digit';
    if (rule === 'date' && !isGs1Date(part)) return 'bad-value';
    if (rule === 'zero' && part !== '0') return 'bad-value';
  }
  return at === value.length ? undefined : 'bad-value';
}

/** Whether a number ends in its own check digit (GS1 General Specifications 7.9.1). */
export function hasCheckDigit(number: string): boolean {
  return checkDigit(number.slice(0, -1)) === number.at(-1);
}
