import type { Fleet } from '#contracts/api/fleet-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { Fault } from '#contracts/fault.ts';

/** A person at the hub's API. */
export class HubSession {
  readonly #url: string;
  readonly #cookie: string;

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  static async signIn(
    url: string,
    credentials: { readonly username: string; readonly password: string },
  ): Promise<HubSession> {
    const answer = await fetch(url + apiPaths.session, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [csrfHeader]: '1' },
      body: JSON.stringify(credentials),
    });
    if (!answer.ok) throw new Fault('UNAVAILABLE', `the hub refused to sign in: ${answer.status}`);
    const [cookie = ''] = answer.headers.getSetCookie();
    return new HubSession(url, cookie.split(';')[0] ?? '');
  }

  async fleet(): Promise<Fleet> {
    const answer = await fetch(this.#url + apiPaths.fleet, { headers: { cookie: this.#cookie } });
    if (!answer.ok) throw new Fault('UNAVAILABLE', `the hub answered ${answer.status}`);
    return (await answer.json()) as Fleet;
  }
}
