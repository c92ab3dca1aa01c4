import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';
import { laneEnds } from '#contracts/posting.ts';
import type { TransferNotice } from '#contracts/transfers.ts';
import { appendDownlink, type DownlinkAuthor } from '../downlink/append-downlink.ts';
import type { Database } from '../store/schema.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import { againFor, dueAgain, refusedAnew, toldAgain, tellAgain } from './tell-again.ts';
import type { TransferTables } from './transfer-tables.ts';
import { comingTo, ofThings, settledTo, type Word } from './transfer-words.ts';

const lookEveryMs = 1_000;
const changesAtOnce = 2_000;
const noticesAtOnce = 500;
/** An entry of the downlink stays far below its limit. */
const bytesAtOnce = 2 * 1_048_576;
/** What a gateway refused it is told anew after this long. */
const askAgainMs = 15 * 60_000;
/** The journal of the gateway that it left may be behind that of the one where it arrived. */
const missingAfterMs = 5 * 60_000;

/**
 * Tells gateways of goods between them: what is coming, what another one has that their book still
 * has, what is settled. It posts nothing: each gateway does, by its own book. Whatever dies in
 * between, each is told at least once, and the same word twice changes nothing there.
 */
export class TransferDesk {
  readonly #store: Store;
  readonly #author: DownlinkAuthor;
  readonly #sent: () => void;
  readonly #log: Logger;
  /** What is missing, and since when this process knows. */
  #missing = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(of: {
    readonly store: Store;
    readonly author: DownlinkAuthor;
    /** Something waits in downlinks. */
    readonly sent: () => void;
    readonly log: Logger;
  }) {
    this.#store = of.store;
    this.#author = of.author;
    this.#sent = of.sent;
    this.#log = of.log;
  }

  start(): void {
    this.#timer = setInterval(() => this.#lookSoon(), lookEveryMs);
    this.#lookSoon();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Tells what is new; nothing is written where nothing is. */
  async look(): Promise<void> {
    const { read } = this.#store;
    await this.#wait(await refusedAnew(read));
    const again = await dueAgain(read, this.#author.clock.nowMs());
    const from = await cursorOf(read);
    const changed = await changedSince(read, from);
    const words = [
      ...(await untold(read)),
      ...this.#longMissing(await missing(read)),
      ...(await ofThings(read, changed.things)),
      ...(await settled(read, changed.transfers)),
      ...(await againFor(read, again.due)),
    ].filter(({ gateway }) => !again.later.has(gateway));
    const fresh = await notTold(read, words);
    const isNews = changed.position !== from || again.due.length > 0;
    if (fresh.length === 0 && !isNews) return;
    await this.#store.write(async (tx) => {
      await this.#tell(tx, fresh);
      await toldAgain(tx, again.due);
      await moveCursor(tx, changed.position);
    });
    if (fresh.length === 0) return;
    this.#log.info({ notices: fresh.length }, 'transfers.told');
    this.#sent();
  }

  /** A gateway of the release before knows no transfers: it is told once it does. */
  async #wait(refused: Awaited<ReturnType<typeof refusedAnew>>): Promise<void> {
    if (refused.length === 0) return;
    const dueMs = this.#author.clock.nowMs() + askAgainMs;
    await this.#store.write(async (tx) => {
      for (const { gateway, seq } of refused) await tellAgain(tx, gateway, dueMs, seq);
    });
    this.#log.warn({ gateways: refused.map(({ gateway }) => gateway) }, 'transfers.refused');
  }

  #lookSoon(): void {
    this.#looking ??= this.look()
      .catch((error: unknown) => {
        this.#log.error({ reason: messageOf(error) }, 'transfers.not-told');
      })
      .finally(() => (this.#looking = undefined));
  }

  /** Lanes of gateways are not equally far: what is missing now may be on its way here. */
  #longMissing(words: readonly Word[]): Word[] {
    const nowMs = this.#author.clock.nowMs();
    const before = this.#missing;
    this.#missing = new Map(words.map(({ key }) => [key, before.get(key) ?? nowMs]));
    return words.filter(({ key }) => nowMs - (this.#missing.get(key) ?? nowMs) >= missingAfterMs);
  }

  async #tell(tx: WriteTransaction, words: readonly Word[]): Promise<void> {
    const told_at = this.#author.clock.nowMs();
    const sites = await sitesOf(tx.db);
    for (const [gateway, some] of Map.groupBy(words, (word) => word.gateway)) {
      const site = sites.get(gateway);
      // Who is not registered is told once they are.
      if (site === undefined) continue;
      for (const { key } of some) {
        await tx.db
          .withTables<TransferTables>()
          .insertInto('transfer_notice')
          .values({ gateway, key, told_at })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
      for (const part of parts(some.map(({ notice }) => notice))) {
        const content = JSON.stringify(part);
        await appendDownlink(tx, this.#author, { site, gateway }, 'transfers', content);
      }
    }
  }
}

/** Of what is open, the gateway where it goes. */
async function untold(db: Kysely<Database>): Promise<Word[]> {
  const rows = await db
    .withTables<TransferTables>()
    .selectFrom('transfer')
    .innerJoin('gateway', 'gateway.gateway', 'transfer.to_gateway')
    .selectAll('transfer')
    .where('transfer.state', '=', 'open')
    .where('content', 'is not', null)
    .where('gateway.revoked_at', 'is', null)
    .where((row) =>
      row.not(
        row.exists(
          row
            .selectFrom('transfer_notice')
            .select('key')
            .whereRef('transfer_notice.gateway', '=', 'transfer.to_gateway')
            .whereRef('transfer_notice.key', '=', 'transfer.id'),
        ),
      ),
    )
    .orderBy('position')
    .limit(noticesAtOnce)
    .execute();
  return rows.map((row) => comingTo(row.to_gateway, row));
}

/** Both ends, and whoever else was told of it. */
async function settled(db: Kysely<Database>, transfers: readonly string[]): Promise<Word[]> {
  const words: Word[] = [];
  for (const id of transfers) {
    const row = await db
      .selectFrom('transfer')
      .selectAll()
      .where('id', '=', id)
      .where('state', '=', 'settled')
      .executeTakeFirst();
    if (row === undefined) continue;
    const told = await db
      .withTables<TransferTables>()
      .selectFrom('transfer_notice')
      .select('gateway')
      .where('key', '=', id)
      .execute();
    for (const gateway of new Set([row.from_gateway, ...told.map((one) => one.gateway)])) {
      words.push(settledTo(gateway, row));
    }
  }
  return words;
}

/** What arrived, and nothing has said that it left: single things and units as goods, too. */
async function missing(db: Kysely<Database>): Promise<Word[]> {
  const rows = await db
    .selectFrom('in_transit')
    .select(['lane', 'owner', 'item', 'lot'])
    .select((row) => [row.fn.sum<number>('quantity').as('sum'), row.fn.min('since').as('since')])
    .where('quantity', '<', 0)
    .groupBy(['lane', 'owner', 'item', 'lot'])
    .execute();
  const sites = rows.length === 0 ? new Map<string, string>() : await sitesOf(db);
  return rows.flatMap(({ item, lane, lot, owner, since, sum }): Word[] => {
    const ends = laneEnds(lane);
    const site = sites.get(ends?.to ?? '');
    if (ends === undefined || site === undefined) return [];
    const quantity = -sum;
    const goods = { item, ...(lot === '' ? {} : { lot }), owner, quantity };
    const of = { gateway: ends.to, site, sinceMs: since };
    const key = `missing ${lane} ${owner} ${item} ${lot} ${since} ${quantity}`;
    return [{ gateway: ends.from, key, notice: { type: 'missing', ...goods, ...of } }];
  });
}

async function notTold(db: Kysely<Database>, words: readonly Word[]): Promise<Word[]> {
  const fresh: Word[] = [];
  for (const word of words) {
    const told = await db
      .withTables<TransferTables>()
      .selectFrom('transfer_notice')
      .select('told_at')
      .where('gateway', '=', word.gateway)
      .where('key', '=', word.key)
      .executeTakeFirst();
    if (told === undefined) fresh.push(word);
  }
  return fresh;
}

async function sitesOf(db: Kysely<Database>): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('gateway')
    .select(['gateway', 'site'])
    .where('revoked_at', 'is', null)
    .execute();
  return new Map(rows.map(({ gateway, site }) => [gateway, site]));
}

async function cursorOf(db: Kysely<Database>): Promise<number> {
  const row = await db
    .withTables<TransferTables>()
    .selectFrom('transfer_cursor')
    .select('position')
    .executeTakeFirst();
  return row?.position ?? 0;
}

async function moveCursor({ db }: WriteTransaction, position: number): Promise<void> {
  await db
    .withTables<TransferTables>()
    .insertInto('transfer_cursor')
    .values({ name: '', position })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ position }))
    .execute();
}

