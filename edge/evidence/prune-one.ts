import { existsSync } from 'node:fs';
import { Fault } from '#contracts/fault.ts';
import type { EvidenceDisk } from './evidence-disk.ts';
import type { EvidenceIndex, SegmentRow } from './evidence-index.ts';
import { pinnedLeaves } from './prune-segment.ts';
import { SegmentReader, segmentPath, SegmentWriter } from './segment-file.ts';

export interface PruneRoom {
  readonly budgetBytes: number;
  /** What the disk lacks to its floor; negative while it has room. */
  readonly shortBytes: number;
}

export interface PruneParts {
  readonly index: EvidenceIndex;
  readonly disk: EvidenceDisk;
  readonly folder: string;
  /** Later entries may still cause postings. */
  readonly journalledPos: number;
  readonly nowMs: number;
  readonly room: PruneRoom;
}

/**
 * Gives up the least valuable leaves of one segment, when there are more bytes than allowed: what no
 * pin holds, oldest first. Only when nothing else is left does pinned evidence go, and says so. The
 * root stays. @returns whether anything was freed.
 */
export function pruneOne(parts: PruneParts): boolean {
  const { index, journalledPos, nowMs, room } = parts;
  const { bytes } = index.totals();
  if (bytes <= room.budgetBytes && room.shortBytes <= 0) return false;
  const row = index.prunableSegment(nowMs, journalledPos);
  if (row !== undefined) {
    prune(parts, row, false);
    return true;
  }
  const pinned = index.oldestFile(journalledPos);
  if (pinned === undefined) return false;
  prune(parts, pinned, true);
  return true;
}

function prune(parts: PruneParts, row: SegmentRow, pinned: boolean): void {
  const { folder, index, nowMs } = parts;
  const path = segmentPath(folder, row.segment);
  const pins = pinned ? [] : index.pinsOn(row, nowMs);
  const kept = pins.length === 0 ? undefined : keepPinned(parts, row, path, pins);
  const { fileBytes, keptLeaves, heldUntilMs } = kept ?? {
    fileBytes: 0,
    keptLeaves: 0,
    heldUntilMs: 0,
  };
  index.transact(() => {
    if (keptLeaves === row.keptLeaves) {
      // All of it is pinned: nothing went, so nothing is said.
      index.putSegment({ ...row, heldUntilMs });
      return;
    }
    index.putSegment({ ...row, fileBytes, keptLeaves, heldUntilMs, prunedAtMs: nowMs });
    const freedBytes = Math.max(0, row.fileBytes - fileBytes);
    const { root, segment } = row;
    const payload = { freedBytes, keptLeaves, pinned, root, segment };
    index.addNotice({ kind: 'evidence.pruned', payload });
  });
  if (fileBytes > 0) return;
  // The index says so first: a file that outlives a crash here is removed at the next start.
  parts.disk.remove(path);
  parts.disk.syncFolder(folder);
}

type Kept = Pick<SegmentRow, 'fileBytes' | 'keptLeaves' | 'heldUntilMs'>;

/** Writes the segment anew with its pinned leaves alone; undefined when there are none. */
function keepPinned(
  { disk }: PruneParts,
  row: SegmentRow,
  path: string,
  pins: Parameters<typeof pinnedLeaves>[1],
): Kept | undefined {
  const held = { fileBytes: row.fileBytes, keptLeaves: row.keptLeaves };
  if (!existsSync(path)) return undefined;
  const reader = readerOf(path, row.root);
  // A damaged file is kept as long as its pins: some of it may still be of use.
  if (reader === undefined) {
    return { ...held, heldUntilMs: Math.max(...pins.map(({ untilMs }) => untilMs)) };
  }
  try {
    const { leaves, untilMs } = pinnedLeaves(reader, pins);
    if (leaves.size === 0) return undefined;
    if (leaves.size === row.keptLeaves) return { ...held, heldUntilMs: untilMs };
    const { v: _, segment, table, ...facts } = reader.footer;
    const writer = new SegmentWriter(disk, path);
    for (const [index, leaf] of table.entries()) {
      const frame = leaves.has(index) ? reader.frame(index) : undefined;
      if (frame === undefined) writer.addPruned(leaf);
      else writer.addFrame(leaf, frame);
    }
    const fileBytes = writer.seal(segment, facts);
    return { fileBytes, keptLeaves: leaves.size, heldUntilMs: untilMs };
  } finally {
    reader.close();
  }
}

function readerOf(path: string, root: string): SegmentReader | undefined {
  try {
    return new SegmentReader(path, root);
  } catch (error) {
    if (error instanceof Fault && error.code === 'STORE_BROKEN') return undefined;
    throw error;
  }
}
