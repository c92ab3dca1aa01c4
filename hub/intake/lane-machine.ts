import type { BatchHeader } from '#contracts/uplink.ts';

/** How far a gateway's lane is. */
export interface LaneCursor {
  readonly epoch: number;
  readonly epochId: string;
  readonly committed: number;
  readonly headHash: string;
  readonly halted: boolean;
}

/** A batch whose signature holds, with what is recorded where it claims to stand. */
export interface OfferedBatch {
  readonly header: BatchHeader;
  /** Hash after each of its events, computed from its bytes. Only asked for when it matters. */
  readonly chain: () => readonly string[];
  /** Hash that is recorded at the checkpoint's own position; undefined where nothing is. */
  readonly recordedHash: string | undefined;
}

export type LaneEffect =
  /** Record the events after the first `skip`; `hashes` are those of all events of the batch. */
  | { readonly type: 'apply'; readonly skip: number; readonly hashes: readonly string[] }
  /** All of it is recorded already, under the same hash. */
  | { readonly type: 'duplicate' }
  /** Events before it are missing. */
  | { readonly type: 'ask-replay' }
  /** The lane is halted: the gateway keeps what it sends. */
  | { readonly type: 'refuse' }
  | {
      readonly type: 'quarantine';
      readonly reason: 'fork' | 'malformed' | 'wrong-epoch';
      readonly detail: string;
    };

/**
 * One batch against one lane. The cursor is moved by whole batches that chain to it and by nothing
 * else, so that redelivery, reordering and overlap change nothing. A fork, two histories under one
 * key, halts this lane alone: a person has to say which is true.
 */
export function stepLane(
  cursor: LaneCursor,
  offer: OfferedBatch,
): { readonly cursor: LaneCursor; readonly effect: LaneEffect } {
  const { checkpoint, events, firstSeq, previousHash } = offer.header;
  const stay = (effect: LaneEffect) => ({ cursor, effect });
  const fork = (detail: string) => ({
    cursor: { ...cursor, halted: true },
    effect: { type: 'quarantine', reason: 'fork', detail } as const,
  });

  if (firstSeq + events - 1 !== checkpoint.seq) {
    return stay(malformed(`${events} events from ${firstSeq} do not end at ${checkpoint.seq}`));
  }
  if (checkpoint.epoch !== cursor.epoch || checkpoint.epochId !== cursor.epochId) {
    if (checkpoint.epoch < cursor.epoch && offer.recordedHash === checkpoint.hash) {
      return stay({ type: 'duplicate' });
    }
    return stay(wrongEpoch(`epoch ${checkpoint.epoch} (${checkpoint.epochId}) is not the lane's`));
  }
  if (cursor.halted) return stay({ type: 'refuse' });
  if (checkpoint.seq <= cursor.committed) {
    if (offer.recordedHash === checkpoint.hash) return stay({ type: 'duplicate' });
    return fork(`another hash is recorded at ${checkpoint.seq}`);
  }
  if (firstSeq > cursor.committed + 1) return stay({ type: 'ask-replay' });

  // What the batch says about its own bytes comes first: bytes changed on the way are no fork.
  const hashes = offer.chain();
  if (hashes.length !== events || hashes.at(-1) !== checkpoint.hash) {
    return stay(malformed('the events do not chain to the signed checkpoint'));
  }
  const skip = cursor.committed + 1 - firstSeq;
  const joint = skip === 0 ? previousHash : hashes[skip - 1];
  if (joint !== cursor.headHash) {
    return fork(`it continues another history than the one recorded up to ${cursor.committed}`);
  }
  return {
    cursor: { ...cursor, committed: checkpoint.seq, headHash: checkpoint.hash },
    effect: { type: 'apply', skip, hashes },
  };
}

function malformed(detail: string): LaneEffect {
  return { type: 'quarantine', reason: 'malformed', detail };
}

function wrongEpoch(detail: string): LaneEffect {
  return { type: 'quarantine', reason: 'wrong-epoch', detail };
}
