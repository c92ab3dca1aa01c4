import { addressKey } from '#contracts/address-key.ts';

/** What is remembered of one who failed to sign in. Times are monotonic. */
export interface SignInState {
  readonly failures: number;
  readonly failedAtMs: number;
  /** Until then nothing is even compared. */
  readonly closedUntilMs: number;
}

export type SignInInput = 'asks' | 'failed' | 'signed-in';

/**
 * `refuse`: it is too soon. `warn`: one of the failures that cost nothing. `limited`: from now on
 * this one has to wait, said once an episode; what fails after that is not worth a line each.
 */
export type SignInEffect = 'refuse' | 'warn' | 'limited';

/** A person mistypes, a device restarts with its old password: these many failures cost nothing. */
const freeFailures = 10;
const firstWaitMs = 1_000;
/** One guess a minute is harmless; and a device whose password was mended is not kept for longer. */
const longestWaitMs = 60_000;
/** Without a failure for this long an episode is over. */
const episodeMs = 600_000;

/** One step for one who signs in, by `signInKey`; undefined: nothing is held against it. */
export function step(
  before: SignInState | undefined,
  input: SignInInput,
  nowMs: number,
): { readonly state: SignInState | undefined; readonly effects: readonly SignInEffect[] } {
  const isOver = before === undefined || nowMs - before.failedAtMs >= episodeMs;
  const state = isOver ? undefined : before;
  switch (input) {
    case 'asks':
      // Asking too soon does not lengthen the wait: a device that never tires gets in all the same.
      return {
        state,
        effects: state !== undefined && nowMs < state.closedUntilMs ? ['refuse'] : [],
      };
    case 'failed': {
      const failures = (state?.failures ?? 0) + 1;
      const beyond = failures - freeFailures;
      const waitMs = beyond < 0 ? 0 : Math.min(firstWaitMs * 2 ** beyond, longestWaitMs);
      return {
        state: { failures, failedAtMs: nowMs, closedUntilMs: nowMs + waitMs },
        effects: beyond < 0 ? ['warn'] : beyond === 0 ? ['limited'] : [],
      };
    }
    case 'signed-in':
      return { state: undefined, effects: [] };
  }
}

/**
 * Who is held to account: an address together with the user name of a device, so that nobody can
 * lock a device out from elsewhere, nor can a faulty device those that share its address. All names
 * that no device has count as one. Of IPv6, it is the /64, which a single host has to itself
 * (RFC 6177).
 *
 * @param username of a device; undefined for any other.
 */
export function signInKey(address: string | undefined, username: string | undefined): string {
  const from = addressKey(address ?? '');
  return username === undefined ? from : `${from} ${username}`;
}

/** The states of all who failed, of the most recent ones where there are too many. */
export class SignInLimit {
  readonly #states = new Map<string, SignInState>();
  readonly #mostStates: number;

  /** @param mostStates about 200 bytes each. */
  constructor(mostStates = 10_000) {
    this.#mostStates = mostStates;
  }

  take(key: string, input: SignInInput, nowMs: number): readonly SignInEffect[] {
    const { state, effects } = step(this.#states.get(key), input, nowMs);
    if (state === undefined) this.#states.delete(key);
    else if (input === 'failed') this.#keep(key, state);
    return effects;
  }

  /** How long one still has to wait; 0 for one who may try. */
  waitMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#states.get(key)?.closedUntilMs ?? 0) - nowMs);
  }

  /** A map remembers the order of insertion: its first key failed longest ago. */
  #keep(key: string, state: SignInState): void {
    this.#states.delete(key);
    this.#states.set(key, state);
    if (this.#states.size <= this.#mostStates) return;
    for (const oldest of this.#states.keys()) {
      this.#states.delete(oldest);
      return;
    }
  }
}
