import { sql } from 'kysely';
import { eventId } from '#contracts/ids.ts';
import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import type { OutageTable } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';

type OutageKind =
  | 'gateway.uplink-lost'
  | 'gateway.uplink-restored'
  | 'gateway.started'
  | 'gateway.intake-held'
  | 'gateway.intake-resumed'
  | 'device.silent'
  | 'device.heard'
  | 'device.gap';
export type OutageEvent = { [K in OutageKind]: RecordedEventOf<K> }[OutageKind];

const outageKinds: ReadonlySet<string> = new Set<OutageKind>([
  'gateway.uplink-lost',
  'gateway.uplink-restored',
  'gateway.started',
  'gateway.intake-held',
  'gateway.intake-resumed',
  'device.silent',
  'device.heard',
  'device.gap',
]);

export function isOutageEvent(event: RecordedEvent): event is OutageEvent {
  return outageKinds.has(event.kind);
}

/** What the end of an interruption settles. */
type Ending = Pick<OutageTable, 'ended_at' | 'reconciled_at' | 'ended_by'> & Partial<OutageTable>;

/**
 * Interruptions, from what the journals tell. These events are few, so each is applied at once.
 *
 * What is said of losses is only what can be compared here: events of a journal stand in one chain
 * without gaps, so that the positions recorded between loss and return can be counted and held
 * against what the gateway says it kept. What a device did meanwhile, or what a crash took, nobody
 * here can know, and those figures stay null. Each end names the event that told it: its evidence.
 */
export async function applyOutageEvent(tx: WriteTransaction, event: OutageEvent): Promise<void> {
  switch (event.kind) {
    case 'gateway.uplink-lost':
      return await open(tx, event, 'uplink', {
        cause: 'link or hub away',
        started_at: event.payload.lastContactAt ?? event.occurredAt,
        from_seq: event.payload.committedSeq,
      });
    case 'gateway.uplink-restored':
      return await restoreUplink(tx, event);
    case 'gateway.started':
      return await restart(tx, event);
    case 'gateway.intake-held':
      return await open(tx, event, 'intake', {
        cause: event.payload.reason,
        started_at: event.occurredAt,
      });
    case 'gateway.intake-resumed':
      return await end(tx, event, 'intake', event.payload.heldSince, 'not told');
    case 'device.silent':
      return await open(tx, event, 'device', {
        cause: 'silent',
        started_at: event.payload.lastHeardAt ?? event.payload.silentSince ?? event.occurredAt,
      });
    case 'device.heard':
      return await endSilence(tx, event);
    case 'device.gap':
      return await recordGap(tx, event);
  }
}

/** Gaps in which nothing of a device came in at all. */
const wholeReasons = ['gateway-down', 'server-restart', 'link-lost'] as const;

/**
 * A gap is told in parts where its end is not known at once: parts that touch are one outage. The
 * silence that was said while a whole device was away is that same outage, which has a reason now.
 */
async function recordGap(
  tx: WriteTransaction,
  event: RecordedEventOf<'device.gap'>,
): Promise<void> {
  const { reason, fromMs, toMs } = event.payload;
  const settled = endedBy(event, toMs);
  const before = await tx.db
    .selectFrom('outage')
    .select('id')
    .where('gateway', '=', event.gateway)
    .where('type', '=', 'gap')
    .where('device', '=', deviceOf(event))
    .where('cause', '=', reason)
    .where('ended_at', '=', fromMs)
    .executeTakeFirst();
  if (before !== undefined) return await close(tx, before.id, settled);
  const silence = await findSilence(tx, event);
  if (silence !== undefined) {
    const told = { type: 'gap', cause: reason, started_at: fromMs } as const;
    return await close(tx, silence.id, { ...told, ...settled });
  }
  await insert(tx, event, 'gap', {
    cause: reason,
    started_at: fromMs,
    state: 'closed',
    ...settled,
  });
}

/** The silence of a device that overlaps a gap of all of it. */
async function findSilence(
  tx: WriteTransaction,
  event: RecordedEventOf<'device.gap'>,
): Promise<{ readonly id: string } | undefined> {
  const { reason, fromMs, toMs } = event.payload;
  if (!wholeReasons.some((one) => one === reason)) return undefined;
  return await tx.db
    .selectFrom('outage')
    .select('id')
    .where('gateway', '=', event.gateway)
    .where('type', '=', 'device')
    .where('device', '=', deviceOf(event))
    .where('started_at', '<', toMs)
    .where((row) => row.or([row('ended_at', 'is', null), row('ended_at', '>', fromMs)]))
    .orderBy('started_at', 'desc')
    .executeTakeFirst();
}

