import type { Kysely } from 'kysely';
import type { ComingNotice, TransferNotice } from '#contracts/transfers.ts';
import type { Database } from '../store/schema.ts';
import type { TransferTable } from '../store/transfer-schema.ts';
import { doublePlaces } from './double-places.ts';

/** One thing that one gateway is to be told, once. */
export interface Word {
  readonly gateway: string;
  readonly key: string;
  readonly notice: TransferNotice;
}

const mostThings = 500;

/** What changed places: claimed by two, or on its way to somebody else than where it is. */
export async function ofThings(db: Kysely<Database>, things: readonly string[]): Promise<Word[]> {
  if (things.length === 0) return [];
  const words: Word[] = [];
  const doubles = await doublePlaces(db, things);
  for (const { loser, thing, winner } of doubles) {
    const { gateway, occurred_at: seenAtMs, site } = winner;
    const isUnit = thing.includes(':');
    const what = isUnit ? { epcs: [], units: [thing] } : { epcs: [thing], units: [] };
    words.push({
      gateway: loser.gateway,
      key: `elsewhere ${thing} ${gateway} ${seenAtMs}`,
      notice: { type: 'elsewhere', gateway, site, seenAtMs, ...what },
    });
  }
  for (let at = 0; at < things.length; at += mostThings) {
    const rows = await db
      .selectFrom('transfer_thing')
      .innerJoin('transfer', 'transfer.id', 'transfer_thing.transfer')
      .innerJoin('thing_at', 'thing_at.thing', 'transfer_thing.thing')
      .selectAll('transfer')
      .select('thing_at.gateway as at_gateway')
      .where('transfer_thing.thing', 'in', things.slice(at, at + mostThings))
      .where('thing_at.place', '<>', '')
      .where('transfer.content', 'is not', null)
      .execute();
    for (const { at_gateway, ...row } of rows) {
      if (at_gateway !== row.from_gateway) words.push(comingTo(at_gateway, row));
    }
  }
  return distinct(words);
}

export function comingTo(gateway: string, row: TransferTable): Word {
  const content = JSON.parse(row.content ?? '') as Pick<ComingNotice, 'lines' | 'units'>;
  const notice: ComingNotice = {
    type: 'coming',
    ...content,
    from: { gateway: row.from_gateway, site: row.from_site },
    lane: row.lane,
    sentAtMs: row.sent_at,
    ...(row.to_zone === null ? {} : { toZone: row.to_zone }),
    transfer: row.id,
  };
  return { gateway, key: row.id, notice };
}

export function settledTo(
  gateway: string,
  { id, sent_at: sentAtMs }: Pick<TransferTable, 'id' | 'sent_at'>,
): Word {
  return { gateway, key: `settled ${id}`, notice: { type: 'settled', sentAtMs, transfer: id } };
}

/** Each once. */
function distinct(words: readonly Word[]): Word[] {
  return [...new Map(words.map((word) => [`${word.gateway} ${word.key}`, word])).values()];
}
