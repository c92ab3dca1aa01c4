import { decodeBatch } from './entry-codec.ts';
import type { IntakeEntry } from './intake-entry.ts';
import type { StoredBatch } from './intake-store.ts';

/** The time that entries after this one may have at the earliest. */
export function timeAfter({ body, receivedAtMs }: IntakeEntry): number {
  return body.type === 'clock' ? body.toMs : receivedAtMs;
}

/** The same of a log's newest batch; 0 for a log that is new. */
export function lastTimeOf(batch: StoredBatch | undefined): number {
  if (batch === undefined) return 0;
  const last = decodeBatch(batch.bytes, batch.firstPos).at(-1);
  return last === undefined ? 0 : timeAfter(last);
}
