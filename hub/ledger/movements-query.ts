import { sql } from 'kysely';
import type { Static } from 'typebox';
import type { Movement, MovementsPage, movementsQuery } from '#contracts/api/stock-api.ts';
import { eventId } from '#contracts/ids.ts';
import type { LedgerLineTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

const defaultLimit = 50;

/** The ledger lines behind one stock row, newest first: what the figure is the sum of. */
export async function queryMovements(
  store: Store,
  query: Static<typeof movementsQuery>,
): Promise<MovementsPage> {
  const lines = store.read
    .selectFrom('ledger_line')
    .where('ledger_line.site', '=', query.site)
    // As a literal, so that SQLite sees that the partial index serves this.
    .where('ledger_line.zone', '<>', sql.lit(''))
    .where('ledger_line.zone', '=', query.zone)
    .where('ledger_line.item', '=', query.item)
    .where('ledger_line.status', '=', query.status)
    .where('ledger_line.owner', '=', query.owner)
    .where('ledger_line.lot', '=', query.lot ?? '')
    .where('ledger_line.handling_unit', '=', query.handlingUnit ?? '');
  const { total } = await lines
    .select((of) => of.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await lines
    .innerJoin('journal_event', 'journal_event.position', 'ledger_line.position')
    .selectAll('ledger_line')
    .select(['gateway', 'epoch', 'seq', 'kind', 'device', 'payload'])
    .select(['occurred_at', 'received_at', 'recorded_at'])
    .orderBy('ledger_line.position', 'desc')
    .orderBy('ledger_line.line')
    .limit(query.limit ?? defaultLimit)
    .execute();
  const whole = await linesOf(store, [...new Set(rows.map((row) => row.position))]);
  return {
    total,
    rows: rows.map((row): Movement => ({
      event: eventId(row),
      kind: row.kind,
      occurredAt: row.occurred_at,
      receivedAt: row.received_at,
      recordedAt: row.recorded_at,
      device: row.device,
      quantity: row.quantity,
      counterAccount: counterAccountOf(row, whole.get(row.position) ?? []),
      serials: row.serials === null ? [] : (JSON.parse(row.serials) as string[]),
      certaintyPermille: certaintyOf(row.payload),
    })),
  };
}

async function linesOf(
  store: Store,
  positions: readonly number[],
): Promise<Map<number, LedgerLineTable[]>> {
  const byPosition = new Map<number, LedgerLineTable[]>();
  if (positions.length === 0) return byPosition;
  const rows = await store.read
    .selectFrom('ledger_line')
    .selectAll()
    .where('position', 'in', positions)
    .orderBy('position')
    .orderBy('line')
    .execute();
  for (const row of rows) {
    const lines = byPosition.get(row.position);
    if (lines === undefined) byPosition.set(row.position, [row]);
    else lines.push(row);
  }
  return byPosition;
}

/** Where a line's quantity came from or went: the accounts that moved the other way. */
function counterAccountOf(line: LedgerLineTable, event: readonly LedgerLineTable[]): string {
  const accounts = event
    .filter((other) => other.owner === line.owner && other.item === line.item)
    .filter((other) => Math.sign(other.quantity) !== Math.sign(line.quantity))
    .map((other) => other.account);
  return [...new Set(accounts)].join(', ');
}

function certaintyOf(payload: string): number | null {
  if (payload.startsWith('#')) return null;
  const { evidence } = JSON.parse(payload) as { evidence?: { certaintyPermille?: number } };
  return evidence?.certaintyPermille ?? null;
}