/** Things and transfers that changed after a position, and up to where that is all of them. */
async function changedSince(db: Kysely<Database>, from: number) {
  const ends = [await endAfter(db, 'thing_at', from), await endAfter(db, 'transfer', from)];
  const end = Math.min(...ends);
  const things = await db
    .selectFrom('thing_at')
    .select(['thing', 'position'])
    .where('position', '>', from)
    .where('position', '<=', end)
    .execute();
  const transfers = await db
    .selectFrom('transfer')
    .select(['id', 'position'])
    .where('position', '>', from)
    .where('position', '<=', end)
    .orderBy('position')
    .execute();
  const sent: { thing: string }[] = [];
  for (const { id } of transfers) {
    const of = db.selectFrom('transfer_thing').select('thing').where('transfer', '=', id);
    sent.push(...(await of.execute()));
  }
  return {
    position: Math.max(from, ...[...things, ...transfers].map(({ position }) => position)),
    things: [...new Set([...things, ...sent].map(({ thing }) => thing))],
    transfers: transfers.map(({ id }) => id),
  };
}

/** All rows of a position are looked at together. */
async function endAfter(
  db: Kysely<Database>,
  table: 'thing_at' | 'transfer',
  from: number,
): Promise<number> {
  const row = await db
    .selectFrom(table)
    .select('position')
    .where('position', '>', from)
    .orderBy('position')
    .limit(1)
    .offset(changesAtOnce)
    .executeTakeFirst();
  return row?.position ?? Number.MAX_SAFE_INTEGER;
}

function parts(notices: readonly TransferNotice[]): TransferNotice[][] {
  const all: TransferNotice[][] = [];
  let bytes = 0;
  for (const notice of notices) {
    const size = JSON.stringify(notice).length;
    const last = all.at(-1);
    if (last === undefined || last.length >= noticesAtOnce || bytes + size > bytesAtOnce) {
      all.push([notice]);
      bytes = size;
    } else {
      last.push(notice);
      bytes += size;
    }
  }
  return all;
}
