import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  floorPaths,
  type FloorActAnswer,
  type FloorActBody,
  type FloorBanner,
  type FlowMessage,
} from '#contracts/api/floor-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import {
  appliedAnswer,
  floorBanner,
  floorCountSheet,
  floorDocument,
  floorDocuments,
  floorSession,
  floorSite,
  floorStock,
  floorTasks,
} from './floor-fixture.ts';
import { floorDevices } from './floor-fixture-devices.ts';
import { floorFound } from './floor-fixture-find.ts';
import { readBody, sendJson, sendPage, sendRefusal } from './http-answers.ts';

export type FloorScenario = 'full' | 'empty' | 'loading' | 'error' | 'signed-out';

/** A gateway for tests of the floor page: serves the built page and invented answers. */
export class FloorServer {
  scenario: FloorScenario = 'full';
  hub: FloorBanner['hub']['state'] = 'live';
  /** No answer to anything below the API: the network between handheld and gateway is cut. */
  unreachable = false;
  /** Acts are taken, but their answers get lost on the way. */
  losesAnswers = false;
  /** Quantities are kept back, as from who counts. */
  blind = false;
  /** Units left of the person's limit. */
  leftUnits = 240;
  /** Nothing lets the person act. */
  lookOnly = false;
  /** Every act as it came, again and again where it came again. */
  readonly acts: FloorActBody[] = [];
  answer: (act: FloorActBody) => FloorActAnswer = (act) => appliedAnswer(act.id);
  unsafeWithoutHeader = 0;
  readonly #dist: string;
  readonly #startMs: number;
  readonly #startedAt = performance.now();
  readonly #streams = new Set<ServerResponse>();
  readonly #held = new Set<ServerResponse>();
  #server: Server | undefined;

  constructor(dist: string, nowMs: number) {
    this.#dist = dist;
    this.#startMs = nowMs;
  }

  nowMs(): number {
    return this.#startMs + Math.round(performance.now() - this.#startedAt);
  }

  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  reset(): void {
    this.scenario = 'full';
    this.hub = 'live';
    this.unreachable = false;
    this.losesAnswers = false;
    this.blind = false;
    this.leftUnits = 240;
    this.lookOnly = false;
    this.acts.length = 0;
    this.answer = (act) => appliedAnswer(act.id);
  }

  /** Sends a message of a device on every open flow. */
  say(message: FlowMessage): void {
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  get flows(): number {
    return this.#streams.size;
  }

  /** Answers what the loading scenario held back by cutting it. */
  release(): void {
    for (const response of this.#held) response.destroy();
    this.#held.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const path = url.pathname;
    if (!path.startsWith('/floor/api/')) {
      await sendPage(this.#dist, path.replace(/^\/floor/, ''), response);
      return;
    }
    const unsafe = request.method !== 'GET';
    if (unsafe && request.headers[csrfHeader] === undefined) this.unsafeWithoutHeader += 1;
    if (this.unreachable) response.destroy();
    else if (path === floorPaths.session) await this.#session(request, response);
    else if (this.scenario === 'signed-out') sendRefusal(response, 'NOT_SIGNED_IN');
    else if (path === floorPaths.flow) this.#flow(response);
    else if (path === floorPaths.acts) await this.#act(request, response);
    else if (path === floorPaths.banner) sendJson(response, floorBanner(this.nowMs(), this.hub));
    else if (path === floorPaths.site) sendJson(response, floorSite);
    else if (this.scenario === 'loading') this.#held.add(response);
    else if (this.scenario === 'error') sendRefusal(response, 'INTERNAL');
    else sendJson(response, this.#data(url));
  }

  #data({ pathname, searchParams }: URL): unknown {
    const asOfMs = this.nowMs();
    const empty = this.scenario === 'empty';
    switch (pathname) {
      case floorPaths.tasks:
        return { asOfMs, tasks: empty ? [] : floorTasks(asOfMs), more: false };
      case floorPaths.documents:
        return { asOfMs, documents: empty ? [] : floorDocuments(asOfMs), more: false };
      case floorPaths.document:
        return floorDocument(asOfMs);
      case floorPaths.devices:
        return empty ? { asOfMs, devices: [], alerts: [] } : floorDevices(asOfMs);
      case floorPaths.stock:
        return { asOfMs, rows: empty ? [] : floorStock, more: false };
      case floorPaths.countSheet: {
        const sheet = floorCountSheet(
          searchParams.get('zone') ?? '',
          searchParams.get('task'),
          asOfMs,
        );
        return empty ? { ...sheet, lines: [] } : sheet;
      }
      default:
        return floorFound(searchParams.get('text') ?? '', asOfMs, this.blind);
    }
  }

  async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const act = JSON.parse(await readBody(request)) as FloorActBody;
    this.acts.push(act);
    if (this.losesAnswers) response.destroy();
    else sendJson(response, this.answer(act));
  }

  async #session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = floorSession(this.nowMs());
    const lease = session.lease === null ? null : { ...session.lease, leftUnits: this.leftUnits };
    const said = this.lookOnly ? { ...session, may: [], lease: null } : { ...session, lease };
    if (request.method === 'DELETE') {
      this.scenario = 'signed-out';
      response.writeHead(204).end();
    } else if (request.method === 'POST') {
      const { password } = JSON.parse(await readBody(request)) as { password: string };
      if (password !== 'right') sendRefusal(response, 'SIGN_IN_FAILED');
      else {
        this.scenario = 'full';
        sendJson(response, said);
      }
    } else if (this.scenario === 'signed-out') sendRefusal(response, 'NOT_SIGNED_IN');
    else sendJson(response, said);
  }

  #flow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
  }
}
