import { maxChunkBytes, maxEventLeaves } from '#contracts/evidence-bounds.ts';
import type {
  EvidenceReply,
  EvidenceRequest,
  EvidenceWindow,
  LocatedLeaf,
} from '#contracts/evidence.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { inclusionProof } from '#contracts/merkle.ts';
import { decodeBatch } from '../intake/entry-codec.ts';
import type { IntakeStore } from '../intake/intake-store.ts';
import { entryLine } from './entry-line.ts';
import type { EvidenceIndex, SegmentRow } from './evidence-index.ts';
import { isInWindow, leafHolding } from './prune-segment.ts';
import { sha256OfBytes } from './segment-cutter.ts';
import { packLeaf, segmentPath, SegmentReader } from './segment-file.ts';

export interface AnswerParts {
  readonly index: EvidenceIndex;
  readonly intake: IntakeStore;
  readonly folder: string;
  readonly coveredPos: number;
}

export interface EvidenceAnswer {
  readonly reply: EvidenceReply;
  readonly bytes?: Uint8Array;
}

type Located = Extract<EvidenceReply, { type: 'located' }>;

/** Entries before the causing one that are looked through while nothing is sealed. */
const unsealedEntries = 20_000;
/** Their text, before it is packed: an answer has to fit into one message. */
const unsealedBytes = 524_288;

/** What the keeper says to a request that was read and allowed. */
export function answerRequest(parts: AnswerParts, request: EvidenceRequest): EvidenceAnswer {
  if (request.type === 'read') return readChunk(parts, request);
  const { window } = request;
  if (window.pos > parts.coveredPos) return unsealed(parts, window);
  const found = locate(parts, window);
  return { reply: { type: 'located', v: 1, ...found } };
}

