import type { EventHeader } from './envelope.ts';
import type { EvidenceWindow } from './evidence.ts';

/** A leaf never unpacks to more: its own bound and one more message, at its most escaped. */
export const maxLeafBytes = 4 * 1024 * 1024;
/** Of a leaf's frame, in one answer: well below NATS' default limit of 1 MiB. */
export const maxChunkBytes = 256 * 1024;
/** Leaves that one event leads to at most; the newest are taken. */
export const maxEventLeaves = 24;

/** An observer may have gathered this long before it spoke. */
const lookbackMs = 30_000;
/** A device may have kept its readings for longer, but then they came in shortly before. */
const maxLookbackMs = 15 * 60_000;
const maxExcursionMs = 24 * 3_600_000;

/**
 * Where the evidence of an event lies: the entry that caused it, and what its device sent while the
 * observer gathered. The same for the gateway, which pins it, and the hub, which asks for it.
 *
 * @param payload as decoded; undefined when it was erased.
 */
export function evidenceWindowOf(header: EventHeader, payload: unknown): EvidenceWindow {
  const { cause, device, occurredAt, receivedAt } = header;
  const gathered = Math.max(
    Math.min(occurredAt, receivedAt - lookbackMs),
    receivedAt - maxLookbackMs,
  );
  const startedAt = (payload as { startedAt?: unknown } | undefined)?.startedAt;
  const fromMs =
    header.kind === 'climate.excursion-ended' && typeof startedAt === 'number'
      ? Math.max(Math.min(startedAt, gathered), receivedAt - maxExcursionMs)
      : gathered;
  return { device: device ?? null, fromMs, pos: cause[0], toMs: receivedAt };
}
