import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { EvidenceNotice } from '#contracts/evidence.ts';

/** The event of a notice: what the keeper put into the intake log, as it stands. Pure. */
export function evidenceDraft({ kind, payload }: EvidenceNotice, nowMs: number): EventDraft {
  return draft(kind, payload, { occurredAt: nowMs, timeQuality: 'arrival' });
}
