import { sql } from 'kysely';
import type { GatewayQuarantine } from '#contracts/api/quarantine-api.ts';
import type { Store } from '../store/store.ts';

/**
 * Why something of a gateway is in quarantine, the most frequent reason first: what it could not
 * read, from the events of its journal, and what the hub put aside, from its own counters. A gateway
 * that nobody knows has nothing.
 */
export async function queryGatewayQuarantine(
  store: Store,
  gateway: string,
  asOfMs: number,
): Promise<GatewayQuarantine> {
  // Written as in the index `journal_event_quarantined`: SQLite then reads those events alone.
  const unread = await store.read
    .selectFrom('journal_event')
    .select(({ fn }) => [
      'device',
      sql<string>`case kind when 'device.quarantined'
        then json_extract(payload, '$.reason') else 'gateway-fault' end`.as('reason'),
      fn.countAll<number>().as('count'),
      fn.max('occurred_at').as('lastAt'),
    ])
    .where(sql<boolean>`kind in ('device.quarantined', 'gateway.entry-set-aside')`)
    .where(sql<boolean>`state = 'applied'`)
    .where('gateway', '=', gateway)
    .groupBy(['device', sql`2`])
    .orderBy('count', 'desc')
    .orderBy('device')
    .execute();
  const atHub = await store.read
    .selectFrom('quarantine_count')
    .select(['reason', 'total as count', 'last_at as lastAt', 'last_detail as lastDetail'])
    .where('gateway', '=', gateway)
    .orderBy('total', 'desc')
    .execute();
  return { asOfMs, gateway, unread, atHub };
}
