import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { apiPaths } from '#contracts/api/routes-api.ts';
import {
  enrolmentRequest,
  loginStatement,
  signedEnrolmentAnswer,
  signedLoginAnswer,
} from '#contracts/enrolment.ts';
import { Fault, type Result } from '#contracts/fault.ts';
import {
  restoreRequest,
  signedRestoreAnswer,
  type RestoreRequest,
  type SignedRestoreAnswer,
} from '#contracts/replacement.ts';
import type { Clock } from '#contracts/time.ts';
import { addressKey } from '#contracts/address-key.ts';
import { createAttemptLimiter } from '../access/attempt-limiter.ts';
import type { Enrolment } from '../enrol/enrolment.ts';
import type { Replacements } from '../replace/replacements.ts';
import type { HubApp } from './hub-app.ts';
import { faultFrom, problemReference } from './problem.ts';

const tags = ['enrolment'];
const waits = { free: 20, firstWaitMs: 1000, longestWaitMs: 60_000, capacity: 10_000 };

/**
 * What gateways ask for themselves. Nobody is signed in here: a request proves itself by the keys
 * that signed it. Checking that takes milliseconds, so an address that keeps failing has to wait.
 */
export function enrolPlugin(parts: {
  enrolment: Enrolment;
  replacements: Pick<Replacements, 'answer'>;
  clock: Clock;
  log: Logger;
}) {
  const { enrolment, replacements, clock, log } = parts;
  const limiter = createAttemptLimiter(waits);

  async function limited<T>(request: FastifyRequest, work: () => Promise<Result<T>>): Promise<T> {
    const from = addressKey(request.ip);
    const waitMs = limiter.admit(from, clock.nowMs());
    if (waitMs > 0) {
      log.warn({ address: request.ip, waitMs }, 'enrol.delayed');
      const retryAfterS = Math.ceil(waitMs / 1000);
      throw new Fault('TOO_MANY_ATTEMPTS', `too many attempts: try again in ${retryAfterS} s`, {
        details: { retryAfterS },
      });
    }
    const done = await work();
    if (!done.ok) throw faultFrom(done.refusal);
    limiter.forgive(from);
    return done.value;
  }

  return (app: HubApp, _options: unknown, done: () => void): void => {
    app.post(
      apiPaths.enrol,
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'A new gateway, with a one-time token and proof of its own keys',
          body: enrolmentRequest,
          response: { 200: signedEnrolmentAnswer, default: problemReference },
        },
      },
      (request) => limited(request, () => enrolment.enrol(request.body)),
    );
    app.post(
      apiPaths.login,
      {
        config: { access: 'public' },
        schema: {
          tags,
          summary: 'A gateway says by which login it comes from now on',
          body: loginStatement,
          response: { 200: signedLoginAnswer, default: problemReference },
        },
      },
      (request) => limited(request, () => enrolment.login(request.body)),
    );
    addRestore(app, (request, body) => limited(request, () => replacements.answer(body)));
    done();
  };
}

function addRestore(
  app: HubApp,
  answer: (request: FastifyRequest, body: RestoreRequest) => Promise<SignedRestoreAnswer>,
): void {
  app.post(
    apiPaths.restore,
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'A gateway in the place of another one asks for the book of that one',
        body: restoreRequest,
        response: { 200: signedRestoreAnswer, default: problemReference },
      },
    },
    (request) => answer(request, request.body),
  );
}
