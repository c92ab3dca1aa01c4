import Type from 'typebox';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';
import { Fault, type Refusal } from '#contracts/fault.ts';

/** What a client is told of an error. */
export interface Problem {
  readonly code: FaultCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly faults?: readonly { path: string; value: unknown; message: string }[];
}

/** The shared schema by reference, so that OpenAPI names it once; it adds nothing to a route's type. */
export const problemReference = Type.Unsafe<never>({ $ref: 'Problem#' });

/** Fastify's own errors that have a code of ours. Its other errors below 500 are bad input. */
const frameworkCodes: Readonly<Record<string, FaultCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

/** What an error of any origin means to a client. Nothing of a fault's inside is told. */
export function problemOf(error: unknown): Problem {
  const code = codeOf(error);
  const { httpStatus, retryable } = faultCodes[code];
  if (httpStatus >= 500) {
    const message = retryable
      ? 'the hub cannot do this now: try again in a moment'
      : 'the hub failed at this; its log says why';
    return { code, message, retryable };
  }
  const faults = error instanceof Fault ? faultsIn(error.details) : undefined;
  return { code, message: messageFor(error), retryable, ...(faults && { faults }) };
}

/** A returned refusal as something that ends a request. */
export function faultFrom(refusal: Refusal): Fault {
  return new Fault(refusal.code, refusal.message, { details: { ...refusal.details } });
}

function codeOf(error: unknown): FaultCode {
  if (error instanceof Fault) return error.code;
  const { code = '', statusCode = 500 } = (error ?? {}) as { code?: string; statusCode?: number };
  const known = frameworkCodes[code];
  if (known !== undefined) return known;
  return statusCode >= 400 && statusCode < 500 ? 'BAD_INPUT' : 'INTERNAL';
}

function messageFor(error: unknown): string {
  return error instanceof Error ? error.message : 'the request cannot be understood';
}

function faultsIn(details: Readonly<Record<string, unknown>>): Problem['faults'] {
  const { faults } = details;
  return Array.isArray(faults) ? (faults as NonNullable<Problem['faults']>) : undefined;
}
