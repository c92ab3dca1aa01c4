import { csrfHeader } from '#contracts/api/session-api.ts';

/** Somebody with a cookie, at the page of a gateway or of the hub. */
export class PageClient {
  readonly #origin: string;
  #cookie = '';

  constructor(port: number) {
    this.#origin = `http://127.0.0.1:${port}`;
  }

  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(this.#origin + path, {
      method,
      headers: {
        [csrfHeader]: '1',
        origin: this.#origin,
        ...(this.#cookie !== '' && { cookie: this.#cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    this.#cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie;
    return answer;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.ask('GET', path)).json()) as T;
  }
}
