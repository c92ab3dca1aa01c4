import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
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
import { fixtureOutages, fixtureOutagesPage, manyFixtureOutages } from './fixture-outages.ts';
import { fixtureFleet, withStuckGateway } from './fixture-fleet.ts';
import { readBody, sendJson, sendPage, sendRefusal } from './http-answers.ts';

/** What the server plays: all answers there, none, none in time, faults, or nobody signed in. */
export type Scenario = 'full' | 'empty' | 'loading' | 'error' | 'signed-out';

/**
 * A hub for tests of the console: serves the built pages and invented answers that fit the
 * contracts. `nowMs` is its clock at the start; it goes on from there.
 */
export class FixtureServer {
  scenario: Scenario = 'full';
  rows: StockRow[];
  /** The stream refuses connections while this is set. */
  streamDown = false;
  /** Every gateway is back and live. */
  recovered = false;
  /** The hub itself fails on what the gateway of metz sends. */
  stuck = false;
  /** So many outages that ended, in place of the usual ones. */
  manyOutages = 0;
  /** So many ledger lines behind a row, in place of the usual ones. */
  manyMovements = 0;
  /** Requests that would change something and lack the header that proves their origin. */
  unsafeWithoutHeader = 0;
  readonly #dist: string;
  readonly #startMs: number;
  readonly #startedAt = performance.now();
  readonly #streams = new Set<ServerResponse>();
  readonly #held = new Set<ServerResponse>();
  #server: Server | undefined;
  #attempts = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(dist: string, nowMs: number) {
    this.#dist = dist;
    this.#startMs = nowMs;
    this.rows = fixtureRows(nowMs);
  }

  nowMs(): number {
    return this.#startMs + Math.round(performance.now() - this.#startedAt);
  }

  /** @returns the address to open. */
  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#ticking = setInterval(() => this.say('tick'), 1000);
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  /** As it was at the start. */
  reset(): void {
    this.scenario = 'full';
    this.rows = fixtureRows(this.#startMs);
    this.streamDown = false;
    this.recovered = false;
    this.stuck = false;
    this.manyOutages = 0;
    this.manyMovements = 0;
    this.#attempts = 0;
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** Sends a word on every open stream. */
  say(topic: StreamMessage['topic'], sites: string[] = []): void {
    const message: StreamMessage = { topic, atMs: this.nowMs(), sites };
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  /** Cuts every open stream, as a lost network would. */
  cutStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  /** Answers what the loading scenario held back by cutting it. */
  release(): void {
    for (const response of this.#held) response.destroy();
    this.#held.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://hub');
    if (url.pathname.startsWith('/api/')) this.#answer(request, url, response);
    else await sendPage(this.#dist, url.pathname, response);
  }

  #answer(request: IncomingMessage, url: URL, response: ServerResponse): void {
    if (url.pathname === apiPaths.session) this.#session(request, response);
    else if (this.scenario === 'signed-out') sendRefusal(response, 'NOT_SIGNED_IN');
    else if (url.pathname === apiPaths.stream) this.#stream(response);
    else if (this.scenario === 'loading') this.#held.add(response);
    else if (this.scenario === 'error') sendRefusal(response, 'UNAVAILABLE');
    else sendJson(response, this.#data(url));
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
      case apiPaths.outages:
        return fixtureOutagesPage(empty ? [] : this.#outages(nowMs), nowMs, url.searchParams);
      default:
        return fixtureEvidence(nowMs, url.pathname.replace('/api/events/', ''));
    }
  }

  #fleet(nowMs: number): Fleet {
    const fleet = fixtureFleet(nowMs);
    if (this.stuck) return withStuckGateway(fleet, 'metz-1');
    if (!this.recovered) return fleet;
    return { ...fleet, gateways: fleet.gateways.map((row) => ({ ...row, state: 'live' })) };
  }

  #outages(nowMs: number): readonly Outage[] {
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
      this.unsafeWithoutHeader += 1;
      sendRefusal(response, 'CROSS_SITE_REQUEST');
      return;
    }
    const session = { username: 'admin', role: 'administrator', expiresAt: this.nowMs() + 3.6e6 };
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
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    this.say('tick');
  }
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b));
}
