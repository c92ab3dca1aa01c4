import Type from 'typebox';
import { closed, count, hash, oneOf, sequence } from '../schema.ts';

/** What became of the raw evidence: readings and telemetry, kept in segments of the intake log. */

const segment = Type.Integer({ minimum: 1 });

/**
 * A run of the intake log, `firstPos` to `lastPos`, is in a segment file that is on disk. `root` is
 * the Merkle root (RFC 9162) of its `leaves`, which hold all its entries and nothing else.
 */
export const evidenceSealed = closed({
  bytes: Type.Integer({ minimum: 0, description: 'of all leaves, uncompressed' }),
  entries: count,
  firstPos: sequence,
  lastPos: sequence,
  leaves: Type.Integer({ minimum: 1 }),
  root: hash,
  segment,
});

/**
 * Leaves of a segment were given up for the byte budget; what stays is the root, and with it the
 * word of what was there. `pinned`: evidence went that was to be kept, because nothing else was left.
 */
export const evidencePruned = closed({
  freedBytes: count,
  keptLeaves: count,
  pinned: Type.Boolean(),
  root: hash,
  segment,
});

/** Entries that no segment holds and the intake log does not hold any more. */
export const evidenceLost = closed({
  firstPos: sequence,
  lastPos: sequence,
  reason: oneOf(['intake-budget', 'intake-missing']),
});
