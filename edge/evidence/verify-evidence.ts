import type { EventPayload } from '#contracts/event-kinds.ts';
import { Fault } from '#contracts/fault.ts';
import { readJournal } from '../journal/read-journal.ts';
import { openEvidenceIndex, type SegmentRow } from './evidence-index.ts';
import { segmentFolder } from './evidence-keeper.ts';
import { positionsIn } from './prune-segment.ts';
import { segmentPath, SegmentReader } from './segment-file.ts';

/** What a segment is found to be. `unsaid`: its root is not in the journal, yet. */
export interface SegmentFinding {
  readonly segment: number;
  readonly state: 'whole' | 'pruned' | 'damaged' | 'missing' | 'unsaid';
  readonly firstPos: number;
  readonly lastPos: number;
  readonly root: string;
  readonly keptLeaves: number;
  readonly leaves: number;
  /** Each names the leaf, its byte offset and its entries. */
  readonly faults: readonly string[];
}

/**
 * Recomputes every leaf and every root of the segments that are there, against what the journal
 * says: who changed a file and the index as well would still have to change the chain. May run
 * beside the gateway.
 *
 * @throws Fault NOT_FOUND where there is no gateway.
 */
export function* verifyEvidence(dataDir: string): Generator<SegmentFinding> {
  const index = openEvidenceIndex(dataDir, 'read');
  try {
    const said = sealedRoots(dataDir);
    let after = 0;
    for (let rows = index.segmentsAfter(after, 100); rows.length > 0;) {
      for (const row of rows) yield findingOf(dataDir, row, said.get(row.segment));
      after = rows.at(-1)?.segment ?? after;
      rows = index.segmentsAfter(after, 100);
    }
  } finally {
    index.close();
  }
}

function sealedRoots(dataDir: string): Map<number, string> {
  const roots = new Map<number, string>();
  for (const { header, payload } of readJournal(dataDir)) {
    if (!header.includes('"kind":"evidence.sealed"') || payload.startsWith('#')) continue;
    const { segment, root } = JSON.parse(payload) as EventPayload<'evidence.sealed'>;
    if (!roots.has(segment)) roots.set(segment, root);
  }
  return roots;
}

function findingOf(dataDir: string, row: SegmentRow, said: string | undefined): SegmentFinding {
  const { segment, firstPos, lastPos, leaves } = row;
  const root = said ?? row.root;
  const at = { segment, firstPos, lastPos, root, leaves };
  if (row.fileBytes === 0) {
    const state = row.prunedAtMs === null ? 'missing' : 'pruned';
    return { ...at, state, keptLeaves: 0, faults: [] };
  }
  const path = segmentPath(segmentFolder(dataDir), segment);
  let reader: SegmentReader;
  try {
    reader = new SegmentReader(path, root);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ...at, state: 'damaged', keptLeaves: 0, faults: [error.message] };
  }
  try {
    const { faults, keptLeaves } = checkLeaves(reader);
    const sound = said === undefined ? 'unsaid' : keptLeaves < leaves ? 'pruned' : 'whole';
    return { ...at, state: faults.length > 0 ? 'damaged' : sound, keptLeaves, faults };
  } finally {
    reader.close();
  }
}

function checkLeaves(reader: SegmentReader): { faults: string[]; keptLeaves: number } {
  const { table, firstPos, lastPos } = reader.footer;
  const faults: string[] = [];
  const seen = new Set<number>();
  let keptLeaves = 0;
  for (const leaf of table.keys()) {
    try {
      const content = reader.content(leaf);
      if (content === undefined) continue;
      keptLeaves += 1;
      for (const pos of positionsIn(content)) seen.add(pos);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      keptLeaves += 1;
      faults.push(error.message);
    }
  }
  const isWhole = keptLeaves === table.length && faults.length === 0;
  if (isWhole && seen.size !== lastPos - firstPos + 1) {
    faults.push(`it holds ${seen.size} entries of ${firstPos} to ${lastPos}`);
  }
  return { faults, keptLeaves };
}
