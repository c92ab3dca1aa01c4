import cookies from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { LogController, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from '#contracts/time.ts';
import type { Sessions } from '../access/sessions.ts';
import type { SignIn } from '../access/sign-in.ts';
import type { Change } from '../projections/changes.ts';
import type { Enrolment } from '../enrol/enrolment.ts';
import type { FleetConfigService } from '../fleet-config/fleet-config.ts';
import type { Replacements } from '../replace/replacements.ts';
import type { SitePeopleDesk } from '../site-people/site-people.ts';
import { addAccessGuard, mayAlso } from './access-guard.ts';
import { configPlugin } from './config-plugin.ts';
import { consolePlugin } from './console-plugin.ts';
import { addCrossSiteGuard } from './cross-site-guard.ts';
import { addErrorHandler, answerWithProblem } from './error-handler.ts';
import { eventPlugin } from './event-plugin.ts';
import { enrolPlugin } from './enrol-plugin.ts';
import { evidencePlugin } from './evidence-plugin.ts';
import { EventStreams } from './event-streams.ts';
import { fleetPlugin } from './fleet-plugin.ts';
import { healthPlugin } from './health-plugin.ts';
import { addHttpMetrics } from './http-metrics.ts';
import type { HubApp } from './hub-app.ts';
import type { HubHealth } from './hub-health.ts';
import type { HubQueries } from './hub-queries.ts';
import { metricsPlugin } from './metrics-plugin.ts';
import { collectOpenApi, openApiPlugin } from './openapi-plugin.ts';
import { outagesPlugin } from './outages-plugin.ts';
import { addRequestLog } from './request-log.ts';
import { setSchemaCompilers } from './schema-compilers.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { createSessionCookie } from './session-cookie.ts';
import { sessionPlugin } from './session-plugin.ts';
import { sitePeoplePlugin } from './site-people-plugin.ts';
import { stockPlugin } from './stock-plugin.ts';
import { inTransitPlugin } from './in-transit-plugin.ts';
import { tasksPlugin } from './tasks-plugin.ts';
import { streamPlugin } from './stream-plugin.ts';

export interface HttpServerParts {
  readonly queries: HubQueries;
  readonly healthOf: () => HubHealth;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly enrolment: Enrolment;
  readonly fleetConfig: FleetConfigService;
  readonly replacements: Pick<Replacements, 'answer'>;
  readonly sitePeople: Pick<SitePeopleDesk, 'list' | 'add' | 'change' | 'revoke'>;
  readonly registry: Registry;
  readonly metricsToken: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The address that people use, where a proxy stands in front: `https://hub.example`. */
  readonly publicUrl?: string | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  /** Folder of the built console. */
  readonly consoleDir: string;
}

export interface HttpServer {
  readonly app: HubApp;
  announce(change: Change): void;
}

const maxBodyBytes = 64 * 1024;

/** The hub's API and console, not listening yet. */
export async function createHttpServer(parts: HttpServerParts): Promise<HttpServer> {
  const { queries, sessions, log, publicUrl } = parts;
  const https = publicUrl?.startsWith('https://') === true;
  const app: HubApp = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 200 },
    trustProxy: parts.trustedProxies === undefined ? false : [...parts.trustedProxies],
    frameworkErrors: (error, request, reply) => void answerWithProblem(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  const cookie = createSessionCookie(https);
  const streams = new EventStreams({ sessions, clock: parts.clock, log });

  setSchemaCompilers(app);
  addErrorHandler(app);
  addSecurityHeaders(app, https);
  addRequestLog(app);
  addHttpMetrics(app, parts.registry, streams);
  await app.register(cookies);
  addCrossSiteGuard(app, publicUrl);
  const access = { sessions, cookie, metricsToken: parts.metricsToken };
  addAccessGuard(app, access);
  await collectOpenApi(app, cookie.name);

  await app.register(sessionPlugin({ sessions, signIn: parts.signIn, cookie }));
  await app.register(stockPlugin(queries));
  await app.register(eventPlugin(queries));
  await app.register(evidencePlugin(queries));
  await app.register(fleetPlugin(queries));
  await app.register(configPlugin(parts.fleetConfig));
  await app.register(outagesPlugin(queries));
  await app.register(inTransitPlugin(queries));
  await app.register(tasksPlugin(queries));
  await app.register(sitePeoplePlugin(parts.sitePeople));
  await app.register(streamPlugin(streams));
  await app.register(enrolPlugin(parts));
  await app.register(openApiPlugin);
  const mayName = (request: FastifyRequest) => mayAlso(request, 'fleet.read', access);
  await app.register(healthPlugin(parts.healthOf, mayName));
  await app.register(metricsPlugin(parts.registry));
  await app.register(consolePlugin(parts.consoleDir));
  return { app, announce: (change) => streams.announce(change) };
}
