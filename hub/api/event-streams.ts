import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { StreamMessage } from '#contracts/api/stream-api.ts';
import type { Clock } from '#contracts/time.ts';
import type { Sessions } from '../access/sessions.ts';
import type { Change } from '../projections/changes.ts';
import { createChangeCoalescer } from './change-coalescer.ts';

const tickMs = 5000;
const speakEveryMs = 250;
const maxStreams = 200;
const maxStreamsOfSession = 10;
/** What a client may leave unread; a message has some hundred bytes. */
const maxUnreadBytes = 64 * 1024;

/**
 * The open server-sent event streams. They carry no data, only word of change, so a client that is
 * too slow is cut off: it connects again and fetches. A stream ends with its session, but does not
 * keep it from running out.
 */
export class EventStreams {
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #streams = new Map<ServerResponse, string>();
  readonly #coalescer = createChangeCoalescer(speakEveryMs);
  #speaking: NodeJS.Timeout | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;

  constructor(parts: { sessions: Sessions; clock: Clock; log: Logger }) {
    this.#sessions = parts.sessions;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  get open(): number {
    return this.#streams.size;
  }

  start(): void {
    this.#ticking ??= setInterval(() => this.#tick(), tickMs);
    this.#stopListening ??= this.#sessions.onEnded((id) => this.#endOf(id));
  }

  stop(): void {
    clearTimeout(this.#speaking);
    clearInterval(this.#ticking);
    this.#stopListening?.();
    this.#speaking = this.#ticking = this.#stopListening = undefined;
    for (const response of this.#streams.keys()) response.end();
    this.#streams.clear();
  }

  /** Says to every stream that something changed, at once or soon. */
  announce(change: Change): void {
    this.#coalescer.offer(change);
    this.#speakWhenDue();
  }

  hasRoom(sessionId: string): boolean {
    const own = [...this.#streams.values()].filter((id) => id === sessionId).length;
    return this.#streams.size < maxStreams && own < maxStreamsOfSession;
  }

  /** Takes over an answer whose headers were sent. */
  add(response: ServerResponse, sessionId: string): void {
    this.#streams.set(response, sessionId);
    response.on('close', () => this.#streams.delete(response));
    // A broken connection is the client's affair; it closes next.
    response.on('error', () => response.destroy());
    response.write(`retry: 3000\n\n${eventText(this.#tickMessage())}`);
  }

  #send(message: StreamMessage): void {
    const text = eventText(message);
    for (const response of this.#streams.keys()) {
      if (response.writableLength > maxUnreadBytes) {
        this.#log.info({ unreadBytes: response.writableLength }, 'stream.too-slow');
        response.destroy();
      } else {
        response.write(text);
      }
    }
  }

  #speakWhenDue(): void {
    const nowMs = this.#clock.nowMs();
    const atMs = this.#coalescer.nextAtMs(nowMs);
    if (atMs === undefined || this.#speaking !== undefined) return;
    this.#speaking = setTimeout(() => this.#speak(), Math.max(0, atMs - nowMs));
  }

  #speak(): void {
    this.#speaking = undefined;
    for (const message of this.#coalescer.take(this.#clock.nowMs())) this.#send(message);
    this.#speakWhenDue();
  }

  #tick(): void {
    this.#send(this.#tickMessage());
    this.#endStale().catch((error: unknown) =>
      this.#log.error({ err: error }, 'stream.check-failed'),
    );
  }

  #tickMessage(): StreamMessage {
    return { topic: 'tick', atMs: this.#clock.nowMs(), sites: [] };
  }

  async #endStale(): Promise<void> {
    for (const sessionId of new Set(this.#streams.values())) {
      if (!(await this.#sessions.holds(sessionId))) this.#endOf(sessionId);
    }
  }

  #endOf(sessionId: string): void {
    for (const [response, id] of this.#streams) if (id === sessionId) response.end();
  }
}

function eventText(message: StreamMessage): string {
  return `data: ${JSON.stringify(message)}\n\n`;
}
