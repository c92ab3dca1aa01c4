import type { EventEvidence } from '#contracts/api/stock-api.ts';
import { checkpointText, eventHash, type Checkpoint, type Sha256Hex } from '#contracts/chain.ts';
import { correctedTimes } from '#contracts/corrected-times.ts';
import type { EventHeader } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { eventId, type EventPosition } from '#contracts/ids.ts';
import type { BatchTable, JournalEventTable } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { recordedHash } from './recorded-hash.ts';

/** What proves an event: hashing, and the key that a gateway is registered with. */
export interface Proofs {
  readonly sha256: Sha256Hex;
  isSigned(gateway: string, keyId: string, text: string, signature: string): boolean;
}

/**
 * An event with its evidence. Nothing is believed: from the stored text of this event up to the end
 * of the batch it came in, every hash is computed again and must arrive at the hash that the
 * gateway signed.
 *
 * @returns undefined where the hub holds no such event.
 */
export async function queryEvent(
  store: Store,
  proofs: Proofs,
  position: EventPosition,
): Promise<EventEvidence | undefined> {
  const batch = await batchOf(store, position);
  const rows = await eventsFrom(store, position, batch?.last_seq ?? position.seq);
  const [row] = rows;
  if (row === undefined) return undefined;
  const before = { ...position, seq: position.seq - 1 };
  const previousHash = (await recordedHash(store.read, before)) ?? '';
  const signed = batch === undefined ? undefined : checkSignature(proofs, batch);
  return {
    event: eventId(row),
    site: row.site,
    header: row.header,
    payload: row.payload,
    hash: row.hash,
    previousHash,
    recordedAt: row.recorded_at,
    state: row.state,
    signedSeq: batch?.last_seq ?? 0,
    keyId: batch?.key_id ?? '',
    signature: batch?.signature ?? '',
    ...(batch !== undefined && { checkpoint: batch.checkpoint }),
    ...(await epochOf(store, position)),
    ...(await correctionOf(store, row)),
    chainVerified:
      batch !== undefined &&
      chains(rows, previousHash, proofs.sha256) &&
      rows.at(-1)?.seq === batch.last_seq &&
      rows.at(-1)?.hash === signed?.hash,
    signatureVerified: signed?.holds ?? false,
  };
}

/** Nothing of an epoch that the hub was never told of. */
async function epochOf(store: Store, { gateway, epoch }: EventPosition) {
  const row = await store.read
    .selectFrom('epoch')
    .select('identity as epochIdentity')
    .where('gateway', '=', gateway)
    .where('ordinal', '=', epoch)
    .executeTakeFirst();
  return row ?? {};
}

/** Nothing of an event whose times were judged, and while its gateway's clock is not right. */
async function correctionOf(store: Store, { epoch, gateway, header, seq }: JournalEventTable) {
  const said = JSON.parse(header) as EventHeader;
  if (said.timeQuality !== 'unjudged') return {};
  const trusted = await store.read
    .selectFrom('journal_event')
    .select('payload')
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .where('seq', '>', seq)
    .where('kind', '=', 'gateway.clock-trusted')
    .where('state', '=', 'applied')
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  if (trusted === undefined || trusted.payload.startsWith('#')) return {};
  const payload = JSON.parse(trusted.payload) as EventPayload<'gateway.clock-trusted'>;
  const corrected = correctedTimes(said, payload);
  return corrected === undefined ? {} : { corrected };
}

async function batchOf(store: Store, at: EventPosition): Promise<BatchTable | undefined> {
  return await store.read
    .selectFrom('batch')
    .selectAll()
    .where('gateway', '=', at.gateway)
    .where('epoch', '=', at.epoch)
    .where('last_seq', '>=', at.seq)
    .orderBy('last_seq')
    .limit(1)
    .executeTakeFirst();
}

async function eventsFrom(
  store: Store,
  at: EventPosition,
  lastSeq: number,
): Promise<JournalEventTable[]> {
  return await store.read
    .selectFrom('journal_event')
    .selectAll()
    .where('gateway', '=', at.gateway)
    .where('epoch', '=', at.epoch)
    .where('seq', '>=', at.seq)
    .where('seq', '<=', lastSeq)
    .orderBy('seq')
    .execute();
}

function chains(
  rows: readonly JournalEventTable[],
  previousHash: string,
  sha256: Sha256Hex,
): boolean {
  let previous = previousHash;
  for (const row of rows) {
    previous = eventHash(previous, row, sha256);
    if (previous !== row.hash) return false;
  }
  return true;
}

function checkSignature(proofs: Proofs, batch: BatchTable): { holds: boolean; hash: string } {
  const checkpoint = JSON.parse(batch.checkpoint) as Checkpoint;
  const text = checkpointText(checkpoint);
  const names =
    checkpoint.gateway === batch.gateway &&
    checkpoint.epoch === batch.epoch &&
    checkpoint.seq === batch.last_seq;
  return {
    holds: names && proofs.isSigned(batch.gateway, batch.key_id, text, batch.signature),
    hash: checkpoint.hash,
  };
}
