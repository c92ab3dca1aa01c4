import { floorPaths, type FloorSession } from '#contracts/api/floor-api.ts';
import type { ConsoleClock } from '../../console-clock.ts';
import type { SessionData } from '../../data/session-data.ts';
import { Listeners } from '../../listeners.ts';

export interface SessionWatchParts {
  readonly session: Pick<SessionData<FloorSession>, 'check' | 'current' | 'renew'>;
  readonly clock: ConsoleClock;
  /** The gateway's time. */
  readonly time: { nowMs(): number };
}

const lookMs = 15_000;
/** So long before its end a session is said to end. */
const warnMs = 5 * 60_000;
/** What a person does is told the gateway no more often than this. */
const tellMs = 60_000;

/**
 * Tells the gateway that a person is still there, when they touch or type: what the page asks for by
 * itself does not keep a session alive. Warns before it ends.
 */
export class SessionWatch {
  readonly changed = new Listeners();
  readonly #parts: SessionWatchParts;
  /** When the session ends, from five minutes before. */
  #endsAtMs: number | undefined;
  #toldMs = -Infinity;
  #cancel: () => void = () => {};

  constructor(parts: SessionWatchParts) {
    this.#parts = parts;
  }

  /** When it ends, if that is soon. */
  get endsAtMs(): number | undefined {
    return this.#endsAtMs;
  }

  /** @param page where a person touches and types. */
  start(page: Pick<Document, 'addEventListener'>): void {
    for (const type of ['pointerdown', 'keydown']) {
      page.addEventListener(type, () => void this.used(), { capture: true, passive: true });
    }
    this.#lookLater();
  }

  stop(): void {
    this.#cancel();
  }

  /** A person is there. */
  async used(): Promise<void> {
    const { clock, session } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (session.current.state !== 'signed-in' || nowMs - this.#toldMs < tellMs) return;
    this.#toldMs = nowMs;
    await session.renew(floorPaths.stay);
    this.#become(this.#soon());
  }

  async #look(): Promise<void> {
    // Another page of this browser may have kept it alive meanwhile.
    if (this.#soon() !== undefined) await this.#parts.session.check();
    this.#become(this.#soon());
    this.#lookLater();
  }

  #lookLater(): void {
    this.#cancel();
    this.#cancel = this.#parts.clock.after(lookMs, () => void this.#look());
  }

  #soon(): number | undefined {
    const { session, time } = this.#parts;
    const { current } = session;
    if (current.state !== 'signed-in') return undefined;
    const { expiresAt } = current.session;
    return expiresAt - time.nowMs() <= warnMs ? expiresAt : undefined;
  }

  #become(endsAtMs: number | undefined): void {
    if (endsAtMs === this.#endsAtMs) return;
    this.#endsAtMs = endsAtMs;
    this.changed.tell();
  }
}
