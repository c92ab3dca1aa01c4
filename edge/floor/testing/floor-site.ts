import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { actTypes, type Lease } from '#contracts/acts.ts';
import { floorPaths, type FloorActAnswer, type FloorActBody } from '#contracts/api/floor-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import type { SitePerson } from '#contracts/people.ts';
import { createGatewayApi } from '../../api/gateway-api.ts';
import type { GatewayStatus } from '../../api/gateway-status.ts';
import type { GatewayConfig } from '../../config/gateway-config.ts';
import { zonesElsewhere } from '../../config/own-zones.ts';
import type { OverrideView } from '../../downlink/local-override.ts';
import { eventsAt } from '../../journal/events-at.ts';
import { configBody, startMs } from '../../observe/testing/test-site.ts';
import { Pipeline } from '../../pipeline.ts';
import { stockSite, type Asked } from '../../post/testing/stock-rig.ts';
import { openTestStores } from '../../testing/open-test-stores.ts';
import { createTestLog, FakeClock, tempDir } from '../../testing/test-parts.ts';
import { FlowTap } from '../flow-tap.ts';
import { createFloor } from '../floor.ts';
import type { FloorSource } from '../floor-source.ts';
import { hashPassword } from '../password-hash.ts';
import { writePeople } from '../people-file.ts';
import { WatchedObserver } from '../watched-observer.ts';

export const password = 'correct horse';
const passwordHash = await hashPassword(password, randomBytes);
export const untilMs = startMs + 30 * 24 * 3_600_000;

export function leaseFor(person: string, over: Partial<Lease> = {}): Lease {
  return {
    id: `lease-${person}`,
    person,
    may: [...actTypes],
    validFromMs: startMs - 1000,
    validUntilMs: untilMs,
    limitPerEntry: 5,
    limitCumulative: 8,
    ...over,
  };
}

export function person(username: string, over: Partial<SitePerson> = {}): SitePerson {
  const id = `p-${username}`;
  return {
    id,
    username,
    name: `${username} Berg`,
    role: 'supervisor',
    passwordHash,
    credentialUntilMs: untilMs,
    lease: leaseFor(id),
    ...over,
  };
}

/** A browser: it keeps the cookie and says where the page came from. */
export class FloorClient {
  readonly origin: string;
  cookie = '';

