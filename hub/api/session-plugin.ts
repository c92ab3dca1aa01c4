import Type from 'typebox';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { session, signInBody, type Session } from '#contracts/api/session-api.ts';
import { grantedTo } from '../access/policy.ts';
import type { LiveSession, Sessions } from '../access/sessions.ts';
import type { SignIn } from '../access/sign-in.ts';
import { sessionOf } from './access-guard.ts';
import type { HubApp } from './hub-app.ts';
import { faultFrom, problemReference } from './problem.ts';
import type { SessionCookie } from './session-cookie.ts';

const tags = ['session'];

interface Parts {
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly cookie: SessionCookie;
}

/** Sign in, ask who one is, sign out. */
export function sessionPlugin(parts: Parts) {
  return (app: HubApp, _options: unknown, done: () => void): void => {
    addSignIn(app, parts);
    addWhoIsSignedIn(app);
    addSignOut(app, parts);
    done();
  };
}

function addSignIn(app: HubApp, { sessions, signIn, cookie }: Parts): void {
  app.post(
    apiPaths.session,
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Sign in',
        body: signInBody,
        response: { 200: session, default: problemReference },
      },
    },
    async (request, reply) => {
      const former = cookie.read(request);
      const formerSession = former === undefined ? undefined : await sessions.use(former);
      const opened = await signIn({
        ...request.body,
        address: request.ip,
        formerId: formerSession?.id,
      });
      if (!opened.ok) throw faultFrom(opened.refusal);
      cookie.set(reply, opened.value.token);
      return shown(opened.value.session);
    },
  );
}

function addWhoIsSignedIn(app: HubApp): void {
  app.get(
    apiPaths.session,
    {
      config: { access: 'session.own' },
      schema: {
        tags,
        summary: 'Who is signed in',
        response: { 200: session, default: problemReference },
      },
    },
    (request) => shown(sessionOf(request)),
  );
}

function addSignOut(app: HubApp, { sessions, cookie }: Parts): void {
  app.delete(
    apiPaths.session,
    {
      config: { access: 'session.own' },
      schema: {
        tags,
        summary: 'Sign out',
        response: { 204: Type.Null(), default: problemReference },
      },
    },
    async (request, reply) => {
      const { id, username } = sessionOf(request);
      await sessions.end(id);
      request.log.info({ username, address: request.ip }, 'access.signed-out');
      cookie.clear(reply);
      return reply.code(204).send(null);
    },
  );
}

function shown({ username, role, expiresAtMs }: LiveSession): Session {
  return { username, role, expiresAt: expiresAtMs, may: [...grantedTo(role)] };
}
