import type { ServerResponse } from 'node:http';
import type { FlowMessage } from '#contracts/api/floor-flow-api.ts';
import type { Clock } from '#contracts/time.ts';
import { FlowSampler } from './flow-sampler.ts';
import type { FlowTap } from './flow-tap.ts';
import type { Sessions } from './sessions.ts';

interface Stream {
  readonly response: ServerResponse;
  readonly sessionId: string;
  readonly stop: () => void;
}

const tickMs = 5_000;
const mostStreams = 20;
/** What a client may leave unread: beyond it, it is shown less. */
const mostUnreadBytes = 64 * 1024;

/**
 * The open server-sent streams of device messages. A stream ends with its session, which it does
 * not keep from running out. Without a stream no timer runs and nobody watches.
 */
export class FlowStreams {
  readonly #tap: FlowTap;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #streams = new Set<Stream>();
  #ticking: NodeJS.Timeout | undefined;

  constructor(tap: FlowTap, sessions: Sessions, clock: Clock) {
    this.#tap = tap;
    this.#sessions = sessions;
    this.#clock = clock;
  }

  get hasRoom(): boolean {
    return this.#streams.size < mostStreams;
  }

  stop(): void {
    for (const stream of this.#streams) this.#end(stream);
  }

  /** Takes over an answer whose headers were sent. @param device only this one; undefined: all */
  add(response: ServerResponse, sessionId: string, device: string | undefined): void {
    const clock = this.#clock;
    const sampler = new FlowSampler(clock.monotonicMs());
    const stop = this.#tap.watch({
      wants(from) {
        if (device !== undefined && from !== device) return false;
        if (response.writableLength <= mostUnreadBytes) return sampler.take(clock.monotonicMs());
        sampler.skip();
        return false;
      },
      show: (item) => write(response, { type: 'item', item, skipped: sampler.takeSkipped() }),
    });
    const stream = { response, sessionId, stop };
    this.#streams.add(stream);
    response.on('close', () => this.#end(stream));
    response.on('error', () => response.destroy());
    response.write('retry: 3000\n\n');
    write(response, this.#tickMessage());
    this.#ticking ??= setInterval(() => this.#tick(), tickMs);
  }

  #tick(): void {
    for (const stream of this.#streams) {
      if (this.#sessions.find(stream.sessionId) === undefined) this.#end(stream);
      else write(stream.response, this.#tickMessage());
    }
  }

  #tickMessage(): FlowMessage {
    return { type: 'tick', atMs: this.#clock.nowMs() };
  }

  #end(stream: Stream): void {
    if (!this.#streams.delete(stream)) return;
    stream.stop();
    stream.response.end();
    if (this.#streams.size > 0) return;
    clearInterval(this.#ticking);
    this.#ticking = undefined;
  }
}

function write(response: ServerResponse, message: FlowMessage): void {
  response.write(`data: ${JSON.stringify(message)}\n\n`);
}
