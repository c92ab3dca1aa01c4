import type { RawEntry, RawEvidence } from '#contracts/api/evidence-api.ts';
import type { EvidenceWindow } from '#contracts/evidence.ts';
import { eventId, type EventPosition } from '#contracts/ids.ts';
import type { EvidenceGapTable, EvidenceSegmentTable } from '../store/schema.ts';
import type { ProvenLeaf, ReadEntry } from './prove-leaf.ts';

/** What the hub knows of an event's evidence before it asks. */
export interface Case {
  readonly at: EventPosition;
  readonly window: EvidenceWindow;
  readonly segment: EvidenceSegmentTable | undefined;
  readonly gap: EvidenceGapTable | undefined;
}

/** A leaf that belongs to the root of a segment, and what it holds. */
export interface Proven {
  readonly leaf: ProvenLeaf;
  readonly segment: EvidenceSegmentTable;
  readonly entries: readonly ReadEntry[];
}

/** What came of asking. */
export interface Gathered {
  readonly state: RawEvidence['state'];
  readonly detail: string;
  readonly proven: readonly Proven[];
  readonly unproven: readonly ReadEntry[];
  readonly left: number;
  readonly fetchedAtMs: number | null;
  readonly cached: boolean;
}

const maxEntriesShown = 2000;

/** Puts an answer into the words of the API. Pure. */
export function presentEvidence(
  { at, window, segment }: Case,
  { state, detail, proven, unproven, left, fetchedAtMs, cached }: Gathered,
): RawEvidence {
  const mark = (entry: ReadEntry, isProven: boolean): RawEntry => ({
    ...entry,
    cause: entry.pos === window.pos,
    proven: isProven,
  });
  const entries = [
    ...proven.flatMap((one) => one.entries.map((entry) => mark(entry, true))),
    ...unproven.map((entry) => mark(entry, false)),
  ]
    .filter((entry) => entry.cause || belongs(entry, window))
    .sort((a, b) => a.pos - b.pos);
  const shown = entries.slice(-maxEntriesShown);
  const sealedBy = (seq: number) => eventId({ ...at, seq });
  return {
    event: eventId(at),
    state,
    detail,
    causePos: window.pos,
    segment: segment === undefined ? null : segmentWords(segment, sealedBy),
    entries: shown,
    proofs: proven.map(({ leaf: of, segment: { root, sealed_seq: seq } }) => {
      const { segment, leaf, leaves, leafHash, path } = of;
      return { segment, leaf, leaves, leafHash, path: [...path], root, sealedBy: sealedBy(seq) };
    }),
    left: left + entries.length - shown.length,
    fetchedAt: fetchedAtMs,
    cached,
  };
}

/** A leaf also holds what its device sent before and after. */
function belongs({ device, receivedAt, pos }: RawEntry, window: EvidenceWindow): boolean {
  return device === window.device && receivedAt >= window.fromMs && pos <= window.pos;
}

function segmentWords(row: EvidenceSegmentTable, sealedBy: (seq: number) => string) {
  return {
    segment: row.segment,
    firstPos: row.first_pos,
    lastPos: row.last_pos,
    entries: row.entries,
    leaves: row.leaves,
    root: row.root,
    sealedBy: sealedBy(row.sealed_seq),
    prunedAt: row.pruned_at,
    prunedBy: row.pruned_seq === null ? null : sealedBy(row.pruned_seq),
  };
}
