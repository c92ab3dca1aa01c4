import type { Kysely } from 'kysely';
import type { DownlinkTables } from '../downlink/downlink-tables.ts';
import type { Database } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { TransferTables } from './transfer-tables.ts';
import { comingTo, ofThings, settledTo, type Word } from './transfer-words.ts';

/** Gateways that have to be told everything anew: boxes in the place of others, and who refused. */

/** What is over is known at gateways for this long. */
const settledForMs = 90 * 24 * 3_600_000;

type Tables = TransferTables & DownlinkTables;

/**
 * Forgets what a gateway was told: a new box begins with the book of the one before it, and a gateway
 * that refused knows nothing of it.
 *
 * @param dueMs not before then
 * @param seq of the last entry that it refused
 */
export async function tellAgain(
  { db }: Pick<WriteTransaction, 'db'>,
  gateway: string,
  dueMs = 0,
  seq?: number,
): Promise<void> {
  const tables = db.withTables<Tables>();
  await tables.deleteFrom('transfer_notice').where('gateway', '=', gateway).execute();
  const of = { due_at: dueMs, ...(seq !== undefined && { refused_seq: seq }) };
  await tables
    .insertInto('transfer_again')
    .values({ gateway, refused_seq: 0, ...of })
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet(of))
    .execute();
}

/** Gateways that refused since they were looked at last, as one does that knows no transfers yet. */
export async function refusedAnew(
  db: Kysely<Database>,
): Promise<{ readonly gateway: string; readonly seq: number }[]> {
  const rows = await db
    .withTables<Tables>()
    .selectFrom('downlink_entry')
    .leftJoin('transfer_again', 'transfer_again.gateway', 'downlink_entry.gateway')
    .select(['downlink_entry.gateway', 'refused_seq'])
    .select((row) => row.fn.max<number>('seq').as('seq'))
    .where('result', '=', 'refused')
    .where('kind', '=', 'transfers')
    .groupBy(['downlink_entry.gateway', 'refused_seq'])
    .execute();
  return rows
    .filter(({ refused_seq, seq }) => seq > (refused_seq ?? 0))
    .map(({ gateway, seq }) => ({ gateway, seq }));
}

/** Who is to be told everything now, and who not before some time has passed. */
export async function dueAgain(
  db: Kysely<Database>,
  nowMs: number,
): Promise<{ readonly due: readonly string[]; readonly later: ReadonlySet<string> }> {
  const rows = await db
    .withTables<Tables>()
    .selectFrom('transfer_again')
    .select(['gateway', 'due_at'])
    .where('due_at', 'is not', null)
    .execute();
  const isDue = (dueMs: number | null) => (dueMs ?? 0) <= nowMs;
  return {
    due: rows.filter(({ due_at }) => isDue(due_at)).map(({ gateway }) => gateway),
    later: new Set(rows.filter(({ due_at }) => !isDue(due_at)).map(({ gateway }) => gateway)),
  };
}

/** What is found by looking at changes alone; what is open or missing is looked for anyway. */
export async function againFor(db: Kysely<Database>, gateways: readonly string[]): Promise<Word[]> {
  const words: Word[] = [];
  for (const gateway of gateways) {
    const shared = await db
      .selectFrom('thing_at')
      .innerJoin('thing_at as other', 'other.thing', 'thing_at.thing')
      .select('thing_at.thing')
      .distinct()
      .where('thing_at.gateway', '=', gateway)
      .where('thing_at.place', '<>', '')
      .where('other.gateway', '<>', gateway)
      .where('other.place', '<>', '')
      .execute();
    const coming = await db
      .selectFrom('transfer_thing')
      .innerJoin('thing_at', 'thing_at.thing', 'transfer_thing.thing')
      .select('thing_at.thing')
      .distinct()
      .where('thing_at.gateway', '=', gateway)
      .where('thing_at.place', '<>', '')
      .execute();
    const things = new Set([...shared, ...coming].map(({ thing }) => thing));
    const found = await ofThings(db, [...things]);
    words.push(...found.filter((word) => word.gateway === gateway));
    words.push(...(await sentFrom(db, gateway)), ...(await settledOf(db, gateway)));
  }
  return words;
}

/** What is on its way from there: a box in the place of another one knows nothing of it. */
async function sentFrom(db: Kysely<Database>, gateway: string): Promise<Word[]> {
  const rows = await db
    .selectFrom('transfer')
    .selectAll()
    .where('from_gateway', '=', gateway)
    .where('state', '=', 'open')
    .where('content', 'is not', null)
    .orderBy('position')
    .execute();
  return rows.map((row) => comingTo(gateway, row));
}

/** They were told all of it. */
export async function toldAgain({ db }: WriteTransaction, gateways: readonly string[]) {
  for (const gateway of gateways) {
    await db
      .withTables<Tables>()
      .updateTable('transfer_again')
      .set({ due_at: null })
      .where('gateway', '=', gateway)
      .execute();
  }
}

/** It may have known of them before it was another box, or of another release. */
async function settledOf(db: Kysely<Database>, gateway: string): Promise<Word[]> {
  const { newest } = await db
    .selectFrom('transfer')
    .select((row) => row.fn.max<number | null>('sent_at').as('newest'))
    .executeTakeFirstOrThrow();
  const rows = await db
    .selectFrom('transfer')
    .select(['id', 'sent_at'])
    .where('state', '=', 'settled')
    .where('sent_at', '>=', (newest ?? 0) - settledForMs)
    .where((row) => row.or([row('from_gateway', '=', gateway), row('to_gateway', '=', gateway)]))
    .execute();
  return rows.map((row) => settledTo(gateway, row));
}
