import type { EventPayload } from '#contracts/event-kinds.ts';
import { decodeBatch } from '../intake/entry-codec.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import type { IntakeStore } from '../intake/intake-store.ts';
import type { EvidenceDisk } from './evidence-disk.ts';
import type { EvidenceIndex } from './evidence-index.ts';
import { SegmentCutter, type CutLimits, type SegmentFacts } from './segment-cutter.ts';
import { segmentPath, SegmentWriter } from './segment-file.ts';

export interface SealerParts {
  readonly intake: IntakeStore;
  readonly index: EvidenceIndex;
  readonly folder: string;
  readonly disk: EvidenceDisk;
  readonly limits: CutLimits;
}

/** Entries of one step, about: what an answer or a stop may have to wait for. */
const stepEntries = 2000;

/**
 * Turns the intake log into segment files, in order. A crash at any step leaves either a whole file
 * or none: what was not sealed is still in the intake log, and is cut the same way again.
 */
export class Sealer {
  readonly #parts: SealerParts;
  #cutter: SegmentCutter;
  #writer: SegmentWriter | undefined;
  #segment: number;
  /** The next entry to be read. */
  #at: number;
  /** The first entry that no segment covers. */
  #uncovered: number;

  constructor(parts: SealerParts) {
    this.#parts = parts;
    this.#cutter = new SegmentCutter(parts.limits);
    this.#at = this.#uncovered = Number(parts.index.mark('next-pos') ?? 1);
    this.#segment = 0;
  }

  get coveredPos(): number {
    return this.#uncovered - 1;
  }

  /**
   * Takes some entries. After an error it begins again behind the last segment.
   *
   * @returns whether there are more.
   */
  advance(): boolean {
    try {
      return this.#advance();
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  #advance(): boolean {
    const { intake } = this.#parts;
    const last = intake.lastPos();
    let taken = 0;
    while (this.#at <= last && taken < stepEntries) {
      const batch = intake.batchHolding(this.#at);
      if (batch === undefined) {
        this.#leap(intake.firstPos());
        continue;
      }
      for (const entry of decodeBatch(batch.bytes, batch.firstPos)) {
        if (entry.pos < this.#at) continue;
        this.#take(entry);
        taken += 1;
      }
    }
    return this.#at <= last;
  }

  /** Entries up to `pos` that are not covered are given up, and that is said. */
  giveUp(pos: number, reason: EventPayload<'evidence.lost'>['reason']): void {
    const { index } = this.#parts;
    const firstPos = this.#uncovered;
    if (pos < firstPos) return;
    this.#abandon();
    index.transact(() => {
      index.setMark('next-pos', pos + 1);
      index.addNotice({ kind: 'evidence.lost', payload: { firstPos, lastPos: pos, reason } });
    });
    this.#at = this.#uncovered = pos + 1;
  }

  close(): void {
    this.#abandon();
  }

  #take(entry: IntakeEntry): void {
    const step = this.#cutter.add(entry);
    for (const leaf of step.leaves) (this.#writer ??= this.#begin()).add(leaf);
    if (step.closed !== undefined) {
      this.#seal(step.closed);
      this.#take(entry);
      return;
    }
    this.#at = entry.pos + 1;
  }

  #begin(): SegmentWriter {
    const { disk, folder, index } = this.#parts;
    this.#segment = (index.newestSegment()?.segment ?? 0) + 1;
    return new SegmentWriter(disk, segmentPath(folder, this.#segment));
  }

  #seal(facts: SegmentFacts): void {
    const { index } = this.#parts;
    const segment = this.#segment;
    const fileBytes = this.#writer?.seal(segment, facts) ?? 0;
    this.#writer = undefined;
    const { bytes, entries, firstPos, lastPos, leaves, root } = facts;
    index.transact(() => {
      const state = { fileBytes, keptLeaves: leaves, heldUntilMs: 0, prunedAtMs: null };
      index.putSegment({ segment, ...facts, ...state });
      index.setMark('next-pos', lastPos + 1);
      const payload = { bytes, entries, firstPos, lastPos, leaves, root, segment };
      index.addNotice({ kind: 'evidence.sealed', payload });
    });
    this.#uncovered = lastPos + 1;
  }

  /** The log begins later than what comes next: of an older release, or of a restored copy. */
  #leap(firstPos: number): void {
    const pos = Math.max(firstPos, this.#at + 1) - 1;
    // Before the first segment nobody promised to keep anything.
    if (this.#parts.index.newestSegment() !== undefined) {
      this.giveUp(pos, 'intake-missing');
      return;
    }
    this.#abandon();
    this.#parts.index.setMark('next-pos', pos + 1);
    this.#at = this.#uncovered = pos + 1;
  }

  #abandon(): void {
    this.#writer?.abandon();
    this.#writer = undefined;
    this.#cutter = new SegmentCutter(this.#parts.limits);
    this.#at = this.#uncovered;
  }
}
