import { eventHeader, type StoredEvent } from '#contracts/envelope.ts';
import { eventKinds, isEventKind, type EventKind } from '#contracts/event-kinds.ts';
import type { Result } from '#contracts/fault.ts';
import type { PostingLine } from '#contracts/posting.ts';
import { validate } from '#contracts/validate.ts';
import { checkLines } from '../ledger/ledger-lines.ts';

/** Where the chain says that an event stands. */
export interface ExpectedPosition {
  readonly gateway: string;
  readonly site: string;
  readonly epoch: number;
  readonly seq: number;
}

interface JudgedHeader {
  readonly kind: string;
  readonly version: number;
  readonly device: string | undefined;
  readonly occurredAt: number;
  readonly receivedAt: number;
}

/**
 * - `applied`: known and sound, take effect;
 * - `parked`: of a kind or version that this hub does not know yet; kept for an upgrade;
 * - `quarantined`: the gateway signed it, so its position is used up, but it makes no sense.
 */
export type Judgement =
  | (JudgedHeader & {
      readonly state: 'applied';
      readonly kind: EventKind;
      readonly payload: unknown;
    })
  | (JudgedHeader & { readonly state: 'parked' })
  | (Partial<JudgedHeader> & { readonly state: 'quarantined'; readonly why: string });

/** Weighs one event of a proven chain. Never throws: whatever a gateway signed has a place. */
export function judgeEvent(event: StoredEvent, expected: ExpectedPosition): Judgement {
  const header = readHeader(event.header);
  if (!header.ok) return { state: 'quarantined', why: `header: ${header.refusal.message}` };
  const { device, epoch, gateway, kind, occurredAt, receivedAt, seq, site, v } = header.value;
  const judged = { kind, version: v, device, occurredAt, receivedAt };
  const misplaced =
    seq !== expected.seq ||
    epoch !== expected.epoch ||
    gateway !== expected.gateway ||
    site !== expected.site;
  if (misplaced) {
    return { state: 'quarantined', ...judged, why: 'the header names another position' };
  }
  if (!isEventKind(kind) || v > eventKinds[kind].version) return { state: 'parked', ...judged };
  if (event.payload.startsWith('#')) {
    return { state: 'quarantined', ...judged, why: 'the payload was erased before it came' };
  }
  const payload = readPayload(kind, event.payload);
  if (!payload.ok) return { state: 'quarantined', ...judged, why: payload.refusal.message };
  return { state: 'applied', ...judged, kind, payload: payload.value };
}

function readHeader(text: string) {
  return validate(eventHeader, parseJson(text));
}

function readPayload(kind: EventKind, text: string): Result<unknown> {
  const payload = validate(eventKinds[kind].payload, parseJson(text));
  if (!payload.ok || !eventKinds[kind].posts) return payload;
  const lines = checkLines((payload.value as { lines: PostingLine[] }).lines);
  return lines.ok ? payload : lines;
}

/** @returns undefined for what is not JSON, which no schema accepts. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
