import type { Kysely } from 'kysely';
import { encodeCanonical } from '#contracts/canonical.ts';
import { recordedHash } from '../ledger/recorded-hash.ts';
import type { Database, LaneTable } from '../store/schema.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { JournalWriter } from './journal-writer.ts';
import { takeRotation } from './key-rotation.ts';
import type { GatewayKeys, Lane, LaneStore, LaneTransaction } from './lane-store.ts';
import { retireFormerKey } from './retire-former-key.ts';

/** With what else may be written in the same transaction. */
export interface SqlLaneTransaction extends LaneTransaction {
  readonly tx: WriteTransaction;
  readonly writer: JournalWriter;
}

/** Lanes in the hub's database, and ledger and projections with them. */
export class SqlLaneStore implements LaneStore<SqlLaneTransaction> {
  readonly #store: Store;
  /** Of one transaction at a time: whoever moves lanes waits for their turn. */
  readonly #writer = new JournalWriter();

  constructor(store: Store) {
    this.#store = store;
  }

  async lanes(): Promise<Lane[]> {
    const rows = await this.#store.read
      .selectFrom('lane')
      .innerJoin('epoch', (join) =>
        join.onRef('epoch.gateway', '=', 'lane.gateway').onRef('epoch.ordinal', '=', 'lane.epoch'),
      )
      .selectAll('lane')
      .select('epoch.id as epoch_id')
      .execute();
    return rows.map((row) => laneOf(row, row.epoch_id));
  }

  async gateways(): Promise<GatewayKeys[]> {
    const { read } = this.#store;
    const rows = await read.selectFrom('gateway').selectAll().execute();
    const former = await read.selectFrom('gateway_former_key').selectAll().execute();
    const rotations = await read
      .selectFrom('gateway_key_rotation')
      .selectAll()
      .where('retired_at', 'is', null)
      .execute();
    return rows.map(({ gateway, site, signing_key }) => ({
      gateway,
      site,
      key: signing_key,
      retiring: rotations.find((of) => of.gateway === gateway)?.former_key,
      former: former.filter((of) => of.gateway === gateway).map((of) => of.signing_key),
    }));
  }

  async lastPosition(): Promise<number> {
    const last = await this.#store.read
      .selectFrom('journal_event')
      .select((of) => of.fn.max('position').as('position'))
      .executeTakeFirst();
    return last?.position ?? 0;
  }

  async openLanes(gateways: readonly string[]): Promise<string[]> {
    const rows = await this.#store.read
      .selectFrom('lane')
      .select('gateway')
      .where('state', '=', 'open')
      .where('gateway', 'in', gateways)
      .execute();
    return rows.map(({ gateway }) => gateway);
  }

  recordedHash(at: Parameters<LaneStore['recordedHash']>[0]): Promise<string | undefined> {
    return recordedHash(this.#store.read, at);
  }

  isReplacement(lane: Lane, keyId: string): Promise<boolean> {
    return isReplacement(this.#store.read, lane, keyId);
  }

  async write<T>(work: (tx: SqlLaneTransaction) => Promise<T>): Promise<T> {
    const writer = this.#writer;
    try {
      return await this.#store.write(async (tx) => await work(transactionOf(tx, writer)));
    } catch (error) {
      writer.discard();
      throw error;
    }
  }
}

function transactionOf(tx: WriteTransaction, writer: JournalWriter): SqlLaneTransaction {
  const { db } = tx;
  return {
    tx,
    writer,
    async recordedHash(at) {
      return writer.pendingHash(at) ?? (await recordedHash(db, at));
    },
    isReplacement: (lane, keyId) => isReplacement(db, lane, keyId),
    async beginEpoch(identity, genesis, nowMs) {
      const { gateway, id, ordinal } = identity;
      await db.updateTable('epoch').set({ state: 'past' }).where('gateway', '=', gateway).execute();
      await db
        .insertInto('epoch')
        .values({
          gateway,
          ordinal,
          id,
          identity: encodeCanonical(identity),
          genesis_hash: genesis,
          state: 'current',
          first_seen_at: nowMs,
        })
        .execute();
    },
    saveLane: (lane, nowMs) => saveLane(tx, lane, nowMs),
    addEvent: (event, place) => writer.addEvent(tx, event, place),
    addBatch: (batch) => writer.addBatch(batch),
    putAside: (message) => writer.quarantine.addMessage(message),
    takeRotation: (rotation) => takeRotation(tx, rotation),
    retireFormerKey: (gateway, nowMs) => retireFormerKey(tx, gateway, nowMs),
    flush: () => writer.flush(tx),
  };
}

async function isReplacement(db: Kysely<Database>, lane: Lane, keyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('gateway_replacement')
    .select('created_at')
    .where('gateway', '=', lane.gateway)
    .where('key_id', '=', keyId)
    .where('parent_epoch', '=', lane.epoch)
    .where('parent_seq', '=', lane.committed)
    .executeTakeFirst();
  return row !== undefined;
}

function laneOf(row: LaneTable, epochId: string): Lane {
  return {
    gateway: row.gateway,
    site: row.site,
    epoch: row.epoch,
    epochId,
    committed: row.committed_seq,
    headHash: row.head_hash,
    halted: row.state === 'halted',
    reason: row.reason ?? undefined,
    receiptNumber: row.receipt_number,
  };
}

/** Receipts are numbered by the clock, and not each of them is written down. */
const receiptNumbersAhead = 10_000;

async function saveLane({ db }: WriteTransaction, lane: Lane, nowMs: number): Promise<void> {
  const row: LaneTable = {
    gateway: lane.gateway,
    site: lane.site,
    epoch: lane.epoch,
    committed_seq: lane.committed,
    head_hash: lane.headHash,
    receipt_number: Math.max(lane.receiptNumber, nowMs + receiptNumbersAhead),
    state: lane.halted ? 'halted' : 'open',
    reason: lane.reason ?? null,
    updated_at: nowMs,
  };
  await db
    .insertInto('lane')
    .values(row)
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet(row))
    .execute();
}
