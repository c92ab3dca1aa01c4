import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { RawEvidence } from '#contracts/api/evidence-api.ts';
import type { Fleet } from '#contracts/api/fleet-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { refuse } from '#contracts/fault.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import type { EventEvidence, StockPage } from '#contracts/api/stock-api.ts';
import { accessStoreOf } from '../../access/access-store.ts';
import { createPeople } from '../../access/people.ts';
import { Sessions } from '../../access/sessions.ts';
import { createSignIn } from '../../access/sign-in.ts';
import { createEnrolment } from '../../enrol/enrolment.ts';
import { createFleetConfig } from '../../fleet-config/fleet-config.ts';
import { hubKeyOf } from '../../intake/hub-key.ts';
import { openHubStore } from '../../open-hub-store.ts';
import { SitePeopleDesk } from '../../site-people/site-people.ts';
import type { HubHealth } from '../hub-health.ts';
import type { HubQueries } from '../hub-queries.ts';
import { createHttpServer, type HttpServerParts } from '../http-server.ts';

/** Device text at its worst: it must come out of the API as JSON text and nothing else. */
export const hostileText = `"><script>alert(1)</script>\u2028\u0000𝕏';--`;

const row = {
  site: 'berlin',
  zone: 'dock',
  status: 'receiving' as const,
  owner: 'own',
  item: hostileText,
  lot: null,
  handlingUnit: null,
  quantity: -3,
  lastEvent: 'gw-1/1/7',
  changedAt: 1_700_000_000_000,
};
export const stockAnswer: StockPage = {
  rows: [row],
  total: 1,
  totalQuantity: -3,
  completeness: {
    asOfMs: 1_700_000_000_000,
    behind: [{ site: 'berlin', gateway: 'gw-1', waitingEvents: null, lastHeardAt: null }],
  },
};
const emptyFleet: Fleet = { asOfMs: 1_700_000_000_000, gateways: [], devices: [], alerts: [] };

/** What the routes ask of the core, with answers that a test may replace. */
function fakeQueries(): { [K in keyof HubQueries]: HubQueries[K] } {
  return {
    stock: () => Promise.resolve(stockAnswer),
    movements: () => Promise.resolve({ rows: [], total: 0, nextCursor: null }),
    event: (): Promise<EventEvidence | undefined> => Promise.resolve(undefined),
    rawEvidence: (): Promise<RawEvidence | undefined> => Promise.resolve(undefined),
    fleet: () => Promise.resolve(emptyFleet),
    gatewayQuarantine: (gateway: string) =>
      Promise.resolve({ asOfMs: 1_700_000_000_000, gateway, unread: [], atHub: [] }),
    outages: () => Promise.resolve({ asOfMs: 1_700_000_000_000, outages: [], nextCursor: null }),
    inTransit: () => Promise.resolve({ asOfMs: 1_700_000_000_000, lanes: [], rows: [], total: 0 }),
    tasks: () => Promise.resolve({ asOfMs: 1_700_000_000_000, tasks: [], total: 0 }),
  };
}

export const username = 'administrator';
export const password = 'correct horse battery staple';
export const metricsToken = 'metrics-token-for-tests';
export const unsafeHeaders = { [csrfHeader]: '1' };

/** What a test may make worse. */
function healthy(): { -readonly [K in keyof HubHealth]: HubHealth[K] } {
  return { store: 'ok', nats: 'connected', halted: [] };
}

/** The API on a real store, with a clock that a test moves and a log that it reads. */
export async function startApi(changes: Partial<HttpServerParts> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-api-'));
  const time = { nowMs: 1_700_000_000_000 };
  const clock = { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs };
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const store = await openHubStore({ file: join(folder, 'hub.sqlite'), clock, log });
  const random = (size: number) => randomBytes(size);
  const access = accessStoreOf(store);
  const people = createPeople({ store: access, clock, random });
  const sessions = new Sessions({ store: access, clock, random });
  const health = healthy();
  const queries = fakeQueries();
  const key = hubKeyOf(generateKeyPairSync('ed25519').privateKey);
  const server = await createHttpServer({
    queries,
    healthOf: () => health,
    sessions,
    signIn: createSignIn({ people, sessions, clock, random, log }),
    enrolment: createEnrolment({
      store,
      tenant: 'main',
      key,
      natsServers: ['nats://127.0.0.1:4222'],
      registered: () => Promise.resolve(),
      grant: () => Promise.resolve({ next: null }),
      clock,
      log,
    }),
    replacements: { answer: () => Promise.resolve(refuse('NOT_FOUND', 'no such gateway')) },
    sitePeople: new SitePeopleDesk({ store, author: { tenant: 'main', key, clock }, random, log }),
    fleetConfig: createFleetConfig(store, clock),
    registry: new Registry(),
    metricsToken,
    clock,
    log,
    consoleDir: join(folder, 'no-console'),
    ...changes,
  });
  const { app } = server;
  await people.put({ username, role: 'administrator', password });

  /** @returns the cookie of a new session, as a request sends it. */
  async function signIn(headers: Record<string, string> = {}): Promise<string> {
    const answer = await app.inject({
      method: 'POST',
      url: apiPaths.session,
      headers: { ...unsafeHeaders, ...headers },
      payload: { username, password },
    });
    const [cookie] = answer.cookies;
    return cookie === undefined ? '' : `${cookie.name}=${cookie.value}`;
  }

  async function stop(): Promise<void> {
    await app.close();
    await store.close();
    await rm(folder, { recursive: true });
  }
  return { ...server, folder, time, lines, health, queries, people, sessions, signIn, stop };
}

export type TestApi = Awaited<ReturnType<typeof startApi>>;
