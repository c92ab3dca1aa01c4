import type { Hello } from '#contracts/uplink.ts';
import type { LaneCursor } from './lane-machine.ts';

/** A position whose recorded hash a decision needs. `seq` 0 is the epoch's genesis. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

export type HelloVerdict =
  /** Go on from the cursor. */
  | { readonly type: 'continue' }
  /** A new life of the journal: the lane starts at its genesis. */
  | { readonly type: 'begin-epoch' }
  /** Two histories: this lane stands until a person decides. */
  | { readonly type: 'halt'; readonly reason: string }
  /** Not accepted, and the lane as it stands is not touched. */
  | { readonly type: 'refuse'; readonly reason: string };

/** What has to be looked up before `judgeHello` can say. */
export function positionToCompare(
  lane: LaneCursor | undefined,
  hello: Hello,
): Position | undefined {
  if (lane === undefined) return undefined;
  const { epoch, head } = hello;
  if (epoch.ordinal === lane.epoch && head.seq <= lane.committed) {
    return { epoch: lane.epoch, seq: head.seq };
  }
  if (epoch.ordinal === lane.epoch + 1 && epoch.parent !== null) {
    return { epoch: epoch.parent.ordinal, seq: epoch.parent.seq };
  }
  return undefined;
}

/**
 * A gateway introduces itself. What the hub recorded must be a prefix of the gateway's journal;
 * where it is not, a backup was restored or a box was cloned, and the lane halts before anything
 * is mixed.
 *
 * @param recordedHash what is recorded at `positionToCompare`, if anything.
 * @param isReplacement a person let this box in to go on from where the lane stands.
 */
export function judgeHello(
  lane: LaneCursor | undefined,
  hello: Hello,
  recordedHash: string | undefined,
  isReplacement = false,
): HelloVerdict {
  const { epoch, head, oldestSeq } = hello;
  if (head.epoch !== epoch.ordinal || head.epochId !== epoch.id) {
    return refused('the head belongs to another epoch than the one introduced');
  }
  if (lane === undefined) {
    if (epoch.ordinal !== 1 || epoch.parent !== null) {
      return refused(`epoch ${epoch.ordinal} continues one that this hub does not know`);
    }
    return oldestSeq > 1 ? refused(trimmed(oldestSeq, 0)) : { type: 'begin-epoch' };
  }
  if (epoch.ordinal < lane.epoch) {
    return refused(`epoch ${epoch.ordinal} ended: this hub is at epoch ${lane.epoch}`);
  }
  if (epoch.ordinal > lane.epoch) return judgeNewEpoch(lane, hello, recordedHash, isReplacement);
  if (epoch.id !== lane.epochId) {
    return refused(`epoch ${epoch.ordinal} was begun by another journal: is this box a clone?`);
  }
  // A head behind ours on the same history is a hello that newer batches overtook; a restored backup
  // sees from the receipt that the hub is ahead of it, and halts itself.
  if (head.seq <= lane.committed && recordedHash !== head.hash) {
    return halted(`the hub recorded another history at ${head.seq}`);
  }
  if (oldestSeq > lane.committed + 1) return refused(trimmed(oldestSeq, lane.committed));
  return { type: 'continue' };
}

function judgeNewEpoch(
  lane: LaneCursor,
  hello: Hello,
  recordedHash: string | undefined,
  isReplacement: boolean,
): HelloVerdict {
  const { parent, ordinal } = hello.epoch;
  if (ordinal !== lane.epoch + 1 || parent === null || parent.ordinal !== lane.epoch) {
    return refused(`epoch ${ordinal} does not continue epoch ${lane.epoch}, where this hub is`);
  }
  if (lane.halted && !isReplacement)
    return refused('this lane is halted: only a person can let it go on');
  // What was applied after a branch would stay applied, and its re-journalled twin come on top.
  if (parent.seq !== lane.committed || recordedHash !== parent.hash) {
    return refused(`epoch ${ordinal} does not branch from ${lane.committed}, the last event here`);
  }
  return hello.oldestSeq > 1 ? refused(trimmed(hello.oldestSeq, 0)) : { type: 'begin-epoch' };
}

function trimmed(oldestSeq: number, committed: number): string {
  return `the gateway keeps events from ${oldestSeq}, the hub needs them from ${committed + 1}`;
}

function refused(reason: string): HelloVerdict {
  return { type: 'refuse', reason };
}

function halted(reason: string): HelloVerdict {
  return { type: 'halt', reason };
}
