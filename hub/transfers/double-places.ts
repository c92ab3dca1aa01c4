import type { Kysely } from 'kysely';
import type { Database } from '../store/schema.ts';
import type { ThingAtTable } from '../store/transfer-schema.ts';

/** A thing that two books have: who has it since, and who has it no more. */
export interface DoublePlace {
  readonly thing: string;
  readonly loser: ThingAtTable;
  readonly winner: ThingAtTable;
}

const mostDeep = 20;
/** Host parameters of one statement. */
const atOnce = 500;

/**
 * Of these things, those that the books of two gateways have at once. The one that saw it last is
 * right: the thing went over, and nothing says that it left.
 */
export async function doublePlaces(
  db: Kysely<Database>,
  things: readonly string[],
): Promise<DoublePlace[]> {
  const found: DoublePlace[] = [];
  for (let at = 0; at < things.length; at += atOnce) {
    const rows = await db
      .selectFrom('thing_at')
      .selectAll()
      .where('thing', 'in', things.slice(at, at + atOnce))
      .where('place', '<>', '')
      .execute();
    const byThing = Map.groupBy(rows, ({ thing }) => thing);
    for (const [thing, places] of byThing) {
      if (places.length < 2) continue;
      const here: ThingAtTable[] = [];
      for (const place of places) if (await isInZone(db, place)) here.push(place);
      const [winner, ...losers] = here.sort(latestFirst);
      if (winner === undefined) continue;
      for (const loser of losers) found.push({ thing, loser, winner });
    }
  }
  return found;
}

/** What is in a unit is where that is. */
async function isInZone(db: Kysely<Database>, { gateway, place }: ThingAtTable): Promise<boolean> {
  let at: string | undefined = place;
  for (let deep = 0; deep < mostDeep && at !== undefined; deep += 1) {
    if (at.startsWith('zone:')) return true;
    if (!at.startsWith('unit:')) return false;
    const unit: { place: string } | undefined = await db
      .selectFrom('thing_at')
      .select('place')
      .where('thing', '=', at.slice('unit:'.length))
      .where('gateway', '=', gateway)
      .executeTakeFirst();
    at = unit?.place;
  }
  return false;
}

function latestFirst(a: ThingAtTable, b: ThingAtTable): number {
  return b.occurred_at - a.occurred_at || b.position - a.position;
}
