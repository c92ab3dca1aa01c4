import type { Logger } from 'pino';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { SitePerson } from '#contracts/people.ts';
import type { Clock } from '#contracts/time.ts';
import { SignInLimit, signInKey } from '../intake/sign-in-limit.ts';
import { unmatchableHash, verifyPassword, type RandomBytes } from './password-hash.ts';
import { whyNot, type People } from './people.ts';

interface Attempt {
  readonly username: string;
  readonly password: string;
  readonly address: string;
}

export type SignIn = (attempt: Attempt) => Promise<Result<SitePerson>>;

/** Each check takes 32 MiB for a tenth of a second, beside devices that must not wait. */
const mostWaiting = 20;

const remedies = {
  revoked: 'your rights at this site have ended: ask your supervisor',
  expired: 'your credential has run out: let your supervisor renew it, then sign in again',
} as const;

/**
 * Checks who somebody is, one at a time. After ten failures of one address with one name, each
 * further one costs a wait of up to a minute; an attempt counts when it begins, so that many at
 * once gain nothing.
 */
export function createSignIn(parts: {
  readonly people: People;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}): SignIn {
  const { people, clock, random, log } = parts;
  const limit = new SignInLimit();
  const nobody = unmatchableHash(random);
  let waiting = 0;
  let turn: Promise<unknown> = Promise.resolve();

  return async ({ username, password, address }) => {
    const person = people.named(username);
    const key = signInKey(address, person?.username);
    if (limit.take(key, 'asks', clock.monotonicMs()).includes('refuse')) {
      const retryAfterS = Math.ceil(limit.waitMs(key, clock.monotonicMs()) / 1000);
      const message = `too many failed attempts: try again in ${retryAfterS} s`;
      return refuse('TOO_MANY_ATTEMPTS', message, { retryAfterS });
    }
    if (waiting >= mostWaiting) {
      return refuse('UNAVAILABLE', 'too many people are signing in: try again in a moment');
    }
    const effects = limit.take(key, 'failed', clock.monotonicMs());
    if (effects.includes('limited')) log.warn({ address }, 'floor.sign-ins-limited');
    waiting += 1;
    const check = turn.then(() => verifyPassword(password, person?.passwordHash ?? nobody));
    turn = check.catch(() => {});
    const isRight = await check.finally(() => (waiting -= 1));
    if (!isRight || person === undefined) {
      // An unknown name may be a password that was typed into the wrong field.
      log.warn({ person: person?.id ?? null, address }, 'floor.sign-in-refused');
      return refuse('SIGN_IN_FAILED', 'the name or the password is wrong: type both again');
    }
    limit.take(key, 'signed-in', clock.monotonicMs());
    const reason = whyNot(person, clock.nowMs());
    if (reason !== undefined) {
      log.warn({ person: person.id, address, reason }, 'floor.sign-in-refused');
      return refuse('SIGN_IN_FAILED', remedies[reason]);
    }
    log.info({ person: person.id, address }, 'floor.signed-in');
    return succeed(person);
  };
}
