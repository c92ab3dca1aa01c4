import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import type { StockPage } from '#contracts/api/stock-api.ts';
import type { StockRow } from '../check/evidence.ts';

const pageRows = 500;

/** A person at the hub's API: signs in as one does in the console, and reads. */
export class HubClient {
  readonly #url: string;
  readonly #credentials: { readonly username: string; readonly password: string };
  #cookie: string | undefined;

  constructor(url: string, credentials: { username: string; password: string }) {
    this.#url = url;
    this.#credentials = credentials;
  }

  /** Every stock row, page by page. @throws Error when the hub refuses. */
  async stock(): Promise<StockRow[]> {
    const rows: StockRow[] = [];
    for (;;) {
      const query = new URLSearchParams({
        sort: 'item',
        offset: String(rows.length),
        limit: String(pageRows),
      });
      const page = (await this.get(`${apiPaths.stock}?${query}`)) as StockPage;
      rows.push(...page.rows);
      if (page.rows.length === 0 || rows.length >= page.total) return rows;
    }
  }

  /** Any page of the API. @throws Error when the hub refuses. */
  async get(path: string): Promise<unknown> {
    this.#cookie ??= await this.#signIn();
    const response = await fetch(this.#url + path, {
      headers: { cookie: this.#cookie },
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) {
      this.#cookie = undefined;
      throw new Error(`the hub answered ${response.status} to ${path}: ${await response.text()}`);
    }
    return response.json();
  }

  /** Has the hub do something. @throws Error when the hub refuses. */
  async post(path: string, body: unknown): Promise<unknown> {
    this.#cookie ??= await this.#signIn();
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: { cookie: this.#cookie, 'content-type': 'application/json', [csrfHeader]: '1' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the hub answered ${response.status} to ${path}`);
    return response.json();
  }

  async #signIn(): Promise<string> {
    const { username, password } = this.#credentials;
    const response = await fetch(this.#url + apiPaths.session, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [csrfHeader]: '1' },
      body: JSON.stringify({ username, password }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the hub refused to sign in: ${await response.text()}`);
    const [cookie = ''] = response.headers.getSetCookie();
    return cookie.split(';')[0] ?? '';
  }
}
