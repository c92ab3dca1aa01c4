import { isFaultCode, type ApiProblem, type Answer } from './api-problem.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { Listeners } from '../listeners.ts';

/**
 * Calls the hub's API on the same origin. A refusal is returned with its code, never thrown; the
 * session cookie travels by itself, and unsafe requests carry the header no other origin can send.
 */
export class ApiClient {
  readonly #fetch: typeof fetch;
  /** Told when the hub says that nobody is signed in. */
  readonly signedOut = new Listeners();

  constructor(fetchFrom: typeof fetch) {
    this.#fetch = fetchFrom;
  }

  get<T>(url: string, signal?: AbortSignal): Promise<Answer<T>> {
    return this.#ask<T>(url, signal === undefined ? {} : { signal });
  }

  send<T>(method: 'POST' | 'DELETE', url: string, body?: unknown): Promise<Answer<T>> {
    const headers: Record<string, string> = { [csrfHeader]: '1' };
    if (body === undefined) return this.#ask<T>(url, { method, headers });
    headers['content-type'] = 'application/json';
    return this.#ask<T>(url, { method, headers, body: JSON.stringify(body) });
  }

  async #ask<T>(url: string, init: RequestInit): Promise<Answer<T>> {
    let response: Response;
    try {
      response = await this.#fetch(url, { credentials: 'same-origin', ...init });
    } catch {
      return { ok: false, problem: unreachable };
    }
    const body = await readJson(response);
    if (response.ok) return { ok: true, value: body as T };
    const problem = problemOf(response, body);
    if (problem.code === 'NOT_SIGNED_IN') this.signedOut.tell();
    return { ok: false, problem };
  }
}

const unreachable: ApiProblem = {
  code: 'UNREACHABLE',
  message: 'No answer from the hub.',
  retryable: true,
};

async function readJson(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** Whatever stands between console and hub may answer without a problem body: then by status. */
function problemOf(response: Response, body: unknown): ApiProblem {
  const wait = Number(response.headers.get('retry-after'));
  const retryAfterS = Number.isFinite(wait) && wait > 0 ? { retryAfterS: wait } : {};
  if (typeof body === 'object' && body !== null && 'code' in body && isFaultCode(body.code)) {
    const message = 'message' in body && typeof body.message === 'string' ? body.message : '';
    const retryable = 'retryable' in body && body.retryable === true;
    const faults = 'faults' in body && Array.isArray(body.faults) ? { faults: body.faults } : {};
    return { code: body.code, message, retryable, ...retryAfterS, ...faults };
  }
  const away = response.status === 502 || response.status === 503 || response.status === 504;
  return {
    code: response.status === 401 ? 'NOT_SIGNED_IN' : away ? 'UNAVAILABLE' : 'INTERNAL',
    message: `The answer had status ${response.status}.`,
    retryable: away,
    ...retryAfterS,
  };
}
