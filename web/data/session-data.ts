import type { Session } from '#contracts/api/session-api.ts';
import { Listeners } from '../listeners.ts';
import { apiUrls } from '../paths.ts';
import type { ApiClient } from './api-client.ts';
import type { ApiProblem } from './api-problem.ts';

export type SessionState<S = Session> =
  | { readonly state: 'asking' }
  | { readonly state: 'unknown'; readonly problem: ApiProblem }
  | { readonly state: 'signed-out'; readonly ended: boolean }
  | { readonly state: 'signed-in'; readonly session: S };

/** Whether the hub says that who is signed in may do that. It decides again at every request. */
export function mayDo(current: SessionState, action: string): boolean {
  return current.state === 'signed-in' && current.session.may.includes(action);
}

/**
 * Who is signed in. The session is an HttpOnly cookie; this only knows what the server says of it:
 * the hub, or for the floor page the gateway.
 */
export class SessionData<S = Session> {
  readonly changed = new Listeners();
  readonly #api: ApiClient;
  readonly #url: string;
  #current: SessionState<S> = { state: 'asking' };

  constructor(api: ApiClient, url: string = apiUrls.session) {
    this.#api = api;
    this.#url = url;
  }

  get current(): SessionState<S> {
    return this.#current;
  }

  start(): void {
    this.#api.signedOut.add(() => {
      const was = this.#current.state;
      if (was !== 'signed-out') this.#become({ state: 'signed-out', ended: was === 'signed-in' });
    });
    void this.check();
  }

  /** Asks who is signed in. A server that does not answer signs nobody out. */
  async check(): Promise<void> {
    if (this.#current.state === 'unknown') this.#become({ state: 'asking' });
    const answer = await this.#api.get<S>(this.#url);
    if (answer.ok) this.#become({ state: 'signed-in', session: answer.value });
    else if (answer.problem.code !== 'NOT_SIGNED_IN' && this.#current.state !== 'signed-in') {
      this.#become({ state: 'unknown', problem: answer.problem });
    }
  }

  /** Says at this address that a person is still there; what comes back is the session now. */
  async renew(url: string): Promise<void> {
    const answer = await this.#api.send<S>('POST', url);
    const isIn = this.#current.state === 'signed-in';
    if (answer.ok && isIn) this.#become({ state: 'signed-in', session: answer.value });
  }

  /** @returns why it failed, or undefined when signed in. */
  async signIn(username: string, password: string): Promise<ApiProblem | undefined> {
    const body = { username, password };
    const answer = await this.#api.send<S>('POST', this.#url, body);
    if (!answer.ok) return answer.problem;
    this.#become({ state: 'signed-in', session: answer.value });
    return undefined;
  }

  /** @returns why it failed, or undefined when signed out. */
  async signOut(): Promise<ApiProblem | undefined> {
    const answer = await this.#api.send<undefined>('DELETE', this.#url);
    if (!answer.ok && answer.problem.code !== 'NOT_SIGNED_IN') return answer.problem;
    this.#become({ state: 'signed-out', ended: false });
    return undefined;
  }

  #become(next: SessionState<S>): void {
    this.#current = next;
    this.changed.tell();
  }
}