  constructor(port: number) {
    this.origin = `http://127.0.0.1:${port}`;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(this.origin + path, {
      method,
      headers: {
        [csrfHeader]: '1',
        origin: this.origin,
        ...(this.cookie !== '' && { cookie: this.cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = answer.headers.get('set-cookie');
    if (set !== null) this.cookie = set.split(';')[0] ?? '';
    return answer;
  }

  async get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const answer = await this.ask('GET', `${path}?${new URLSearchParams(query)}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async signIn(username: string, secret = password): Promise<Response> {
    return await this.ask('POST', floorPaths.session, { username, password: secret });
  }

  /** What became of an act; throws where it was not even taken. */
  async act(body: FloorActBody): Promise<FloorActAnswer> {
    const answer = await this.ask('POST', floorPaths.acts, body);
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as FloorActAnswer;
  }
}

export interface FloorSetup {
  readonly people?: readonly SitePerson[];
  readonly publicOrigin?: string;
  readonly trustedProxies?: readonly string[];
  readonly pageFolder?: string;
  readonly dir?: string;
  /** Of other gateways of the site. */
  readonly otherZones?: GatewayConfig['zones'];
}

/** A gateway's floor on real stores, a real pipeline and a real HTTP server; the hub is away. */
export async function openFloor(setup: FloorSetup = {}) {
  const { dir = tempDir() } = setup;
  const parts = openParts(dir);
  const { clock, intake, journal, log, observer, pipeline, said, tap } = parts;
  pipeline.start();
  const submit = (body: Parameters<Pipeline['submit']>[0]) => pipeline.submit(body, clock.nowMs());
  const elsewhere = zonesElsewhere(siteConfig(setup.otherZones));
  if (intake.lastPos === 0) await submit(configBody({ ...stockSite, elsewhere }));
  const { peopleFile, setPeople } = openPeople(dir, setup.people ?? [person('mia'), person('ole')]);
  const state: {
    hold: { reason: 'disk-full'; sinceMs: number } | undefined;
    override: OverrideView | undefined;
  } = { hold: undefined, override: undefined };
  const status = () => statusOf(journal.head().seq, state.hold);
  const epoch = () => journal.head().epoch.ordinal;
  const floor = createFloor({
    source: {
      stock: observer.stock,
      config: () => siteConfig(setup.otherZones),
      status,
      override: () => state.override,
      secrets: () => [],
      epoch,
      eventsAt: (pos) => eventsAt(journal, pos),
    },
    peopleFile: () => peopleFile,
    publicOrigin: setup.publicOrigin,
    sessionsFile: join(dir, 'floor-sessions.json'),
    pageFolder: setup.pageFolder ?? join(dir, 'nothing'),
    pipeline,
    intake: {
      append: (...of) => intake.append(...of),
      get hold() {
        return state.hold;
      },
    },
    tap,
    clock,
    random: randomBytes,
    log,
  });
  const source = { status, quarantine: () => [] };
  const { trustedProxies } = setup;
  const at = { host: '127.0.0.1', port: 0, trustedProxies };
  const api = createGatewayApi({ ...at, token: 't', source, floor, log });
  const port = await api.start();
  floor.start();
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= api.stop().then(async () => {
      floor.stop();
      await pipeline.stop();
      intake.close();
      journal.close();
    }));
  onTestFinished(close);
  const client = (username?: string) => openClient(port, username);
  return { client, clock, close, dir, peopleFile, said, setPeople, state, submit };
}

function openParts(dir: string) {
  const clock = new FakeClock(startMs);
  const { log, said } = createTestLog();
  const { intake, journal } = openTestStores(dir, clock, log);
  const tap = new FlowTap();
  const observer = new WatchedObserver(journal.takeStates(), tap);
  const pipeline = new Pipeline({ intake, journal, observer, log, fatal: () => {}, lingerMs: 0 });
  return { clock, intake, journal, log, observer, pipeline, said, tap };
}

function openPeople(dir: string, first: readonly SitePerson[]) {
  const peopleFile = join(dir, 'people.json');
  let version = 0;
  const setPeople = (people: readonly SitePerson[]) => {
    version += 1;
    writePeople(peopleFile, { v: 1, site: 'leeds', version, people: [...people] });
  };
  setPeople(first);
  return { peopleFile, setPeople };
}

async function openClient(port: number, username: string | undefined): Promise<FloorClient> {
  const one = new FloorClient(port);
  if (username === undefined) return one;
  const answer = await one.signIn(username);
  if (!answer.ok) throw new Error(`${username}: ${await answer.text()}`);
  return one;
}

function siteConfig(otherZones: GatewayConfig['zones'] = []): ReturnType<FloorSource['config']> {
  const { gateway, items = [], portals, posting, zones } = stockSite;
  return {
    gateway,
    items: [...items],
    portals: portals.map(({ id, zone }) => ({ id, zone })),
    posting,
    zones: [...zones.map(({ id, status }) => ({ id, status })), ...otherZones],
  };
}

function statusOf(seq: number, hold: { reason: string; sinceMs: number } | undefined) {
  const status: GatewayStatus = {
    version: '1.2.3',
    startedAtMs: startMs,
    clockAheadMs: 0,
    intake: { hold, lastPos: 1, backlog: 0, pendingBytes: 0, keptBytes: 0 },
    journal: { epoch: 1, seq, blocked: false, roomReserved: true },
    uplink: { state: 'away', committedSeq: 0, lostAtMs: startMs - 60_000 },
    disk: { freeBytes: 5000, roomBytes: 4000 },
    broker: { connections: 0 },
    devices: [],
    alerts: [],
  };
  return status;
}

let acts = 0;

/** An act with an id that no other has. */
export function asked(body: Asked): FloorActBody {
  acts += 1;
  return { id: `act-${String(acts).padStart(6, '0')}`, ...body };
}
