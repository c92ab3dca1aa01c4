import { join } from 'node:path';
import type { EventHeader, StoredEvent } from '#contracts/envelope.ts';
import { evidenceWindowOf } from '#contracts/evidence-bounds.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { decodeBlock } from '../journal/block-codec.ts';
import { prepareBlockRows, type BlockRows } from '../journal/block-rows.ts';
import { readEpoch } from '../journal/epoch-file.ts';
import { journalMigrations } from '../journal/journal-schema.ts';
import { openDatabase, type Sqlite } from '../journal/open-database.ts';
import type { EvidenceIndex } from './evidence-index.ts';

export interface PinOptions {
  /** The gateway's data folder, with `intake.db` and `journal.db` in it. */
  readonly dataDir: string;
  /** How long evidence of postings and excursions is kept, from the receipt of its last entry. */
  readonly pinMs: number;
  /** Their kinds. Given, because the registry with its schemas is half the memory of a thread. */
  readonly pinnedKinds: readonly string[];
}

/** A commit at least this often, so that a crash has little to read again. */
const saveEvents = 20_000;

/**
 * Draws pins from the journal, in the order of its events, from where it was: a crash forgets none.
 * It reads beside the gateway, so that posting an event costs nothing for being evidence.
 */
export class PinReader {
  readonly #db: Sqlite;
  readonly #index: EvidenceIndex;
  readonly #pinMs: number;
  readonly #pinnedKinds: ReadonlySet<string>;
  readonly #cursor: () => number;
  #blocks: BlockRows | undefined;
  #journalledPos = 0;
  /** The last event that was read, and the last that the index knows of. */
  #seq = 0;
  #savedSeq = 0;

  constructor({ dataDir, pinMs, pinnedKinds }: PinOptions, index: EvidenceIndex) {
    this.#db = openDatabase(join(dataDir, 'journal.db'), journalMigrations, 'read');
    this.#index = index;
    this.#pinMs = pinMs;
    this.#pinnedKinds = new Set(pinnedKinds);
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
    const row = blocks.blockFrom(Math.max(this.#seq + 1, blocks.oldestSeq()));
    if (row === undefined) {
      this.#journalledPos = cursor;
      return false;
    }
    const events = decodeBlock(row.text).slice(Math.max(0, this.#seq + 1 - row.first_seq));
    const telling = events.filter(({ header }) => this.#isTelling(kindOf(header)));
    const isDue = row.last_seq - this.#savedSeq >= saveEvents;
    if (telling.length > 0 || isDue) this.#save(telling, row.last_seq);
    this.#seq = row.last_seq;
    return true;
  }

  close(): void {
    this.#db.close();
  }

  #open(): BlockRows | undefined {
    if (this.#blocks !== undefined) return this.#blocks;
    const epoch = readEpoch(this.#db);
    if (epoch === undefined) return undefined;
    if (this.#index.mark('journal-epoch') !== epoch.id) {
      this.#index.transact(() => {
        this.#index.setMark('journal-epoch', epoch.id);
        this.#index.setMark('journal-seq', 0);
      });
    }
    this.#seq = this.#savedSeq = Number(this.#index.mark('journal-seq') ?? 0);
    this.#blocks = prepareBlockRows(this.#db);
    return this.#blocks;
  }

  #isTelling(kind: string): boolean {
    return kind === 'evidence.sealed' || this.#pinnedKinds.has(kind);
  }

  /** To read an event again does no harm: where nothing is to be kept, a commit can wait. */
  #save(events: readonly StoredEvent[], seq: number): void {
    this.#index.transact(() => {
      for (const { header, payload } of events) this.#take(header, payload);
      this.#index.setMark('journal-seq', seq);
    });
    this.#savedSeq = seq;
  }

  #take(header: string, payload: string): void {
    if (this.#pinnedKinds.has(kindOf(header))) {
      this.#pin(JSON.parse(header) as EventHeader, payload);
    } else if (!payload.startsWith('#')) {
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

function kindOf(header: string): string {
  return /"kind":"([a-z.-]+)"/.exec(header)?.[1] ?? '';
}
