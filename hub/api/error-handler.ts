import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultCodes } from '#contracts/fault-codes.ts';
import { Fault } from '#contracts/fault.ts';
import type { HubApp } from './hub-app.ts';
import { problemOf } from './problem.ts';

/** The one place where errors become answers; an unknown path is an error like others. */
export function addErrorHandler(app: HubApp): void {
  app.setErrorHandler((error, request, reply) => answerWithProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerWithProblem(new Fault('NOT_FOUND', 'there is nothing at this address'), request, reply),
  );
}

export function answerWithProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemOf(error);
  const status = faultCodes[problem.code].httpStatus;
  if (status >= 500) request.log.error({ err: error }, 'http.failed');
  if (error instanceof Fault && typeof error.details['retryAfterS'] === 'number') {
    void reply.header('retry-after', String(error.details['retryAfterS']));
  }
  return reply.code(status).type('application/json; charset=utf-8').send(problem);
}
