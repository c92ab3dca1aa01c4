import type { RecordedEvent, RecordedEventOf } from '../ledger/recorded-event.ts';
import type { WriteTransaction } from '../store/store.ts';

type EvidenceKind = 'evidence.sealed' | 'evidence.pruned' | 'evidence.lost';
export type EvidenceEvent = { [K in EvidenceKind]: RecordedEventOf<K> }[EvidenceKind];

export function isEvidenceEvent(event: RecordedEvent): event is EvidenceEvent {
  return event.kind.startsWith('evidence.');
}

/**
 * Roots of raw evidence and what became of it. A gateway that died may say something twice; what
 * came first stands, so that no later root can take its place.
 */
export async function applyEvidenceEvent(
  tx: WriteTransaction,
  event: EvidenceEvent,
): Promise<void> {
  switch (event.kind) {
    case 'evidence.sealed':
      return await addSegment(tx, event);
    case 'evidence.pruned':
      return await prune(tx, event);
    case 'evidence.lost':
      return await addGap(tx, event);
  }
}

async function addSegment(
  tx: WriteTransaction,
  { gateway, epoch, seq, payload }: RecordedEventOf<'evidence.sealed'>,
): Promise<void> {
  const { segment, firstPos, lastPos, entries, leaves, root } = payload;
  await tx.db
    .insertInto('evidence_segment')
    .values({
      gateway,
      epoch,
      segment,
      first_pos: firstPos,
      last_pos: lastPos,
      entries,
      leaves,
      root,
      sealed_seq: seq,
      kept_leaves: leaves,
      pruned_at: null,
      pruned_seq: null,
    })
    .onConflict((conflict) => conflict.columns(['gateway', 'epoch', 'segment']).doNothing())
    .execute();
}

/** The root must be the one that was sealed: otherwise it is about something else. */
async function prune(
  tx: WriteTransaction,
  { gateway, epoch, seq, occurredAt, payload }: RecordedEventOf<'evidence.pruned'>,
): Promise<void> {
  await tx.db
    .updateTable('evidence_segment')
    .set({ kept_leaves: payload.keptLeaves, pruned_at: occurredAt, pruned_seq: seq })
    .where('gateway', '=', gateway)
    .where('epoch', '=', epoch)
    .where('segment', '=', payload.segment)
    .where('root', '=', payload.root)
    .execute();
}

async function addGap(
  tx: WriteTransaction,
  { gateway, epoch, seq, payload }: RecordedEventOf<'evidence.lost'>,
): Promise<void> {
  const { firstPos, lastPos, reason } = payload;
  await tx.db
    .insertInto('evidence_gap')
    .values({ gateway, epoch, first_pos: firstPos, last_pos: lastPos, reason, seq })
    .onConflict((conflict) => conflict.columns(['gateway', 'epoch', 'first_pos']).doNothing())
    .execute();
}
