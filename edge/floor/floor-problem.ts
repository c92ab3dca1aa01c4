import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { FloorProblem } from '#contracts/api/floor-api.ts';
import { describeFaults } from '#contracts/config-faults.ts';
import { Fault, type Refusal } from '#contracts/fault.ts';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';

/** A request's part as its schema has it. @throws Fault BAD_INPUT with every fault of it. */
export function readPart<S extends TSchema>(
  schema: S,
  value: unknown,
  part: 'body' | 'query',
): Static<S> {
  // A query is text: numbers must be read from it. A body says itself what it is.
  const read = part === 'body' ? value : Value.Convert(schema, Value.Clone(value));
  const faults = describeFaults(schema, read).map((fault) => ({
    path: fault.path,
    value: fault.value ?? null,
    remedy: fault.remedy,
  }));
  const [first] = faults;
  if (first === undefined) return read as Static<S>;
  throw new Fault('BAD_INPUT', `${first.path || `the ${part}`}: ${first.remedy}`, {
    details: { faults },
  });
}

/** A returned refusal as something that ends a request. */
export function faultFrom({ code, message, details }: Refusal): Fault {
  return new Fault(code, message, { details: { ...details } });
}

/** The one place where errors of the floor's routes become answers. */
export function answerProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  const problem = problemOf(error);
  const { httpStatus } = faultCodes[problem.code];
  if (httpStatus === 500) log.error({ err: error, path: request.routeOptions.url }, 'floor.failed');
  if (problem.retryAfterS !== undefined) reply.header('retry-after', String(problem.retryAfterS));
  return reply.code(httpStatus).send(problem);
}

function problemOf(error: unknown): FloorProblem & { readonly code: FaultCode } {
  const code = codeOf(error);
  const { httpStatus, retryable } = faultCodes[code];
  if (httpStatus === 500) {
    return { code, message: 'the gateway failed at this; its log says why', retryable };
  }
  const message = error instanceof Error ? error.message : 'the request cannot be understood';
  const details = error instanceof Fault ? error.details : {};
  const { faults, retryAfterS } = details as Pick<FloorProblem, 'faults' | 'retryAfterS'>;
  return {
    code,
    message,
    retryable,
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
    ...(faults === undefined ? {} : { faults }),
  };
}

function codeOf(error: unknown): FaultCode {
  if (error instanceof Fault) return error.code;
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  if (statusCode === 413) return 'BODY_TOO_LARGE';
  return typeof statusCode === 'number' && statusCode < 500 ? 'BAD_INPUT' : 'INTERNAL';
}
