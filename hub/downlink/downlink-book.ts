import { encodeCanonical } from '#contracts/canonical.ts';
import {
  downlinkChunkBytes,
  type DownlinkEntry,
  type DownlinkOutcome,
  type DownlinkPull,
  type DownlinkReport,
  type SignedDownlinkEntry,
} from '#contracts/downlink.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import type { DownlinkTables } from './downlink-tables.ts';

/** How a gateway's log stands, and what the gateway last said of itself. */
export interface DownlinkState {
  readonly gateway: string;
  readonly latest: number;
  readonly settled: number;
  /** null: it has never asked. */
  readonly heardAt: number | null;
  readonly report: DownlinkReport;
}

/** What a pull found. */
export interface Pulled {
  readonly entry: SignedDownlinkEntry | null;
  readonly latest: number;
  readonly number: number;
  /** What it said is other than before. */
  readonly changed: boolean;
}

/** An entry of a log as somebody looks at it. */
export interface ListedEntry {
  readonly seq: number;
  readonly createdAt: number;
  readonly contentHash: string;
  /** null: the gateway has said nothing of it yet. */
  readonly outcome: DownlinkOutcome | null;
}

/** The logs as the store holds them. */
export class DownlinkBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Takes what a gateway said, unless it said something newer before, and finds what is next. */
  async pull(site: string, pull: DownlinkPull, nowMs: number): Promise<Pulled> {
    return await this.#store.write(async (tx) => {
      const db = tx.db.withTables<DownlinkTables>();
      const { gateway, number, settled } = pull;
      const row = await db
        .selectFrom('downlink_gateway')
        .selectAll()
        .where('gateway', '=', gateway)
        .executeTakeFirst();
      const report = encodeCanonical(pull.report);
      const counts = number > (row?.number ?? -1);
      if (counts) {
        const said = { site, settled, number, heard_at: nowMs, report };
        await db
          .insertInto('downlink_gateway')
          .values({ gateway, latest: 0, ...said })
          .onConflict((conflict) => conflict.column('gateway').doUpdateSet(said))
          .execute();
        for (const outcome of pull.outcomes) await record(tx, gateway, outcome);
      }
      const next = await db
        .selectFrom('downlink_entry')
        .select(['entry', 'signature'])
        .where('gateway', '=', gateway)
        .where('seq', '>', settled)
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst();
      const isNews = row?.report !== report || pull.outcomes.length > 0;
      return {
        entry: next === undefined ? null : signedEntry(next),
        latest: row?.latest ?? 0,
        number: counts ? number : (row?.number ?? 0),
        changed: counts && isNews,
      };
    });
  }

  /** A piece of the content of an entry; undefined where there is none. */
  async chunk(gateway: string, seq: number, offset: number): Promise<Uint8Array | undefined> {
    const row = await this.#read
      .selectFrom('downlink_entry')
      .innerJoin('downlink_content', 'downlink_content.hash', 'downlink_entry.content_hash')
      .select('content')
      .where('gateway', '=', gateway)
      .where('seq', '=', seq)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return Buffer.from(row.content, 'utf8').subarray(offset, offset + downlinkChunkBytes);
  }

  /** Gateways that have something to settle, with the latest entry of each. */
  async waiting(): Promise<{ gateway: string; latest: number }[]> {
    return await this.#read
      .selectFrom('downlink_gateway')
      .select(['gateway', 'latest'])
      .whereRef('latest', '>', 'settled')
      .execute();
  }

  /** By gateway; one that is not in it has no log and never asked. */
  async states(): Promise<Map<string, DownlinkState>> {
    const rows = await this.#read.selectFrom('downlink_gateway').selectAll().execute();
    return new Map(
      rows.map(({ gateway, latest, settled, heard_at: heardAt, report }) => {
        const said = report === null ? {} : (JSON.parse(report) as DownlinkReport);
        return [gateway, { gateway, latest, settled, heardAt, report: said }];
      }),
    );
  }

  /** The last entries of a kind in a gateway's log, newest first. */
  async entries(gateway: string, kind: string, limit: number): Promise<ListedEntry[]> {
    const rows = await this.#read
      .selectFrom('downlink_entry')
      .select(['seq', 'created_at', 'content_hash', 'outcome'])
      .where('gateway', '=', gateway)
      .where('kind', '=', kind)
      .orderBy('seq', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      seq: row.seq,
      createdAt: row.created_at,
      contentHash: row.content_hash,
      outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as DownlinkOutcome),
    }));
  }

  /** What became of an entry; undefined: its gateway has said nothing of it. */
  async outcome(gateway: string, seq: number): Promise<DownlinkOutcome | undefined> {
    const row = await this.#read
      .selectFrom('downlink_entry')
      .select('outcome')
      .where('gateway', '=', gateway)
      .where('seq', '=', seq)
      .executeTakeFirst();
    const text = row?.outcome ?? null;
    return text === null ? undefined : (JSON.parse(text) as DownlinkOutcome);
  }

  get #read() {
    return this.#store.read.withTables<DownlinkTables>();
  }
}

async function record(
  tx: WriteTransaction,
  gateway: string,
  outcome: DownlinkOutcome,
): Promise<void> {
  await tx.db
    .withTables<DownlinkTables>()
    .updateTable('downlink_entry')
    .set({ result: outcome.result, outcome: encodeCanonical(outcome) })
    .where('gateway', '=', gateway)
    .where('seq', '=', outcome.seq)
    .where('kind', '=', outcome.kind)
    .execute();
}

function signedEntry(row: { entry: string; signature: string }): SignedDownlinkEntry {
  return { entry: JSON.parse(row.entry) as DownlinkEntry, signature: row.signature };
}
