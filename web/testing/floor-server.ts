import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  floorPaths,
  type FloorActAnswer,
  type FloorActBody,
  type FloorLeftAct,
  type FloorSession,
} from '#contracts/api/floor-api.ts';
import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import type { FlowMessage } from '#contracts/api/floor-flow-api.ts';
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
import { fixtureDoors } from './floor-fixture-doors.ts';
import { fixtureTransfers } from './floor-fixture-transfers.ts';
import { floorDevices } from './floor-fixture-devices.ts';
import { floorFound } from './floor-fixture-find.ts';
import { readBody, sendJson, sendPage, sendRefusal } from './http-answers.ts';
import { PageServer } from './page-server.ts';

export type FloorScenario = 'full' | 'empty' | 'loading' | 'error' | 'signed-out';

/** A gateway for tests of the floor page: serves the built page and invented answers. */
export class FloorServer extends PageServer {
  scenario: FloorScenario = 'full';
  hub: FloorBanner['hub']['state'] = 'live';
  /** Of the banner, what is not as usual. */
  banner: Partial<FloorBanner> = {};
  /** How long the session goes on unless it is used. */
  sessionMs: number | undefined;
  /** No answer to anything below the API: the network between handheld and gateway is cut. */
  unreachable = false;
  /** In place of the page, with its status: another build, or a proxy for a gateway that is away. */
  pageSays: string | undefined;
  pageStatus = 200;
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
  readonly #dist: string;

  constructor(dist: string, nowMs: number) {
    super(nowMs);
    this.#dist = dist;
  }

  reset(): void {
    this.scenario = 'full';
    this.hub = 'live';
    this.banner = {};
    this.sessionMs = undefined;
    this.unreachable = false;
    this.pageSays = undefined;
    this.pageStatus = 200;
    this.losesAnswers = false;
    this.blind = false;
    this.leftUnits = 240;
    this.lookOnly = false;
    this.acts.length = 0;
    this.answer = (act) => appliedAnswer(act.id);
  }

  /** Sends a message of a device on every open flow. */
  say(message: FlowMessage): void {
    this.tell(message);
  }

  get flows(): number {
    return this.streams;
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://gateway');
    const path = url.pathname;
    if (!path.startsWith('/floor/api/')) {
      if (path === floorPaths.page && this.pageSays !== undefined) {
        response.writeHead(this.pageStatus, { 'content-type': 'text/html' }).end(this.pageSays);
      } else await sendPage(this.#dist, path.replace(/^\/floor/, ''), response);
      return;
    }
    if (this.unreachable) response.destroy();
    else if (path === floorPaths.session) await this.#session(request, response);
    else if (this.scenario === 'signed-out') sendRefusal(response, 'NOT_SIGNED_IN');
    else if (path === floorPaths.flow) this.openStream(response);
    else if (path === floorPaths.acts) await this.#act(request, response);
    else if (path === floorPaths.banner) {
      sendJson(response, { ...floorBanner(this.nowMs(), this.hub), ...this.banner });
    } else if (path === floorPaths.stay) this.#stay(response);
    else if (path === floorPaths.leftActs) await this.#left(request, response);
    else if (path === floorPaths.site) sendJson(response, floorSite);
    else if (this.scenario === 'loading') this.hold(response);
    else if (this.scenario === 'error') sendRefusal(response, 'INTERNAL');
    else sendJson(response, this.#data(url));
  }

  #data({ pathname, searchParams }: URL): unknown {
    const asOfMs = this.nowMs();
    const empty = this.scenario === 'empty';
    const isAsked = (item: string) => (searchParams.get('item') ?? item) === item;
    switch (pathname) {
      case floorPaths.tasks:
        return { asOfMs, tasks: empty ? [] : floorTasks(asOfMs), more: false };
      case floorPaths.transfers:
        return { asOfMs, transfers: empty ? [] : fixtureTransfers(asOfMs) };
      case floorPaths.doors:
        return { asOfMs, doors: empty ? [] : fixtureDoors(asOfMs) };
      case floorPaths.documents:
        return { asOfMs, documents: empty ? [] : floorDocuments(asOfMs), more: false };
      case floorPaths.document:
        return floorDocument(asOfMs, searchParams.get('id') ?? '');
      case floorPaths.devices:
        return empty ? { asOfMs, devices: [], alerts: [] } : floorDevices(asOfMs);
      case floorPaths.stock:
        return {
          asOfMs,
          rows: empty ? [] : floorStock.filter(({ item }) => isAsked(item)),
          more: false,
        };
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

  #stay(response: ServerResponse): void {
    this.sessionMs = undefined;
    sendJson(response, this.#said());
  }

  async #left(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { act, person } = JSON.parse(await readBody(request)) as FloorLeftAct;
    const isRevoked = person === 'p-gone';
    const outcome = isRevoked ? 'kept-for-review' : 'waits-for-author';
    sendJson(response, { act: act.id, outcome });
  }

  #said(): FloorSession {
    const nowMs = this.nowMs();
    const session = floorSession(nowMs);
    const expiresAt = nowMs + (this.sessionMs ?? session.expiresAt - nowMs);
    const lease = session.lease === null ? null : { ...session.lease, leftUnits: this.leftUnits };
    const said = { ...session, expiresAt, lease };
    return this.lookOnly ? { ...said, may: [], lease: null } : said;
  }

  async #session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const said = this.#said();
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
}
