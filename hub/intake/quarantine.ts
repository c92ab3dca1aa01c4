import type {
  LaneQuarantineTable,
  QuarantineCountTable,
  QuarantineReason,
} from '../store/schema.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { sha256OfBytes } from './wire-crypto.ts';

/** Why a whole message is put aside. */
export type MessageFault = Exclude<QuarantineReason, 'poison'>;

const headBytes = 4096;

/**
 * What is kept of each gateway for each reason: the first ones, because they show how it began, and
 * so that a flood can push nothing out. Of the rest nothing is lost: a gateway holds what was not
 * taken, and poison stands in the journal. Everything is counted.
 */
export const keptForEach = 200;

interface PutAside {
  readonly gateway: string;
  readonly site: string;
  readonly detail: string;
  readonly receivedAt: number;
}

/** A message that could not be taken, or not into the journal. */
export interface AsideMessage extends PutAside {
  readonly reason: MessageFault;
  readonly data: Uint8Array;
}

/** What is put aside within one transaction; nothing of it is written or counted before `flush`. */
export class Quarantine {
  #rows: LaneQuarantineTable[] = [];

  /**
   * A message that could not be taken. The same bytes for the same reason are kept once; a message
   * that comes twice is counted twice.
   */
  addMessage(of: AsideMessage): void {
    const sha256 = sha256OfBytes(of.data);
    this.#add(`${of.gateway}/${of.reason}/${sha256}`, of, sha256);
  }

  /** A journalled event that makes no sense; its full text stands in the journal as well. */
  addEvent(of: PutAside & { readonly event: string; readonly text: string }): void {
    const data = Buffer.from(of.text);
    this.#add(of.event, { ...of, reason: 'poison', data }, sha256OfBytes(data));
  }

  async flush(tx: WriteTransaction): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    const counters = Map.groupBy(rows, (row) => `${countedUnder(row)}/${row.reason}`);
    for (const [, counted] of counters) await record(tx, counted);
  }

  discard(): void {
    this.#rows = [];
  }

  #add(
    id: string,
    of: PutAside & { readonly reason: QuarantineReason; readonly data: Uint8Array },
    sha256: string,
  ): void {
    this.#rows.push({
      id,
      gateway: of.gateway,
      site: of.site,
      reason: of.reason,
      received_at: of.receivedAt,
      bytes: of.data.length,
      sha256,
      head: of.data.slice(0, headBytes),
      detail: of.detail.slice(0, 400),
    });
  }
}

/** All counts, those of unregistered senders under the empty name. */
export async function queryQuarantine(
  read: Store['read'],
): Promise<readonly QuarantineCountTable[]> {
  return await read
    .selectFrom('quarantine_count')
    .selectAll()
    .orderBy('gateway')
    .orderBy('reason')
    .execute();
}

/** Whoever is not registered may invent names: no name of theirs makes a counter. */
function countedUnder({ gateway, reason }: LaneQuarantineTable): string {
  return reason === 'unknown-gateway' ? '' : gateway;
}

/** Keeps what there is room for and counts all of it, under one gateway and reason. */
async function record(
  { db }: WriteTransaction,
  rows: readonly LaneQuarantineTable[],
): Promise<void> {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return;
  const gateway = countedUnder(first);
  const { reason } = first;
  const before = await db
    .selectFrom('quarantine_count')
    .select(['total', 'kept', 'first_at'])
    .where('gateway', '=', gateway)
    .where('reason', '=', reason)
    .executeTakeFirst();
  let kept = before?.kept ?? 0;
  for (const row of rows) {
    if (kept >= keptForEach) break;
    const { numInsertedOrUpdatedRows: added } = await db
      .insertInto('lane_quarantine')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst();
    kept += Number(added ?? 0n);
  }
  const count: QuarantineCountTable = {
    gateway,
    reason,
    total: (before?.total ?? 0) + rows.length,
    kept,
    first_at: before?.first_at ?? first.received_at,
    last_at: last.received_at,
    last_detail: last.detail,
  };
  await db
    .insertInto('quarantine_count')
    .values(count)
    .onConflict((conflict) => conflict.columns(['gateway', 'reason']).doUpdateSet(count))
    .execute();
}
