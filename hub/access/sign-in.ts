import type { Logger } from 'pino';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { addressKey } from '#contracts/address-key.ts';
import { createAttemptLimiter } from './attempt-limiter.ts';
import { unmatchableHash, verifyPassword } from './password-hash.ts';
import type { People } from './people.ts';
import type { RandomBytes } from './random-bytes.ts';
import type { LiveSession, Sessions } from './sessions.ts';

interface SignInAttempt {
  readonly username: string;
  readonly password: string;
  /** Where the request came from. */
  readonly address: string;
  /** The session that the caller already had: it ends, so that a planted one gains nothing. */
  readonly formerId: string | undefined;
}

export type SignIn = (
  attempt: SignInAttempt,
) => Promise<Result<{ token: string; session: LiveSession }>>;

/** Each check takes 32 MiB for a tenth of a second: few at once, and a short queue. */
const checksAtOnce = 2;
const checksWaiting = 30;

/**
 * Signs people in. An attacker at one address slows down that address, and their own pair of
 * address and name sooner; a person at another address is not held up.
 */
export function createSignIn(parts: {
  people: People;
  sessions: Sessions;
  clock: Clock;
  random: RandomBytes;
  log: Logger;
}): SignIn {
  const { people, sessions, clock, random, log } = parts;
  const waits = { firstWaitMs: 1000, longestWaitMs: 15 * 60_000, capacity: 10_000 };
  const byPair = createAttemptLimiter({ ...waits, free: 5 });
  const byAddress = createAttemptLimiter({ ...waits, free: 40 });
  const nobody = unmatchableHash(random);
  const check = limitedCheck();

  return async ({ username, password, address, formerId }) => {
    const from = addressKey(address);
    const pair = `${from} ${username}`;
    const nowMs = clock.nowMs();
    const waitMs = byPair.admit(pair, nowMs) || byAddress.admit(from, nowMs);
    if (waitMs > 0) {
      log.warn({ address, waitMs }, 'access.sign-in-delayed');
      const seconds = Math.ceil(waitMs / 1000);
      return refuse('TOO_MANY_ATTEMPTS', `too many attempts: try again in ${seconds} s`, {
        retryAfterS: seconds,
      });
    }
    const person = await people.find(username);
    const matches = await check(password, person?.passwordHash ?? nobody);
    if (matches === undefined) {
      log.warn({ address }, 'access.sign-in-busy');
      return refuse('UNAVAILABLE', 'too many people are signing in: try again in a moment');
    }
    if (!matches || person === undefined) {
      // An unknown name may be a password that was typed into the wrong field.
      log.warn({ username: person?.username ?? null, address }, 'access.sign-in-refused');
      return refuse('SIGN_IN_FAILED', 'the name or the password is wrong');
    }
    byPair.clear(pair);
    byAddress.forgive(from);
    if (formerId !== undefined) await sessions.end(formerId);
    await sessions.prune();
    const opened = await sessions.open({ username: person.username, role: person.role });
    log.info({ username: person.username, address }, 'access.signed-in');
    return succeed(opened);
  };
}

/** @returns a check that answers undefined when too many wait already. */
function limitedCheck(): (password: string, hash: string) => Promise<boolean | undefined> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (password, hash) => {
    if (running < checksAtOnce) {
      running += 1;
    } else {
      if (waiting.length >= checksWaiting) return undefined;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    try {
      return await verifyPassword(password, hash);
    } finally {
      // The place is handed on, or given back.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
