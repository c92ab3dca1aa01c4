import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import type { Outage } from '#contracts/api/outages-api.ts';
import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { StreamMessage } from '#contracts/api/stream-api.ts';
import type { MovementsPage, StockPage, StockRow } from '#contracts/api/stock-api.ts';
import {
  fixtureCompleteness,
  fixtureEvidence,
  fixtureMovements,
  manyFixtureMovements,
  fixtureRows,
} from './fixture-data.ts';
import {
  fixtureFleetConfig,
  fixturePushes,
  fixtureVersions,
  fixtureVersionText,
} from './fixture-config.ts';
import type { SitePeoplePage } from '#contracts/api/site-people-api.ts';
import { fixturePeople, takePerson } from './fixture-people.ts';
import { emptyInTransit, fixtureInTransit } from './fixture-in-transit.ts';
import { fixtureTasks } from './fixture-tasks.ts';
import {
  fixtureOutages,
  fixtureOutagesPage,
  manyFixtureOutages,
  shortFixtureCut,
} from './fixture-outages.ts';
import {
  asYoungFleet,
  fixtureFleet,
  fixtureQuarantine,
  withHaltedGateway,
  withStuckGateway,
} from './fixture-fleet.ts';
import { readBody, sendJson, sendPage, sendRefusal } from './http-answers.ts';
import { PageServer } from './page-server.ts';

/** What the server plays: all answers there, none, none in time, faults, or nobody signed in. */
export type Scenario = 'full' | 'empty' | 'loading' | 'error' | 'signed-out';

/**
 * A hub for tests of the console: serves the built pages and invented answers that fit the
 * contracts. `nowMs` is its clock at the start; it goes on from there.
 */
