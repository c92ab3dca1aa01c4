import type { RefusedPart } from '../profile.ts';
import { maxObjects, splitJson, unreadable } from './split-json.ts';
import type { JsonObject, Unreadable } from './split-json.ts';

export interface JsonParts {
  readonly ok: true;
  /** In their order; undefined where a line is broken. */
  readonly objects: readonly (JsonObject | undefined)[];
  readonly broken: readonly RefusedPart[];
}

const lineFeed = 0x0a;
const shownBytes = 60;

/**
 * As `splitJson`, but of a message in lines (NDJSON) what is whole counts, and each broken line is
 * named. For codecs whose readings may be applied twice or have a key: the sender may send the
 * message again, once it is mended. A line that is indented belongs to a document over several lines,
 * of which no part may be taken for a message.
 */
export function splitJsonLines(payload: Uint8Array): JsonParts | Unreadable {
  const whole = splitJson(payload);
  if (whole.ok) return { ...whole, broken: [] };
  if (whole.reason === 'oversized' || !payload.includes(lineFeed)) return whole;
  const objects: (JsonObject | undefined)[] = [];
  const broken: RefusedPart[] = [];
  for (const { at, number, line } of linesOf(payload)) {
    const split = isIndented(line) ? unreadable('malformed', 'it is indented') : splitJson(line);
    if (split.ok) objects.push(...split.objects);
    else {
      const { detail, reason } = split;
      const text = `line ${number}, ${line.length} bytes, "${headOf(line)}": ${detail}`;
      const bytes = [at, at + line.length] as const;
      broken.push({ index: objects.length, reason, detail: text, bytes });
      objects.push(undefined);
    }
    if (objects.length > maxObjects) return unreadable('oversized', `over ${maxObjects} objects`);
  }
  return broken.length < objects.length ? { ok: true, objects, broken } : whole;
}

/** Lines that hold anything, without what ends them. */
function linesOf(payload: Uint8Array) {
  const lines: { at: number; number: number; line: Uint8Array }[] = [];
  let [at, number] = [0, 1];
  while (at < payload.length) {
    const end = payload.indexOf(lineFeed, at);
    const to = end === -1 ? payload.length : end;
    const line = payload.subarray(at, payload[to - 1] === 0x0d ? to - 1 : to);
    if (line.some((byte) => byte > 0x20)) lines.push({ at, number, line });
    at = to + 1;
    number += 1;
  }
  return lines;
}

function isIndented(line: Uint8Array): boolean {
  return line[0] === 0x20 || line[0] === 0x09;
}

/** Printable ASCII alone: it goes into logs and onto screens. */
function headOf(line: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(line.subarray(0, shownBytes));
  return text.replace(/[^\u0020-\u007e]/g, '?');
}
