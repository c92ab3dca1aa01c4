import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvidenceRequest } from '#contracts/evidence.ts';
import { openIntakeStore, type IntakeStore } from '../intake/intake-store.ts';
import { answerRequest, type EvidenceAnswer } from './answer-request.ts';
import { nodeDisk, type EvidenceDisk } from './evidence-disk.ts';
import { openEvidenceIndex, type EvidenceIndex, type WaitingNotice } from './evidence-index.ts';
import { PinReader, type PinOptions } from './pin-reader.ts';
import { pruneOne, type PruneRoom } from './prune-one.ts';
import { Sealer } from './sealer.ts';
import { defaultLimits, type CutLimits, type SegmentFacts } from './segment-cutter.ts';
import { SegmentReader, segmentOfName } from './segment-file.ts';

export interface KeeperOptions extends PinOptions {
  readonly budgetBytes: number;
  /** Free bytes of the disk below which evidence makes room, and what is free. */
  readonly floorBytes: number;
  readonly freeBytes: () => number;
  readonly limits?: CutLimits;
  readonly disk?: EvidenceDisk;
}

export interface KeeperStatus {
  /** Entries up to here are in a segment that is on disk, or given up with an event. */
  readonly coveredPos: number;
  readonly files: number;
  readonly bytes: number;
  readonly pruned: number;
  readonly pins: number;
}

const expirePinsEveryMs = 3_600_000;

/** Where segment files lie. */
export function segmentFolder(dataDir: string): string {
  return join(dataDir, 'evidence');
}

/**
 * Keeps raw evidence: seals the intake log into segments, pins what postings stand on, prunes for
 * the budget, answers for what is there. Synchronous and in small steps, for a thread of its own.
 *
 * @throws Fault as the stores do.
 */
export class EvidenceKeeper {
  readonly #options: KeeperOptions;
  readonly #folder: string;
  readonly #disk: EvidenceDisk;
  readonly #index: EvidenceIndex;
  readonly #intake: IntakeStore;
  readonly #pins: PinReader;
  readonly #sealer: Sealer;
  #handedOut = 0;
  #caughtUp = false;
  #expirePinsAtMs = 0;

