import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance, RawServerDefault } from 'fastify';
import type { Logger } from 'pino';
import type { Action } from '../access/policy.ts';
import type { LiveSession } from '../access/sessions.ts';

/** The Fastify instance that every plugin of this folder adds to. */
export type HubApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  Logger,
  TypeBoxTypeProvider
>;

/** Who may use a route: everybody, who may do an action, or who holds the metrics token. */
export type RouteAccess = 'public' | 'metrics-token' | Action;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Every route names this; one that does not keeps the server from starting. */
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Set by the access guard where the cookie belongs to a session that holds. */
    signedIn: LiveSession | undefined;
  }
}
