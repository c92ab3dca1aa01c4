import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';

/** Why a call gave nothing: the hub's fault code, or that the hub did not answer at all. */
export interface ApiProblem {
  readonly code: FaultCode | 'UNREACHABLE';
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterS?: number;
  /** What is wrong with a request, by JSON pointer. */
  readonly faults?: readonly { readonly path: string; readonly message: string }[];
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ApiProblem };

export function isFaultCode(code: unknown): code is FaultCode {
  return typeof code === 'string' && Object.hasOwn(faultCodes, code);
}

/** What to tell a person: a short title and what to do next. By code, never by message text. */
export function problemWords(problem: ApiProblem): { title: string; advice: string } {
  switch (problem.code) {
    case 'UNREACHABLE':
      return {
        title: 'The hub does not answer',
        advice: 'Check the network between this browser and the hub, then try again.',
      };
    case 'UNAVAILABLE':
    case 'LINK_DOWN':
    case 'STORE_FULL':
      return {
        title: 'The hub is not available right now',
        advice: 'It is starting, or its store has no room. Sites keep working and keep everything.',
      };
    case 'NOT_ALLOWED':
      return { title: 'You may not see this', advice: 'Ask an administrator for access.' };
    case 'NOT_FOUND':
      return { title: 'There is no such record', advice: 'The link may be old or mistyped.' };
    case 'BAD_INPUT':
      return {
        title: 'The hub did not understand the request',
        advice: 'Clear the filters and try again.',
      };
    case 'SIGN_IN_FAILED':
      return {
        title: 'User name or password is wrong',
        advice: 'Check both and try again.',
      };
    case 'TOO_MANY_ATTEMPTS':
      return {
        title: 'Too many attempts',
        advice:
          problem.retryAfterS === undefined
            ? 'Wait a few minutes, then try again.'
            : `Try again in ${waitWords(problem.retryAfterS)}.`,
      };
    default:
      return {
        title: 'The hub could not answer',
        advice: 'Try again. If it stays like this, its log says why.',
      };
  }
}

function waitWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.ceil(seconds / 60)} min`;
}
