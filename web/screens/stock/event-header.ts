import type { EventHeader } from '#contracts/envelope.ts';

export type HeaderFacts = Pick<EventHeader, 'kind' | 'occurredAt' | 'receivedAt'> &
  Partial<Pick<EventHeader, 'device' | 'timeQuality'>>;

/** What a person reads first in an event's header text. @returns undefined where it has no such form. */
export function readHeader(text: string): HeaderFacts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, device, occurredAt, receivedAt, timeQuality } = value as Record<string, unknown>;
  if (typeof kind !== 'string') return undefined;
  if (typeof occurredAt !== 'number' || typeof receivedAt !== 'number') return undefined;
  const isUnjudged = timeQuality === 'unjudged';
  return {
    kind,
    occurredAt,
    receivedAt,
    ...(typeof device === 'string' ? { device } : {}),
    ...(isUnjudged ? { timeQuality } : {}),
  };
}
