import { setTimeout as sleep } from 'node:timers/promises';

/** Where a device posts to, and the token that says who it is. */
export interface HttpAccess {
  readonly url: string;
  readonly token: string;
}

export interface HttpDeviceOptions<M extends { readonly payload: Uint8Array }> {
  readonly access: HttpAccess;
  /** Keeps what was not taken; without that it tries once. */
  readonly buffers: boolean;
  readonly retryMs: number;
  /** Asked for each answer: whether the device never gets it, as over bad radio. */
  readonly losesAnswer: () => boolean;
  /** A 2xx came. Once per message. */
  readonly onAcknowledged: (message: M) => void;
  /** The message was given up. Once per message. */
  readonly onDropped: (message: M) => void;
}

const answerWithinMs = 5000;
const longestWaitMs = 5000;

/**
 * A device that posts its messages one after the other, in order, and each again, byte for byte,
 * until it got a 2xx for it.
 */
export class HttpDevice<M extends { readonly payload: Uint8Array }> {
  readonly #options: HttpDeviceOptions<M>;
  #messages: M[] = [];
  #stopping = new AbortController();
  #posting: Promise<void> | undefined;
  #connected = false;
  #posts = 0;

  constructor(options: HttpDeviceOptions<M>) {
    this.#options = options;
  }

  /** Whether the last post was answered, so that there is hope for the next. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Posts so far, repeated ones among them. */
  get posts(): number {
    return this.#posts;
  }

  /** Messages without a 2xx. */
  get waiting(): number {
    return this.#messages.length;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#pump();
  }

  send(message: M): void {
    this.#messages.push(message);
    this.#pump();
  }

  /** Ends the post that is under way; what has no answer is kept. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#posting;
  }

  #pump(): void {
    if (this.#posting !== undefined || this.#stopping.signal.aborted) return;
    if (this.#messages.length === 0) return;
    this.#posting = this.#postAll().finally(() => {
      this.#posting = undefined;
      // One may have come between the last look and now.
      this.#pump();
    });
  }

  async #postAll(): Promise<void> {
    const { buffers, onAcknowledged, onDropped } = this.#options;
    for (;;) {
      const [message] = this.#messages;
      if (message === undefined) return;
      const waitMs = await this.#post(message.payload);
      if (this.#stopping.signal.aborted) return;
      if (waitMs > 0 && buffers) {
        await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
        if (this.#stopping.signal.aborted) return;
        continue;
      }
      this.#messages.shift();
      if (waitMs > 0) onDropped(message);
      else onAcknowledged(message);
    }
  }

  /** @returns after how long to try again; 0: a 2xx came. */
  async #post(payload: Uint8Array): Promise<number> {
    const { access, losesAnswer, retryMs } = this.#options;
    this.#posts += 1;
    try {
      const answer = await fetch(access.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' },
        body: Buffer.from(payload),
        signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(answerWithinMs)]),
      });
      await answer.arrayBuffer();
      this.#connected = !losesAnswer();
      if (answer.ok && this.#connected) return 0;
      const asked = Number(answer.headers.get('retry-after') ?? 0) * 1000;
      return Math.min(longestWaitMs, Math.max(retryMs, asked));
    } catch {
      this.#connected = false;
      return retryMs;
    }
  }
}
