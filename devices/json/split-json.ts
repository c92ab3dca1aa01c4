import type { QuarantineReason } from '../profile.ts';

/** A JSON object as a device sent it. `JSON.parse` makes `__proto__` a plain own key. */
export type JsonObject = { readonly [key: string]: unknown };

export interface Unreadable {
  readonly ok: false;
  readonly reason: QuarantineReason;
  readonly detail: string;
}

export type JsonDocuments = { readonly ok: true; readonly objects: readonly JsonObject[] };

/** Bounds of one message; beyond them it is `oversized`. */
export const maxPayloadBytes = 1_048_576;
export const maxObjects = 10_000;
const maxDepth = 64;

/**
 * Reads every JSON object of a payload: one object, an array of them, lines of JSON (NDJSON), or
 * documents set one behind the other, in any mixture. One unreadable part refuses the whole
 * message, so that what is kept in quarantine is what was not used. Never throws.
 *
 * A bare `NaN` or `Infinity`, which some firmware prints, is told apart from broken JSON.
 */
export function splitJson(payload: Uint8Array): JsonDocuments | Unreadable {
  if (payload.byteLength > maxPayloadBytes) {
    return unreadable('oversized', `${payload.byteLength} bytes`);
  }
  const text = decodeText(payload);
  if (text === undefined) return unreadable('malformed', 'the payload is not UTF-8');
  const whole = tryParse(text);
  if (whole === undefined) return splitDocuments(text);
  // What nearly every message is.
  if (isObject(whole.value)) return { ok: true, objects: [whole.value] };
  return objectsOf([whole.value]);
}

/** Text of UTF-8 bytes without a byte order mark. @returns undefined where they are no UTF-8. */
export function decodeText(payload: Uint8Array): string | undefined {
  try {
    return utf8.decode(payload);
  } catch {
    return undefined;
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true });

export function unreadable(reason: QuarantineReason, detail: string): Unreadable {
  return { ok: false, reason, detail: detail.toWellFormed() };
}

function tryParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function splitDocuments(text: string): JsonDocuments | Unreadable {
  const values: unknown[] = [];
  let at = skipSpace(text, 0);
  if (at === text.length) return unreadable('malformed', 'the payload is empty');
  while (at < text.length) {
    const end = endOfDocument(text, at);
    if (end === undefined) return broken(text, at);
    const document = tryParse(text.slice(at, end));
    if (document === undefined) return broken(text, at);
    if (values.push(document.value) > maxObjects) {
      return unreadable('oversized', `more than ${maxObjects} documents`);
    }
    at = skipSpace(text, end);
  }
  return objectsOf(values);
}

/** White space, and the record separator of RFC 7464 JSON text sequences. */
function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n\u001e'.includes(text[at] ?? '?')) at += 1;
  return at;
}

/** @returns the index behind the object or array that starts at `from`, if it has an end. */
function endOfDocument(text: string, from: number): number | undefined {
  const opening = text[from];
  if (opening !== '{' && opening !== '[') return undefined;
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at);
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth += 1;
        if (depth > maxDepth) return undefined;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth -= 1;
        if (depth === 0) return at + 1;
        break;
      default:
    }
  }
  return undefined;
}

/** @returns the index of the closing quote, or the end of the text. */
function endOfString(text: string, opening: number): number {
  let at = opening + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function broken(text: string, at: number): Unreadable {
  if (tryParse(withoutNonFinite(text.slice(at))) !== undefined) {
    return unreadable('not-a-number', 'holds NaN or Infinity, which no JSON number can be');
  }
  return unreadable('malformed', `no JSON object or array at character ${at}`);
}

/** Puts 0 for every bare NaN, Infinity or Inf outside strings. */
function withoutNonFinite(text: string): string {
  let result = '';
  let at = 0;
  while (at < text.length) {
    const opening = text.indexOf('"', at);
    const plain = text.slice(at, opening === -1 ? text.length : opening);
    result += plain.replace(/[-+]?\b(?:nan|inf(?:inity)?)\b/gi, '0');
    if (opening === -1) break;
    const end = endOfString(text, opening) + 1;
    result += text.slice(opening, end);
    at = end;
  }
  return result;
}

function objectsOf(values: readonly unknown[]): JsonDocuments | Unreadable {
  const objects: JsonObject[] = [];
  for (const value of values) {
    for (const member of isArray(value) ? value : [value]) {
      if (!isObject(member)) {
        return unreadable('wrong-type', `expected JSON objects, found ${kindOf(member)}`);
      }
      if (objects.push(member) > maxObjects) {
        return unreadable('oversized', `more than ${maxObjects} objects`);
      }
    }
  }
  return { ok: true, objects };
}

export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
