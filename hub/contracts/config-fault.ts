import type { TSchema } from 'typebox';
import { describeFaults, pathText } from './config-faults.ts';

/** One thing that is wrong with a config file, as the person who wrote it needs to hear it. */
export interface ConfigFault {
  /** JSON pointer into the file. */
  readonly path: string;
  /** What the entry of a list is called on the way of the path: the device, the zone. */
  readonly name?: string;
  /** Both count from 1. */
  readonly line?: number;
  readonly column?: number;
  readonly value: unknown;
  readonly message: string;
  readonly remedy: string;
}

/** One line for a terminal or a log. */
export function describeFault(fault: ConfigFault): string {
  const { line, column = 1, name } = fault;
  const of = name === undefined ? '' : `${name}: `;
  const where = line === undefined ? '' : ` (line ${line}:${column})`;
  const found = fault.value === undefined ? '' : `, found ${shorten(fault.value)}`;
  return printable(`${of}${fault.path || '/'}${where}: ${fault.message}${found}. ${fault.remedy}`);
}

/** A message of the YAML reader quotes the file, whose control characters a terminal would obey. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (mark) => {
    return mark === '\n' ? ' ' : `\\u{${mark.codePointAt(0)?.toString(16)}}`;
  });
}

/** What was found, in a few words. */
export function shorten(value: unknown): string {
  // NaN and the infinities, which YAML has and JSON calls null.
  const isOdd = typeof value === 'number' && !Number.isFinite(value);
  const text = isOdd ? String(value) : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/**
 * The line of a file where it is no YAML, or the last one before that says something; of a secret,
 * that there is one.
 */
export function lineFound(text: string, line: number): string | undefined {
  const before = text.split('\n', line).map((one) => one.trim());
  const found = before.findLast((one) => one !== '');
  if (found === undefined) return undefined;
  return /pass|secret|token|seed|private/i.test(found) ? '[hidden]' : found;
}

/** Every way in which a value is not of the form that its file must have, once each. */
export function formFaults(schema: TSchema, value: unknown): ConfigFault[] {
  return describeFaults(schema, value).map((fault) => {
    // Of a missing key, `keys` lead to the object that lacks it; its name ends the path.
    const lacking = fault.path.slice(pathText(fault.keys).length).replace(/^\./, '');
    const keys = lacking === '' ? fault.keys : [...fault.keys, lacking];
    return {
      path: pointerOf(keys),
      value: fault.value,
      message: lacking === '' ? 'does not fit' : 'is missing',
      remedy: `${fault.remedy.charAt(0).toUpperCase()}${fault.remedy.slice(1)}.`,
    };
  });
}

/** A JSON pointer escapes its own marks (RFC 6901, section 3). */
export function pointerOf(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
