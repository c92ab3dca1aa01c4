import { join } from 'node:path';
import type { EventHeader } from '#contracts/envelope.ts';
import { evidenceWindowOf, pinsEvidence } from '#contracts/evidence.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { createBlockStore, type BlockStore } from '../journal/block-store.ts';
import { decodeBlock } from '../journal/block-codec.ts';
import { readEpoch } from '../journal/journal.ts';
import { journalMigrations } from '../journal/journal-schema.ts';
import { openDatabase, type Sqlite } from '../journal/open-database.ts';
import type { EvidenceIndex } from './evidence-index.ts';

/**
 * Draws pins from the journal, in the order of its events, from where it was: a crash forgets none.
 * It reads beside the gateway, so that posting an event costs nothing for being evidence.
 */
export class PinReader {
  readonly #db: Sqlite;
  readonly #index: EvidenceIndex;
  readonly #pinMs: number;
  readonly #cursor: () => number;
  #blocks: BlockStore | undefined;
  #journalledPos = 0;

  constructor(dataDir: string, index: EvidenceIndex, pinMs: number) {
    this.#db = openDatabase(join(dataDir, 'journal.db'), journalMigrations, 'read');
    this.#index = index;
    this.#pinMs = pinMs;
    const cursor = this.#db.prepare<[], { pos: number }>('SELECT pos FROM cursor');
    this.#cursor = () => cursor.get()?.pos ?? 0;
  }

  /** Every event that entries up to here caused has been seen. */
  get journalledPos(): number {
    return this.#journalledPos;
  }

  /** Reads one block at most. @returns whether there may be more. */
  advance(): boolean {
    // What is journalled later than this reading of the cursor is not counted on.
    const cursor = this.#cursor();
    const blocks = this.#open();
    if (blocks === undefined) return false;
    const seq = Number(this.#index.mark('journal-seq') ?? 0);
    const row = blocks.blockFrom(Math.max(seq + 1, blocks.oldestSeq()));
    if (row === undefined) {
      this.#journalledPos = cursor;
      return false;
    }
    const events = decodeBlock(row.text).slice(Math.max(0, seq + 1 - row.first_seq));
    this.#index.transact(() => {
      for (const { header, payload } of events) this.#take(header, payload);
      this.#index.setMark('journal-seq', row.last_seq);
    });
    return true;
  }

  close(): void {
    this.#db.close();
  }

  #open(): BlockStore | undefined {
    if (this.#blocks !== undefined) return this.#blocks;
    const epoch = readEpoch(this.#db);
    if (epoch === undefined) return undefined;
    if (this.#index.mark('journal-epoch') !== epoch.id) {
      this.#index.transact(() => {
        this.#index.setMark('journal-epoch', epoch.id);
        this.#index.setMark('journal-seq', 0);
      });
    }
    this.#blocks = createBlockStore(this.#db, epoch);
    return this.#blocks;
  }

  #take(header: string, payload: string): void {
    const kind = /"kind":"([a-z.-]+)"/.exec(header)?.[1] ?? '';
    if (pinsEvidence(kind)) this.#pin(JSON.parse(header) as EventHeader, payload);
    else if (kind === 'evidence.sealed' && !payload.startsWith('#')) {
      this.#remember(JSON.parse(payload) as EventPayload<'evidence.sealed'>);
    }
  }

  #pin(header: EventHeader, payload: string): void {
    const erased = payload.startsWith('#');
    const { device, ...window } = evidenceWindowOf(
      header,
      erased ? undefined : (JSON.parse(payload) as unknown),
    );
    const untilMs = header.receivedAt + this.#pinMs;
    this.#index.addPin({ ...window, device: device ?? '', untilMs });
  }

  /** A root that an index made anew does not have: its file is gone, its number is taken. */
  #remember({ segment, ...facts }: EventPayload<'evidence.sealed'>): void {
    if (this.#index.segment(segment) !== undefined) return;
    const gone = { fileBytes: 0, keptLeaves: 0, heldUntilMs: 0, prunedAtMs: null };
    this.#index.putSegment({ segment, firstMs: 0, lastMs: 0, ...facts, ...gone });
  }
}
