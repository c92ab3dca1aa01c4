import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Fault } from '#contracts/fault.ts';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';
import { isBearer } from './bearer-token.ts';
import type { FeedDoor } from '../feed/feed.ts';
import type { Floor } from '../floor/floor.ts';
import type { KeyRotation } from '../identity/key-rotation.ts';
import type { ConfigApplier } from '../live/config-applier.ts';
import type { DeviceTraffic } from '../live/device-traffic.ts';
import type { StatusSource } from './gateway-status.ts';
import { healthOf } from './health.ts';
import { createMetrics } from './metrics.ts';
import { addConfigRoutes, type ConfigOverrides } from './config-routes.ts';
import { addFeedRoutes } from './feed-routes.ts';
import { addQuarantineRoute } from './quarantine-route.ts';
import { addScanRoutes, type ScanRouteOptions } from './scan-routes.ts';
import { addTrafficRoutes } from './traffic-routes.ts';

export interface GatewayApiOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whose X-Forwarded-For says where a request comes from; nobody's without it. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** What `/metrics`, `/devices` and `/quarantine` ask for. */
  readonly token: string;
  readonly source: StatusSource;
  /** Where scanners post; without it the gateway takes none over HTTP. */
  readonly scans?: Omit<ScanRouteOptions, 'log'>;
  /** Behind `/config`; without it the gateway's config is what it was started with. */
  readonly config?: ConfigApplier;
  /** Behind `/config/override`. */
  readonly overrides?: ConfigOverrides;
  /** Behind `/identity/rotate-key`; undefined until the gateway may speak with its hub. */
  readonly rotation?: () => Pick<KeyRotation, 'begin'> | undefined;
  /** What devices say, for whoever sets them up. */
  readonly traffic?: DeviceTraffic;
  /** Behind `/documents` and `/feed`, under a token of its own; without that there is neither. */
  readonly feed?: FeedDoor;
  /** The page for people on the floor; without it there is none. */
  readonly floor?: Pick<Floor, 'addTo'> | undefined;
  readonly log: Logger;
}

export interface GatewayApi {
  /** @returns the port. */
  start(): Promise<number>;
  /** Frees its address for another one; who is connected is still answered. */
  release(): void;
  stop(): Promise<void>;
}

/** The gateway's own HTTP: health for anybody, the rest behind a bearer token. Read only. */
export function createGatewayApi(options: GatewayApiOptions): GatewayApi {
  const { trustedProxies = [] } = options;
  const trustProxy = trustedProxies.length > 0 && [...trustedProxies];
  const app = Fastify({ forceCloseConnections: true, bodyLimit: 1024, trustProxy });
  addErrors(app, options.log);
  addHealth(app, options.source);
  void app.register((guarded, _, done) => {
    addGuard(guarded, options.token);
    addReports(guarded, options.source);
    if (options.traffic !== undefined) addTrafficRoutes(guarded, options.traffic);
    if (options.rotation !== undefined) addRotationRoute(guarded, options.rotation);
    done();
  });
  const { config, floor, overrides, scans, log } = options;
  if (floor !== undefined) void app.register((people) => floor.addTo(people));
  if (config !== undefined) {
    void app.register((guarded, _, done) => {
      addGuard(guarded, options.token);
      addConfigRoutes(guarded, config, overrides);
      done();
    });
  }
  const { feed } = options;
  if (feed?.token !== undefined) {
    const { token } = feed;
    void app.register((system, _, done) => {
      addFeedRoutes(system, { ...feed, token }, log);
      done();
    });
  }
  if (scans !== undefined) {
    void app.register((scanners, _, done) => {
      addScanRoutes(scanners, { ...scans, log });
      done();
    });
  }
  return {
    async start() {
      await app.listen({ host: options.host, port: options.port });
      return (app.server.address() as AddressInfo).port;
    },
    release: () => void app.server.close(),
    stop: () => app.close(),
  };
}

function addErrors(app: FastifyInstance, log: Logger): void {
  const problem = (code: FaultCode, message: string) => ({
    code,
    message,
    retryable: faultCodes[code].retryable,
  });
  app.setNotFoundHandler((_, reply) => reply.code(404).send(problem('NOT_FOUND', 'no such page')));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Fault) {
      return reply.code(error.httpStatus).send(problem(error.code, error.message));
    }
    log.error({ err: error, path: request.routeOptions.url }, 'api.failed');
    return reply.code(500).send(problem('INTERNAL', 'the request failed; the log says why'));
  });
}

function addHealth(app: FastifyInstance, source: StatusSource): void {
  app.get('/health', (_, reply) => {
    const health = healthOf(source.status());
    return reply
      .code(health.status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(health);
  });
}

function addGuard(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isBearer(request.headers.authorization, token)) return;
    reply.header('www-authenticate', 'Bearer');
    throw new Fault('NOT_SIGNED_IN', 'this page needs the bearer token of http.tokenFile');
  });
}

function addRotationRoute(
  app: FastifyInstance,
  rotation: NonNullable<GatewayApiOptions['rotation']>,
): void {
  app.post('/identity/rotate-key', async () => {
    const begun = await rotation()?.begin();
    if (begun?.ok === true) return begun.value;
    throw begun === undefined
      ? new Fault('UNAVAILABLE', 'the gateway just starts: try again in a moment')
      : new Fault(begun.refusal.code, begun.refusal.message);
  });
}

function addReports(app: FastifyInstance, source: StatusSource): void {
  const metrics = createMetrics();
  app.get('/metrics', async (_, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.textOf(source.status())),
  );
  app.get('/devices', () => {
    const { devices, alerts } = source.status();
    return { devices, alerts };
  });
  app.get('/secrets', () => ({ secrets: source.secrets?.() ?? [] }));
  addQuarantineRoute(app, source);
}
