import type { Decoded, RefusedPart } from '../profile.ts';
import type { Reading } from '../reading.ts';

/** What a message of several parts gave. */
export interface MessageParts {
  readonly readings: readonly Reading[];
  /** In the order in which they stand in the message. */
  readonly refused: readonly RefusedPart[];
  /** How many good ones were seen before. */
  readonly repeated?: number;
}

/**
 * What is good of a message counts, and each part that is not is named: it was acknowledged as a
 * whole, so that nobody sends the good ones again.
 */
export function decodedParts({ readings, refused, repeated = 0 }: MessageParts): Decoded {
  const good = { ok: true, readings, ...(repeated > 0 && { repeated }) } as const;
  const [first] = refused;
  if (first === undefined) return good;
  const { bytes, index, reason, detail } = first;
  if (readings.length + repeated === 0 && refused.length === 1 && index === 0) {
    return { ok: false, reason, detail };
  }
  const others = refused.length === 1 ? '' : `; ${refused.length} such in all`;
  const trouble = {
    reason,
    detail: `at index ${index}: ${detail}${others}`,
    ...(bytes !== undefined && { bytes }),
  };
  if (readings.length + repeated === 0) return { ok: false, ...trouble };
  return { ...good, partly: trouble, refused };
}