export class FixtureServer extends PageServer {
  scenario: Scenario = 'full';
  rows: StockRow[];
  /** The stream refuses connections while this is set. */
  streamDown = false;
  /** Every gateway is back and live. */
  recovered = false;
  /** The hub heard of its gateways a few minutes ago; a short cut is all that happened. */
  young = false;
  /** The hub itself fails on what the gateway of metz sends. */
  stuck = false;
  /** One site, with a gateway that is live and one whose lane is halted. */
  halted = false;
  /** So much more is in transit than a page lists. */
  moreInTransit = 0;
  /** What is in transit cannot be had; all else can. */
  transitDown = false;
  /** So many outages that ended, in place of the usual ones. */
  manyOutages = 0;
  /** So many ledger lines behind a row, in place of the usual ones. */
  manyMovements = 0;
  /** What was asked of configurations: the path and the body. */
  readonly configAsked: [path: string, body: unknown][] = [];
  /** What was asked of people: the path and the body. */
  readonly peopleAsked: [path: string, body: unknown][] = [];
  /** What the hub says that who is signed in may do. */
  may: string[] = ['site-person.read', 'site-person.manage'];
  #people: SitePeoplePage;
  readonly #dist: string;
  #attempts = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(dist: string, nowMs: number) {
    super(nowMs);
    this.#dist = dist;
    this.rows = fixtureRows(nowMs);
    this.#people = fixturePeople(nowMs, false);
  }

  override async start(): Promise<string> {
    const url = await super.start();
    this.#ticking = setInterval(() => this.say('tick'), 1000);
    return url;
  }

  /** As it was at the start. */
  reset(): void {
    this.scenario = 'full';
    this.rows = fixtureRows(this.startMs);
    this.streamDown = false;
    this.recovered = false;
    this.stuck = false;
    this.halted = false;
    this.young = false;
    this.moreInTransit = 0;
    this.transitDown = false;
    this.manyOutages = 0;
    this.manyMovements = 0;
    this.configAsked.length = 0;
    this.peopleAsked.length = 0;
    this.may = ['site-person.read', 'site-person.manage'];
    this.#people = fixturePeople(this.startMs, false);
    this.#attempts = 0;
  }

  override stop(): void {
    clearInterval(this.#ticking);
    super.stop();
  }

  /** Sends a word on every open stream. */
  say(topic: StreamMessage['topic'], sites: string[] = []): void {
    const message: StreamMessage = { topic, atMs: this.nowMs(), sites };
    this.tell(message);
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hub');
    if (url.pathname.startsWith('/api/')) this.#answer(request, url, response);
    else await sendPage(this.#dist, url.pathname, response);
  }

  #answer(request: IncomingMessage, url: URL, response: ServerResponse): void {
    if (url.pathname === apiPaths.session) this.#session(request, response);
    else if (this.scenario === 'signed-out') sendRefusal(response, 'NOT_SIGNED_IN');
    else if (url.pathname === apiPaths.stream) this.#stream(response);
    else if (this.scenario === 'loading') this.hold(response);
    else if (this.scenario === 'error' || this.#isDown(url)) sendRefusal(response, 'UNAVAILABLE');
    else if (request.method === 'POST' && url.pathname.startsWith(apiPaths.sitePeople)) {
      void this.#takePeople(request, url, response);
    } else if (request.method === 'POST') void this.#takeConfig(request, url, response);
    else sendJson(response, this.#data(url));
  }

  #isDown({ pathname }: URL): boolean {
    return this.transitDown && pathname === apiPaths.inTransit;
  }

  async #takePeople(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await readBody(request)) as object;
    this.peopleAsked.push([url.pathname, body]);
    const taken = takePerson(this.#people, url.pathname, body, this.nowMs());
    if (taken === undefined) {
      sendRefusal(response, 'CONFLICT');
      return;
    }
    this.#people = taken.page;
    sendJson(response, taken.row);
  }

  async #takeConfig(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    this.configAsked.push([url.pathname, body === '' ? undefined : JSON.parse(body)]);
    const [version] = fixtureVersions(this.nowMs());
    sendJson(response, url.pathname === apiPaths.configVersions ? version : { push: 9 });
  }

  #data(url: URL): unknown {
    const nowMs = this.nowMs();
    const empty = this.scenario === 'empty';
    switch (url.pathname) {
      case apiPaths.stock:
        return this.#stock(url.searchParams);
      case apiPaths.movements:
        return this.#movements(url.searchParams);
      case apiPaths.fleet:
        return empty
          ? { asOfMs: nowMs, gateways: [], devices: [], alerts: [] }
          : this.#fleet(nowMs);
      case apiPaths.fleetQuarantine:
        return fixtureQuarantine(nowMs, url.searchParams.get('gateway') ?? '');
      case apiPaths.fleetConfig:
        return empty ? { asOfMs: nowMs, gateways: [] } : fixtureFleetConfig(nowMs);
      case apiPaths.configPushes:
        return { asOfMs: nowMs, pushes: empty ? [] : fixturePushes(nowMs) };
      case apiPaths.configVersions:
        return { versions: fixtureVersions(nowMs) };
      case apiPaths.sitePeople:
        return empty ? fixturePeople(nowMs, true) : { ...this.#people, asOfMs: nowMs };
      case apiPaths.inTransit:
        return empty ? emptyInTransit(nowMs) : fixtureInTransit(nowMs, this.moreInTransit);
      case apiPaths.tasks:
        return fixtureTasks(nowMs, empty);
      case apiPaths.outages:
        return fixtureOutagesPage(empty ? [] : this.#outages(nowMs), nowMs, url.searchParams);
      default:
        if (url.pathname.startsWith(`${apiPaths.configVersions}/`)) {
          return fixtureVersionText(nowMs, Number(url.pathname.split('/').at(-1)));
        }
        return fixtureEvidence(nowMs, url.pathname.replace('/api/events/', ''));
    }
  }

  #fleet(nowMs: number): Fleet {
    const fleet = fixtureFleet(nowMs);
    if (this.young) return asYoungFleet(fleet);
    if (this.halted) return withHaltedGateway(fleet);
    if (this.stuck) return withStuckGateway(fleet, 'metz-1');
    if (!this.recovered) return fleet;
    return { ...fleet, gateways: fleet.gateways.map((row) => ({ ...row, state: 'live' })) };
  }

  #outages(nowMs: number): readonly Outage[] {
    if (this.young) return [shortFixtureCut(nowMs)];
    return this.manyOutages === 0
      ? fixtureOutages(nowMs)
      : manyFixtureOutages(nowMs, this.manyOutages);
  }

  #movements(query: URLSearchParams): MovementsPage {
    const names = ['site', 'zone', 'status', 'owner', 'item', 'lot'] as const;
    const row = this.rows.find((each) =>
      names.every((name) => (each[name] ?? null) === query.get(name)),
    );
    if (row === undefined) return { rows: [], total: 0, nextCursor: null };
    return this.manyMovements === 0
      ? fixtureMovements(this.nowMs(), row)
      : manyFixtureMovements(this.nowMs(), row, this.manyMovements, query);
  }

  #stock(query: URLSearchParams): StockPage {
    const nowMs = this.nowMs();
    const { scenario } = this;
    const rows = (scenario === 'empty' ? [] : this.rows)
      .filter((row) => (query.get('site') ?? row.site) === row.site)
      .filter((row) => (query.get('zone') ?? row.zone) === row.zone)
      .filter((row) => (query.get('status') ?? row.status) === row.status)
      .filter((row) => row.item.startsWith(query.get('item') ?? ''));
    const sort = (query.get('sort') ?? 'site') as keyof StockRow;
    const sign = query.get('order') === 'desc' ? -1 : 1;
    const sorted = [...rows].sort((a, b) => sign * compare(a[sort], b[sort]));
    const offset = Number(query.get('offset') ?? 0);
    return {
      rows: sorted.slice(offset, offset + Number(query.get('limit') ?? 100)),
      total: rows.length,
      totalQuantity: rows.reduce((sum, { quantity }) => sum + quantity, 0),
      completeness:
        scenario === 'empty' ? { asOfMs: nowMs, behind: [] } : fixtureCompleteness(nowMs),
    };
  }

  #session(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.headers[csrfHeader] === undefined) {
      sendRefusal(response, 'CROSS_SITE_REQUEST');
      return;
    }
    const session = {
      username: 'admin',
      role: 'administrator',
      expiresAt: this.nowMs() + 3.6e6,
      may: this.may,
    };
    if (request.method === 'DELETE') {
      this.scenario = 'signed-out';
      response.writeHead(204).end();
    } else if (request.method === 'POST') {
      void readBody(request).then((body) => {
        const { password } = JSON.parse(body) as { password: string };
        if (password === 'right') {
          this.scenario = 'full';
          sendJson(response, session);
          return;
        }
        this.#attempts += 1;
        if (this.#attempts < 3) sendRefusal(response, 'SIGN_IN_FAILED');
        else sendRefusal(response, 'TOO_MANY_ATTEMPTS', { 'retry-after': '30' });
      });
    } else if (this.scenario === 'signed-out') sendRefusal(response, 'NOT_SIGNED_IN');
    else sendJson(response, session);
  }

  #stream(response: ServerResponse): void {
    if (this.streamDown || this.scenario === 'error') {
      response.destroy();
      return;
    }
    this.openStream(response);
    this.say('tick');
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
