import type { CodeTrouble, ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import { applicationIdentifiers, identifierAt } from './application-identifiers.ts';
import { valueTrouble } from './value-format.ts';

export type CodeElement = ScannedCode['elements'][number];

export type ElementsRead =
  | { readonly ok: true; readonly elements: readonly CodeElement[] }
  | { readonly ok: false; readonly trouble: CodeTrouble };

/** FNC1 as a separator is transmitted as this (GS1 General Specifications 7.8.3). */
export const groupSeparator = '\u001d';
const maxElements = 60;

/**
 * Reads a concatenated element string as a scanner transmits it: identifiers of predefined length
 * need no separator, all others end at GS or at the end (General Specifications 7.8). Check digits
 * and the form of every value are verified: one that is wrong refuses the whole.
 */
export function parseElementString(text: string): ElementsRead {
  const elements: CodeElement[] = [];
  let at = skipSeparator(text, 0);
  while (at < text.length) {
    const identifier = identifierAt(text, at);
    if (identifier === undefined) return { ok: false, trouble: 'unknown-identifier' };
    at += identifier.ai.length;
    const end = endOfValue(text, at, identifier.predefinedLength);
    const trouble = addElement(elements, identifier.ai, text.slice(at, end));
    if (trouble !== undefined) return { ok: false, trouble };
    at = skipSeparator(text, end);
  }
  return elementsRead(elements);
}

function endOfValue(text: string, at: number, length: number | undefined): number {
  if (length !== undefined) return Math.min(at + length, text.length);
  const separator = text.indexOf(groupSeparator, at);
  return separator === -1 ? text.length : separator;
}

function skipSeparator(text: string, at: number): number {
  return text[at] === groupSeparator ? at + 1 : at;
}

/**
 * Reads the form that stands below a symbol: `(01)09521234543213(10)ABC`. A known identifier in
 * parentheses begins an element; where one is meant as part of a value, `\(` says so, as in the
 * GS1 Syntax Engine.
 */
export function parseBracketed(text: string): ElementsRead {
  const starts = Array.from(text.matchAll(/\\?\((\d{2,4})\)/g)).filter(
    ([found, ai = '']) => found.startsWith('(') && applicationIdentifiers.has(ai),
  );
  if (starts[0]?.index !== 0) return { ok: false, trouble: 'unknown-identifier' };
  const elements: CodeElement[] = [];
  for (const [position, start] of starts.entries()) {
    const [found, ai = ''] = start;
    const value = text.slice(start.index + found.length, starts[position + 1]?.index);
    const trouble = addElement(elements, ai, value.replaceAll('\\(', '('));
    if (trouble !== undefined) return { ok: false, trouble };
  }
  return elementsRead(elements);
}

/** Checks an element and adds it. The same one twice is one; two values of one AI are refused. */
export function addElement(
  elements: CodeElement[],
  ai: string,
  value: string,
): CodeTrouble | undefined {
  const identifier = applicationIdentifiers.get(ai);
  if (identifier === undefined) return 'unknown-identifier';
  const trouble = valueTrouble(identifier.format, value);
  if (trouble !== undefined) return trouble;
  const same = elements.find((element) => element.ai === ai);
  if (same !== undefined) return same.value === value ? undefined : 'bad-value';
  if (elements.length === maxElements) return 'bad-value';
  elements.push({ ai, value });
  return undefined;
}

export function elementsRead(elements: readonly CodeElement[]): ElementsRead {
  return elements.length === 0 ? { ok: false, trouble: 'bad-value' } : { ok: true, elements };
}

/** The element string of some elements, with separators where they are needed. */
export function formatElementString(elements: readonly CodeElement[]): string {
  return elements
    .map(({ ai, value }, index) => {
      const isLast = index === elements.length - 1;
      const endsByItself = applicationIdentifiers.get(ai)?.predefinedLength !== undefined;
      return `${ai}${value}${isLast || endsByItself ? '' : groupSeparator}`;
    })
    .join('');
}

/** As it stands below a symbol; `parseBracketed` reads it back. */
export function formatBracketed(elements: readonly CodeElement[]): string {
  return elements.map(({ ai, value }) => `(${ai})${value.replaceAll('(', '\\(')}`).join('');
}
