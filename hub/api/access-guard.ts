import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { assert } from '#contracts/assert.ts';
import { Fault } from '#contracts/fault.ts';
import { can, type Action } from '../access/policy.ts';
import type { LiveSession, Sessions } from '../access/sessions.ts';
import type { HubApp } from './hub-app.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface AccessParts {
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  readonly metricsToken: string;
}

/**
 * Lets a request through to its route, or not. Every route must say who may use it; an address
 * without a route has nothing to guard and goes on to the answer for that.
 */
export function addAccessGuard(app: HubApp, parts: AccessParts): void {
  const { metricsToken } = parts;
  app.decorateRequest('signedIn', undefined);
  app.addHook('onRoute', (route) => {
    assert(route.config?.access !== undefined, `route ${route.url} does not say who may use it`);
  });
  app.addHook('onRequest', async (request) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'public') return;
    if (access === 'metrics-token') {
      if (holdsToken(request, metricsToken)) return;
      throw new Fault('NOT_SIGNED_IN', 'this needs the metrics token');
    }
    request.signedIn = await sessionIn(request, parts);
    checkAllowed(request, access);
  });
}

/** Whether somebody at an open route holds the metrics token, or is signed in and may do `action`. */
export async function mayAlso(
  request: FastifyRequest,
  action: Action,
  parts: AccessParts,
): Promise<boolean> {
  if (holdsToken(request, parts.metricsToken)) return true;
  const session = await sessionIn(request, parts);
  return session !== undefined && can(session, action);
}

async function sessionIn(
  request: FastifyRequest,
  { cookie, sessions }: AccessParts,
): Promise<LiveSession | undefined> {
  const token = cookie.read(request);
  return token === undefined ? undefined : sessions.use(token);
}

/**
 * The session of a request whose route is not public.
 *
 * @throws Fault NOT_SIGNED_IN.
 */
export function sessionOf(request: FastifyRequest): LiveSession {
  if (request.signedIn === undefined) throw new Fault('NOT_SIGNED_IN', 'sign in first');
  return request.signedIn;
}

function checkAllowed(request: FastifyRequest, action: Action): void {
  const session = sessionOf(request);
  if (can(session, action)) return;
  request.log.warn({ username: session.username, action }, 'access.refused');
  throw new Fault('NOT_ALLOWED', `${session.role}s may not do this`);
}

/** Both sides are hashed, so that neither content nor length shows in the time it takes. */
function holdsToken(request: FastifyRequest, expected: string): boolean {
  const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
