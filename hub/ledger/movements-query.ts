import { sql, type SelectQueryBuilder } from 'kysely';
import type { Movement, MovementsPage, MovementsQuery } from '#contracts/api/stock-api.ts';
import { eventId } from '#contracts/ids.ts';
import type { Database, LedgerLineTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

const defaultLimit = 50;

/** Ledger lines behind one stock row, newest first: what the figure is the sum of, by page. */
export async function queryMovements(store: Store, query: MovementsQuery): Promise<MovementsPage> {
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
  const limit = query.limit ?? defaultLimit;
  const found = await after(lines, query.cursor)
    .innerJoin('journal_event', 'journal_event.position', 'ledger_line.position')
    .selectAll('ledger_line')
    .select(['gateway', 'epoch', 'seq', 'kind', 'device', 'payload'])
    .select(['occurred_at', 'received_at', 'recorded_at'])
    .orderBy('ledger_line.position', 'desc')
    .orderBy('ledger_line.line', 'desc')
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  const whole = await linesOf(store, [...new Set(rows.map((row) => row.position))]);
  return {
    total,
    nextCursor: last === undefined ? null : `${last.position}_${last.line}`,
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

/** Lines are appended and never move, so that a place among them stays one. */
function after<O>(
  lines: SelectQueryBuilder<Database, 'ledger_line', O>,
  cursor: string | undefined,
): SelectQueryBuilder<Database, 'ledger_line', O> {
  if (cursor === undefined) return lines;
  const [position, line] = cursor.split('_').map(Number);
  return lines.where((row) =>
    row(
      row.refTuple('ledger_line.position', 'ledger_line.line'),
      '<',
      row.tuple(position ?? 0, line ?? 0),
    ),
  );
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
