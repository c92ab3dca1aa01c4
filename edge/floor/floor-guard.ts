import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { Fault } from '#contracts/fault.ts';
import type { LiveSession, Sessions } from './sessions.ts';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Why a request must be taken as another site's. A page elsewhere cannot send our header without a
 * CORS preflight, which is never granted; Origin and Sec-Fetch-Site are a second wall. A name that
 * is not the public one may have been rebound to our address by anybody; an address cannot be.
 */
export function crossSiteReason(
  method: string,
  headers: IncomingHttpHeaders,
  publicOrigin: string | undefined,
): string | undefined {
  if (safeMethods.has(method)) return undefined;
  if (headers[csrfHeader] === undefined) return `the header ${csrfHeader} is missing: send it`;
  const fetchSite = headers['sec-fetch-site'];
  if (fetchSite !== undefined && fetchSite !== 'same-origin') {
    return 'another site asked for this: use the floor page itself';
  }
  const { origin, host = '' } = headers;
  if (origin === undefined || origin === publicOrigin) return undefined;
  if (origin === `http://${host}` && isOwnHost(host)) return undefined;
  return `the origin ${origin} is not this gateway: open it by its address, or set floor.publicOrigin`;
}

function isOwnHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isIP(name) !== 0;
}

/**
 * The cookie that carries a session. `__Host-` makes browsers insist on Secure, this host and the
 * whole path; without https there is no Secure, and the name must differ. It has no Max-Age: it
 * goes when the browser is closed.
 */
export class FloorCookie {
  readonly #name: string;
  readonly #attributes: string;

  constructor(publicOrigin: string | undefined) {
    const isSecure = publicOrigin?.startsWith('https:') === true;
    this.#name = isSecure ? '__Host-holdfast-floor' : 'holdfast-floor';
    this.#attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  }

  read({ headers }: FastifyRequest): string | undefined {
    for (const pair of (headers.cookie ?? '').split(';')) {
      const [name, value] = pair.trim().split('=', 2);
      if (name === this.#name) return value;
    }
    return undefined;
  }

  set(reply: FastifyReply, token: string): void {
    reply.header('set-cookie', `${this.#name}=${token}; ${this.#attributes}`);
  }

  clear(reply: FastifyReply): void {
    reply.header('set-cookie', `${this.#name}=; ${this.#attributes}; Max-Age=0`);
  }
}

/**
 * Whose request it is. What a page asks for by itself, again and again, does not keep a session
 * alive: only what a person does.
 *
 * @throws Fault NOT_SIGNED_IN
 */
export function sessionOf(
  request: FastifyRequest,
  cookie: FloorCookie,
  sessions: Sessions,
  by: 'person' | 'page',
): LiveSession {
  const token = cookie.read(request) ?? '';
  const session = by === 'person' ? sessions.use(token) : sessions.look(token);
  if (session !== undefined) return session;
  throw new Fault('NOT_SIGNED_IN', 'nobody is signed in, or the session is over: sign in');
}