function readChunk(
  { index, folder }: AnswerParts,
  { segment, leaf, offset }: Extract<EvidenceRequest, { type: 'read' }>,
): EvidenceAnswer {
  const refused = (reason: 'gone' | 'damaged', detail: string): EvidenceAnswer => ({
    reply: { type: 'refused', v: 1, reason, detail: detail.slice(0, 300) },
  });
  const row = index.segment(segment);
  if (row === undefined || row.fileBytes === 0) return refused('gone', 'there is no such segment');
  try {
    return withReader(folder, row, (reader) => {
      const frame = reader.frame(leaf);
      if (frame === undefined) return refused('gone', 'this leaf was pruned');
      const bytes = frame.subarray(offset, offset + maxChunkBytes);
      const reply = {
        type: 'chunk',
        v: 1,
        segment,
        leaf,
        offset,
        frameBytes: frame.length,
      } as const;
      return { reply, bytes };
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return refused('damaged', error.message);
  }
}

function locate(parts: AnswerParts, window: EvidenceWindow): Omit<Located, 'type' | 'v'> {
  const row = parts.index.segmentHolding(window.pos);
  if (row === undefined) {
    const detail = `no segment holds entry ${window.pos}`;
    const nowhere = { leaves: [], left: 0, prunedAt: null, segment: null, detail };
    return { ...nowhere, cause: window.pos > 0 ? 'lost' : 'unknown' };
  }
  const cause = causeOf(parts, row, window);
  const around = leavesAround(parts, window, cause.leaf === undefined ? [] : [cause.leaf]);
  return {
    cause: cause.state,
    detail: cause.detail.slice(0, 300),
    ...around,
    prunedAt: row.prunedAtMs,
    segment: row.segment,
  };
}

interface Cause {
  readonly state: Located['cause'];
  readonly detail: string;
  readonly leaf?: LocatedLeaf;
}

function causeOf({ folder }: AnswerParts, row: SegmentRow, { pos, device }: EvidenceWindow): Cause {
  if (row.fileBytes === 0) {
    return row.prunedAtMs === null
      ? { state: 'damaged', detail: `the file of segment ${row.segment} is missing` }
      : { state: 'pruned', detail: `segment ${row.segment} was pruned` };
  }
  try {
    return withReader(folder, row, (reader): Cause => {
      const index = leafHolding(reader, pos, device ?? '');
      if (index !== undefined) {
        return { state: 'here', detail: '', leaf: locatedLeaf(reader, row.segment, index) };
      }
      return row.prunedAtMs === null
        ? { state: 'unknown', detail: `segment ${row.segment} does not hold entry ${pos}` }
        : { state: 'pruned', detail: `its leaf of segment ${row.segment} was pruned` };
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { state: 'damaged', detail: messageOf(error) };
  }
}

/** The leaves of the window, newest first, up to the limit; `first` come in any case. */
function leavesAround(
  { index, folder }: AnswerParts,
  { device, fromMs, toMs, pos }: EvidenceWindow,
  first: readonly LocatedLeaf[],
): { leaves: LocatedLeaf[]; left: number } {
  const leaves = [...first];
  let left = 0;
  if (device === null) return { leaves, left };
  const window = { device, fromMs, toMs };
  for (const row of index.segmentsWithin(fromMs, toMs)) {
    try {
      withReader(folder, row, (reader) => {
        const { table } = reader.footer;
        for (let leaf = table.length - 1; leaf >= 0; leaf -= 1) {
          const stored = table[leaf];
          if (stored === undefined || !isInWindow(stored, window) || stored.firstPos > pos)
            continue;
          if (first.some((one) => one.segment === row.segment && one.leaf === leaf)) continue;
          if (stored.offset === null || leaves.length >= maxEventLeaves) left += 1;
          else leaves.push(locatedLeaf(reader, row.segment, leaf));
        }
      });
    } catch (error) {
      // What the causing entry's own file says was said; another one only counts.
      if (!(error instanceof Fault)) throw error;
      left += 1;
    }
  }
  return { leaves, left };
}

function locatedLeaf(reader: SegmentReader, segment: number, leaf: number): LocatedLeaf {
  const { table } = reader.footer;
  const hashes = table.map(({ hash }) => hash);
  const proof = inclusionProof(hashes, leaf, sha256OfBytes);
  const stored = table[leaf];
  if (proof === undefined || stored === undefined) {
    throw new Fault('STORE_BROKEN', `segment ${segment} has no leaf ${leaf}`);
  }
  const { leafHash, path, size: leaves } = proof;
  return { frameBytes: stored.frameBytes, leaf, leafHash, leaves, path: [...path], segment };
}

/** The entries themselves, from the intake log: they are as good as sealed, but not proved yet. */
function unsealed(
  { index, intake, folder, coveredPos }: AnswerParts,
  window: EvidenceWindow,
): EvidenceAnswer {
  const located = { type: 'located', v: 1, prunedAt: null, segment: null } as const;
  if (window.pos > intake.lastPos()) {
    const detail = `the intake log ends before entry ${window.pos}`;
    return { reply: { ...located, cause: 'unknown', detail, leaves: [], left: 0 } };
  }
  const around = leavesAround({ index, intake, folder, coveredPos }, window, []);
  const lines = unsealedLines(intake, window, coveredPos);
  const detail = 'this part of the intake log is not sealed yet';
  return {
    reply: { ...located, cause: 'unsealed', detail, ...around },
    bytes: packLeaf(Buffer.from(lines.join(''), 'utf8')),
  };
}

function unsealedLines(intake: IntakeStore, window: EvidenceWindow, coveredPos: number): string[] {
  const first = Math.max(coveredPos + 1, window.pos - unsealedEntries);
  const lines: string[] = [];
  for (let at = first; at <= window.pos;) {
    const batch = intake.batchHolding(at);
    if (batch === undefined) break;
    for (const entry of decodeBatch(batch.bytes, batch.firstPos)) {
      const { pos, receivedAtMs, body } = entry;
      if (pos < first || pos > window.pos) continue;
      const device = 'device' in body ? body.device : undefined;
      const belongs = device === window.device && receivedAtMs >= window.fromMs;
      if (belongs || pos === window.pos) lines.push(entryLine(entry));
    }
    at = batch.lastPos + 1;
  }
  return newestWithin(lines, unsealedBytes);
}

function newestWithin(lines: readonly string[], maxBytes: number): string[] {
  let bytes = 0;
  let from = lines.length;
  while (from > 0 && bytes < maxBytes) {
    from -= 1;
    bytes += Buffer.byteLength(lines[from] ?? '');
  }
  return lines.slice(from);
}

function withReader<T>(folder: string, row: SegmentRow, use: (reader: SegmentReader) => T): T {
  const reader = new SegmentReader(segmentPath(folder, row.segment), row.root);
  try {
    return use(reader);
  } finally {
    reader.close();
  }
}