  constructor(options: KeeperOptions, nowMs: number) {
    const { dataDir, disk = nodeDisk, limits = defaultLimits } = options;
    this.#options = options;
    this.#disk = disk;
    this.#folder = segmentFolder(dataDir);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#index = openEvidenceIndex(dataDir);
    this.#settle(nowMs);
    this.#intake = openIntakeStore(join(dataDir, 'intake.db'), 'read');
    this.#pins = new PinReader(options, this.#index);
    this.#sealer = new Sealer({
      intake: this.#intake,
      index: this.#index,
      folder: this.#folder,
      disk,
      limits,
    });
  }

  /**
   * One step of each kind of work. While devices send much, reading and sealing wait (`mayRead`), as
   * long as the disk has room; making room does not. @returns whether there is more to do at once.
   */
  advance(nowMs: number, mayRead = true): boolean {
    if (nowMs >= this.#expirePinsAtMs) {
      this.#index.expirePins(nowMs);
      this.#expirePinsAtMs = nowMs + expirePinsEveryMs;
    }
    const room = this.#room();
    const morePins = (mayRead || room.shortBytes > 0) && this.#pins.advance();
    // Where the index is new, the journal knows which numbers are taken: it is read first.
    this.#caughtUp ||= mayRead && !morePins;
    if (!this.#caughtUp) return mayRead;
    const moreEntries = mayRead && this.#sealer.advance();
    const morePruned = this.#prune(nowMs, room);
    return morePins || moreEntries || morePruned;
  }

  /** Gives up on entries up to `pos` that are not sealed: the intake log has no room for them. */
  giveUp(pos: number): void {
    this.#sealer.giveUp(pos, 'intake-budget');
  }

  /** What is to be said and was not handed out before; until `noted`, a new keeper says it again. */
  takeNotices(): WaitingNotice[] {
    const waiting = this.#index.noticesAfter(this.#handedOut);
    this.#handedOut = waiting.at(-1)?.id ?? this.#handedOut;
    return waiting;
  }

  /** A notice is in the intake log. */
  noted(id: number): void {
    this.#index.dropNotice(id);
  }

  answer(request: EvidenceRequest): EvidenceAnswer {
    const { coveredPos } = this.#sealer;
    return answerRequest(
      { index: this.#index, intake: this.#intake, folder: this.#folder, coveredPos },
      request,
    );
  }

  status(): KeeperStatus {
    const { coveredPos } = this.#sealer;
    return { coveredPos, ...this.#index.totals(), pins: this.#index.pinCount() };
  }

  close(): void {
    this.#sealer.close();
    this.#pins.close();
    this.#intake.close();
    this.#index.close();
  }

  #room(): PruneRoom {
    const { budgetBytes, floorBytes, freeBytes } = this.#options;
    return { budgetBytes, shortBytes: floorBytes - freeBytes() };
  }

  #prune(nowMs: number, room: PruneRoom): boolean {
    return pruneOne({
      index: this.#index,
      disk: this.#disk,
      folder: this.#folder,
      journalledPos: this.#pins.journalledPos,
      nowMs,
      room,
    });
  }

  /** After a crash, files and index are made to agree; files that are whole are believed. */
  #settle(nowMs: number): void {
    const found = new Set<number>();
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith('.new')) this.#disk.remove(path);
      const segment = segmentOfName(name);
      if (segment === undefined) continue;
      found.add(segment);
      this.#settleFile(segment, path, nowMs);
    }
    for (let after = 0; ;) {
      const rows = this.#index.segmentsAfter(after, 1000);
      for (const row of rows) {
        if (row.fileBytes > 0 && !found.has(row.segment)) {
          this.#index.putSegment({ ...row, fileBytes: 0, keptLeaves: 0 });
        }
      }
      after = rows.at(-1)?.segment ?? after;
      if (rows.length < 1000) break;
    }
  }

  #settleFile(segment: number, path: string, nowMs: number): void {
    const row = this.#index.segment(segment);
    if (row?.fileBytes === statSync(path).size) return;
    if (row !== undefined && row.prunedAtMs !== null && row.fileBytes === 0) {
      this.#disk.remove(path);
      return;
    }
    const reader = readerOf(path, row?.root);
    // Left where it is: `evidence verify` says what is wrong with it.
    if (reader === undefined) return;
    const { v: _, segment: own, table, ...facts } = reader.footer;
    reader.close();
    if (own !== segment) return;
    const keptLeaves = table.filter(({ offset }) => offset !== null).length;
    const { fileBytes } = reader;
    const gone = keptLeaves < (row?.keptLeaves ?? table.length);
    const prunedAtMs = gone ? nowMs : (row?.prunedAtMs ?? null);
    this.#index.transact(() => {
      const { root } = facts;
      this.#index.putSegment({
        segment,
        ...facts,
        fileBytes,
        keptLeaves,
        heldUntilMs: row?.heldUntilMs ?? 0,
        prunedAtMs,
      });
      if (row === undefined) this.#addSealed(segment, facts);
      if (!gone) return;
      const payload = { freedBytes: 0, keptLeaves, pinned: false, root, segment };
      this.#index.addNotice({ kind: 'evidence.pruned', payload });
    });
  }

  #addSealed(segment: number, facts: SegmentFacts): void {
    const { entries, bytes, leaves, root, firstPos, lastPos } = facts;
    const payload = { bytes, entries, firstPos, lastPos, leaves, root, segment };
    this.#index.addNotice({ kind: 'evidence.sealed', payload });
    const next = Math.max(Number(this.#index.mark('next-pos') ?? 1), lastPos + 1);
    this.#index.setMark('next-pos', next);
  }
}

function readerOf(path: string, root: string | undefined): SegmentReader | undefined {
  try {
    return new SegmentReader(path, root);
  } catch {
    return undefined;
  }
}