/** Nothing is left to end where a gap has told of the silence. */
async function endSilence(
  tx: WriteTransaction,
  event: RecordedEventOf<'device.heard'>,
): Promise<void> {
  const { silentSince } = event.payload;
  const known = await findOpen(tx, event, 'device');
  const gap = await tx.db
    .selectFrom('outage')
    .select('id')
    .where('gateway', '=', event.gateway)
    .where('type', '=', 'gap')
    .where('device', '=', deviceOf(event))
    .where('cause', 'in', wholeReasons)
    .where('ended_at', '>', silentSince)
    .executeTakeFirst();
  if (known === undefined && gap !== undefined) return;
  await end(tx, event, 'device', silentSince, 'silent');
}

async function restoreUplink(
  tx: WriteTransaction,
  event: RecordedEventOf<'gateway.uplink-restored'>,
): Promise<void> {
  const known = await findOpen(tx, event, 'uplink');
  const kept = event.payload.keptEvents;
  // What the gateway kept stands right before this event, after what was committed at the loss. The
  // journal is dense, so these positions are recorded; a claim of more than fit in was not kept.
  const from = known?.epoch === event.epoch ? known.from_seq : null;
  const replayed = from === null ? null : Math.min(kept, Math.max(0, event.seq - 1 - from));
  const settled: Ending = {
    ...endedBy(event, event.occurredAt),
    kept,
    replayed,
    lost: replayed === null ? null : kept - replayed,
  };
  if (known !== undefined) return await close(tx, known.id, settled);
  await insert(tx, event, 'uplink', {
    cause: 'link or hub away',
    started_at: event.payload.lostAt,
    state: 'closed',
    ...settled,
  });
}

async function restart(
  tx: WriteTransaction,
  event: RecordedEventOf<'gateway.started'>,
): Promise<void> {
  const { clean, lastAliveAt } = event.payload;
  // What was held before the restart is tried anew after it, and reported anew if it still fails.
  const held = await findOpen(tx, event, 'intake');
  if (held !== undefined) await close(tx, held.id, endedBy(event, lastAliveAt ?? event.occurredAt));
  // A new gateway was not away before its first start.
  if (clean && lastAliveAt === undefined) return;
  await insert(tx, event, 'gateway', {
    cause: clean ? 'orderly-stop' : 'process or power lost',
    started_at: lastAliveAt ?? event.occurredAt,
    state: 'closed',
    ...endedBy(event, event.occurredAt),
  });
}

/** A second word of the same interruption changes nothing: the first tells when it began. */
async function open(
  tx: WriteTransaction,
  event: OutageEvent,
  type: OutageTable['type'],
  of: Pick<OutageTable, 'cause' | 'started_at'> & Partial<OutageTable>,
): Promise<void> {
  if ((await findOpen(tx, event, type)) === undefined) await insert(tx, event, type, of);
}

async function end(
  tx: WriteTransaction,
  event: OutageEvent,
  type: OutageTable['type'],
  startedAt: number,
  cause: string,
): Promise<void> {
  const settled = endedBy(event, event.occurredAt);
  const known = await findOpen(tx, event, type);
  if (known !== undefined) return await close(tx, known.id, settled);
  await insert(tx, event, type, { cause, started_at: startedAt, state: 'closed', ...settled });
}

async function findOpen(
  tx: WriteTransaction,
  event: OutageEvent,
  type: OutageTable['type'],
): Promise<Pick<OutageTable, 'id' | 'epoch' | 'from_seq'> | undefined> {
  return await tx.db
    .selectFrom('outage')
    .select(['id', 'epoch', 'from_seq'])
    .where('gateway', '=', event.gateway)
    .where('type', '=', type)
    .where('device', '=', deviceOf(event))
    .where('state', '=', sql.lit('open'))
    .executeTakeFirst();
}

async function close(tx: WriteTransaction, id: string, ending: Ending): Promise<void> {
  await tx.db
    .updateTable('outage')
    .set({ state: 'closed', ...ending })
    .where('id', '=', id)
    .execute();
}

async function insert(
  tx: WriteTransaction,
  event: OutageEvent,
  type: OutageTable['type'],
  of: Pick<OutageTable, 'cause' | 'started_at'> & Partial<OutageTable>,
): Promise<void> {
  await tx.db
    .insertInto('outage')
    .values({
      id: eventId(event),
      site: event.site,
      gateway: event.gateway,
      device: deviceOf(event),
      type,
      state: 'open',
      ended_at: null,
      reconciled_at: null,
      epoch: event.epoch,
      from_seq: null,
      kept: null,
      replayed: null,
      lost: null,
      ended_by: null,
      ...of,
    })
    .execute();
}

function endedBy(event: OutageEvent, endedAt: number): Ending {
  return { ended_at: endedAt, reconciled_at: event.recordedAt, ended_by: eventId(event) };
}

function deviceOf(event: OutageEvent): string {
  return event.kind.startsWith('device.') ? (event.device ?? '') : '';
}
