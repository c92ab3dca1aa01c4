import { createHmac } from 'node:crypto';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { FeedSink } from './feed-sink.ts';

export interface WebhookOptions {
  /** http or https; checked by the config. */
  readonly url: string;
  /** As it stands in its file. */
  readonly secret: string;
  readonly timeoutMs?: number | undefined;
  readonly batchEvents?: number | undefined;
  readonly clock: Clock;
}

const defaultTimeoutMs = 10_000;
const longestAskedMs = 300_000;

/**
 * Posts events as `{"events":[…]}`, signed as Standard Webhooks 1.0.0 has it. Any 2xx answer takes
 * them; everything else, redirects too, means that they are posted again.
 */
export function createWebhookSink(options: WebhookOptions): FeedSink {
  const { batchEvents = 1, clock, timeoutMs = defaultTimeoutMs, url } = options;
  const key = keyOf(options.secret);
  return {
    type: 'webhook',
    batchEvents,
    async deliver(events, signal) {
      const [first] = events;
      if (first === undefined) return;
      const last = events.at(-1);
      const id = events.length === 1 ? first.id : `${first.id}..${last?.seq ?? first.seq}`;
      const body = `{"events":[${events.map(({ text }) => text).join(',')}]}`;
      const timestamp = Math.floor(clock.nowMs() / 1000);
      const response = await post(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': id,
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': `v1,${signatureOf(key, id, timestamp, body)}`,
        },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
      if (response.ok) return;
      throw new Fault('LINK_DOWN', `answered ${response.status}`, {
        details: { status: response.status, retryAfterMs: retryAfterMs(response, clock.nowMs()) },
      });
    },
    close: async () => {},
  };
}

/** Base64 of HMAC-SHA-256 over `id.timestamp.body` (Standard Webhooks 1.0.0, "Signature scheme"). */
function signatureOf(key: Uint8Array, id: string, timestamp: number, body: string): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}

/** A secret is text, or `whsec_` and base64 as libraries of Standard Webhooks write it. */
function keyOf(secret: string): Uint8Array {
  const prefix = 'whsec_';
  return secret.startsWith(prefix)
    ? Buffer.from(secret.slice(prefix.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

async function post(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    // `fetch failed` says nothing; what it wraps does.
    const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    throw new Fault('LINK_DOWN', messageOf(inner) || 'cannot be reached', { cause });
  }
}

/** Of a `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), which the clock is held against. */
function retryAfterMs({ headers }: Response, nowMs: number): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  const askedMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(askedMs) ? Math.min(longestAskedMs, Math.max(0, askedMs)) : 0;
}
