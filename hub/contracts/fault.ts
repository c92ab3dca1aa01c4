import { faultCodes, type FaultCode } from './fault-codes.ts';

/** An operating fault: something outside the code went wrong. The cause is always kept. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: FaultCode,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.details = options.details ?? {};
  }

  get httpStatus(): number {
    return faultCodes[this.code].httpStatus;
  }

  get retryable(): boolean {
    return faultCodes[this.code].retryable;
  }
}

/** An expected refusal: returned, never thrown, so that a caller must decide what to do. */
export interface Refusal {
  readonly code: FaultCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(
  code: FaultCode,
  message: string,
  details?: Record<string, unknown>,
): { readonly ok: false; readonly refusal: Refusal } {
  return {
    ok: false,
    refusal: details === undefined ? { code, message } : { code, message, details },
  };
}

/** The message of anything that was thrown, for a log line or a fault that wraps it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
