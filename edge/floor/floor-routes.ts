import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import {
  floorActBody,
  floorCountSheetQuery,
  floorDocumentQuery,
  floorDocumentsQuery,
  floorFindQuery,
  floorLeftAct,
  floorPaths,
  floorSignIn,
  floorStockQuery,
  type FloorActBody,
  type FloorCountSheet,
  type FloorDevices,
  type FloorDocument,
  type FloorDocuments,
  type FloorFound,
  type FloorLeftAct,
  type FloorLeftActAnswer,
  type FloorSession,
  type FloorSite,
  type FloorStock,
  type FloorTasks,
} from '#contracts/api/floor-api.ts';
import type { FloorBanner } from '#contracts/api/floor-banner-api.ts';
import type { FloorTransfers } from '#contracts/api/floor-transfers-api.ts';
import type { FloorDoors } from '#contracts/api/floor-doors-api.ts';
import { floorFlowQuery } from '#contracts/api/floor-flow-api.ts';
import { pathText } from '#contracts/config-faults.ts';
import { Fault } from '#contracts/fault.ts';
import type { SitePerson } from '#contracts/people.ts';
import type { Clock } from '#contracts/time.ts';
import { ownZones, zonesElsewhere } from '../config/own-zones.ts';
import { needsDocument } from '../post/act-check.ts';
import { nameFaults } from '../stock/goods-names.ts';
import { defaultTransferWithinMs } from '../transfers/transfer-desk.ts';
import type { ActDoor } from './act-door.ts';
import type { CountCover } from './count-cover.ts';
import { bannerOf } from './floor-banner.ts';
import { sessionOf, type FloorCookie } from './floor-guard.ts';
import { faultFrom, readPart } from './floor-problem.ts';
import type { FloorSource } from './floor-source.ts';
import type { FlowStreams } from './flow-streams.ts';
import { whyNot, type People } from './people.ts';
import { refusedShown } from './refused-shown.ts';
import { shownSession } from './session-shown.ts';
import type { Sessions } from './sessions.ts';
import type { SignIn } from './sign-in.ts';
import {
  countLines,
  documentShown,
  found,
  shownDocument,
  shownDoor,
  shownRow,
  shownTransfer,
  type ShownTo,
} from './stock-shown.ts';
import { taskShown } from './task-shown.ts';
import { unsureZones } from './unsure-zones.ts';

export interface FloorParts {
  readonly source: FloorSource;
  readonly people: People;
  readonly sessions: Sessions;
  readonly signIn: SignIn;
  readonly cookie: FloorCookie;
  readonly cover: CountCover;
  readonly door: ActDoor;
  readonly streams: FlowStreams;
  /** Trusted time. */
  readonly clock: Clock;
  readonly log: Logger;
}

const mostListed = 500;
const rowsUnlessSaid = 200;
/** A handheld's round may have read 20,000 tags. */
const actBytes = 1_048_576;

/** Signing in and out, and who is signed in. */
export function addSessionRoutes(app: FastifyInstance, parts: FloorParts): void {
  const { clock, cookie, log, people, sessions, signIn, source } = parts;
  app.post(floorPaths.session, async (request, reply): Promise<FloorSession> => {
    const body = readPart(floorSignIn, request.body, 'body');
    if (people.trouble !== undefined && people.named(body.username) === undefined) {
      throw new Fault('UNAVAILABLE', 'the list of people cannot be read: the log says why');
    }
    const checked = await signIn({ ...body, address: request.ip });
    if (!checked.ok) throw faultFrom(checked.refusal);
    // A session that was there before ends, so that a planted one gains nothing.
    const former = sessions.use(cookie.read(request) ?? '');
    if (former !== undefined) sessions.end(former.id);
    const token = sessions.open(checked.value);
    const session = sessions.use(token);
    if (session === undefined) throw new Fault('SIGN_IN_FAILED', 'your rights have just ended');
    cookie.set(reply, token);
    return shownSession(session, source.stock, clock.nowMs());
  });
  app.get(floorPaths.session, (request): FloorSession => {
    return shownSession(sessionOf(request, cookie, sessions, 'page'), source.stock, clock.nowMs());
  });
  app.post(floorPaths.stay, (request): FloorSession => {
    const session = sessionOf(request, cookie, sessions, 'person');
    return shownSession(session, source.stock, clock.nowMs());
  });
  app.delete(floorPaths.session, async (request, reply) => {
    const { id, person } = sessionOf(request, cookie, sessions, 'person');
    sessions.end(id);
    log.info({ person: person.id, address: request.ip }, 'floor.signed-out');
    cookie.clear(reply);
    return await reply.code(204).send();
  });
}

/** What the gateway knows of itself. */
export function addGatewayRoutes(app: FastifyInstance, parts: FloorParts): void {
  const { clock, cookie, sessions, source, streams } = parts;
  app.get(floorPaths.site, (request): FloorSite => {
    sessionOf(request, cookie, sessions, 'page');
    const config = source.config();
    const { gateway, portals, posting } = config;
    return {
      site: gateway.site,
      gateway: gateway.id,
      zones: ownZones(config).map(({ id, status }) => ({ id, status })),
      portals: portals.map(({ id, zone }) => ({ id, zone })),
      elsewhere: zonesElsewhere(config),
      recountBy: posting.recountBy ?? 'other',
      onDocumentOnly: (['receive', 'ship'] as const).filter((act) => needsDocument(config, act)),
    };
  });
  app.get(floorPaths.banner, (request): FloorBanner => {
    sessionOf(request, cookie, sessions, 'page');
    return bannerOf(source.status(), source.override(), clock.nowMs());
  });
  app.get(floorPaths.devices, (request): FloorDevices => {
    sessionOf(request, cookie, sessions, 'page');
    const { devices, alerts, refusals } = source.status();
    const refused = refusedShown(refusals);
    const secrets = [...source.secrets()];
    return { asOfMs: clock.nowMs(), devices: [...devices], alerts: [...alerts], refused, secrets };
  });
  app.get(floorPaths.flow, async (request, reply) => {
    const { id } = sessionOf(request, cookie, sessions, 'page');
    const { device } = readPart(floorFlowQuery, request.query, 'query');
    if (!streams.hasRoom) {
      throw new Fault('UNAVAILABLE', 'too many are watching: close another page, then try again');
    }
    reply.hijack();
    for (const [name, value = ''] of Object.entries(reply.getHeaders())) {
      reply.raw.setHeader(name, value);
    }
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    streams.add(reply.raw, id, device);
  });
}

/** The book, as far as this person may be shown it now. */
export function addStockRoutes(app: FastifyInstance, parts: FloorParts): void {
  const { clock, cookie, cover, sessions, source } = parts;
  const shownTo = (person: string, nowMs: number): ShownTo => ({
    stock: source.stock,
    items: new Map((source.config().items ?? []).map((policy) => [policy.item, policy])),
    isCovered: cover.coverOf(person, nowMs),
    isUnsure: unsureZones(source.stock.tasks()),
  });
  app.get(floorPaths.stock, (request): FloorStock => {
    const { person } = sessionOf(request, cookie, sessions, 'person');
    const query = readPart(floorStockQuery, request.query, 'query');
    const { limit = rowsUnlessSaid, ...filter } = query;
    const asOfMs = clock.nowMs();
    const to = shownTo(person.id, asOfMs);
    const rows = source.stock.rows(filter, limit + 1);
    const shown = rows.slice(0, limit).map((row) => shownRow(to, row));
    return { asOfMs, rows: shown, more: rows.length > limit };
  });
  app.get(floorPaths.find, (request): FloorFound => {
    const { person } = sessionOf(request, cookie, sessions, 'person');
    const { text, limit = 50 } = readPart(floorFindQuery, request.query, 'query');
    const asOfMs = clock.nowMs();
    return { asOfMs, ...found(shownTo(person.id, asOfMs), text, limit, asOfMs) };
  });
  app.get(floorPaths.countSheet, (request): FloorCountSheet => {
    const { person } = sessionOf(request, cookie, sessions, 'person');
    const { zone, task } = readPart(floorCountSheetQuery, request.query, 'query');
    if (!ownZones(source.config()).some(({ id }) => id === zone)) {
      throw notFound('zone', zone, 'use a zone of this site');
    }
    const of = source.stock.tasks().find(({ id }) => id === task);
    if (task !== undefined && (of?.task !== 'recount' || of.zone !== zone)) {
      throw notFound('task', task, 'it is done already, or no recount of this zone');
    }
    const asOfMs = clock.nowMs();
    cover.begin(person.id, zone, asOfMs);
    const lines = countLines(shownTo(person.id, asOfMs), zone, of?.item, mostListed);
    return { asOfMs, zone, recountOf: of?.act ?? null, lines };
  });
}

/** Documents and tasks. */
export function addWorkRoutes(app: FastifyInstance, parts: FloorParts): void {
  const { clock, cookie, sessions, source } = parts;
  app.get(floorPaths.documents, (request): FloorDocuments => {
    const { person } = sessionOf(request, cookie, sessions, 'page');
    const { state } = readPart(floorDocumentsQuery, request.query, 'query');
    const all = source.stock.documents(state);
    const isCovered = parts.cover.coverOf(person.id, clock.nowMs());
    const documents = all.slice(0, mostListed).map((one) => shownDocument({ isCovered }, one));
    return { asOfMs: clock.nowMs(), documents, more: all.length > mostListed };
  });
  app.get(floorPaths.document, (request): FloorDocument => {
    const { person } = sessionOf(request, cookie, sessions, 'person');
    const { id } = readPart(floorDocumentQuery, request.query, 'query');
    const view = source.stock.document(id);
    if (view === undefined) throw notFound('id', id, 'look at the list of documents again');
    const items = new Map((source.config().items ?? []).map((policy) => [policy.item, policy]));
    const isCovered = parts.cover.coverOf(person.id, clock.nowMs());
    const to = { stock: source.stock, items, isCovered };
    return { asOfMs: clock.nowMs(), ...documentShown(to, view) };
  });
  app.get(floorPaths.doors, (request): FloorDoors => {
    sessionOf(request, cookie, sessions, 'page');
    const doors = source.stock.doors().slice(0, mostListed);
    return { asOfMs: clock.nowMs(), doors: doors.map((door) => shownDoor(source.stock, door)) };
  });
  app.get(floorPaths.transfers, (request): FloorTransfers => {
    sessionOf(request, cookie, sessions, 'page');
    const asOfMs = clock.nowMs();
    const within = source.config().posting.transferWithinMs ?? defaultTransferWithinMs;
    const transfers = source.stock.transfers();
    return { asOfMs, transfers: transfers.map((one) => shownTransfer(one, asOfMs - within)) };
  });
  app.get(floorPaths.tasks, (request): FloorTasks => {
    const { person } = sessionOf(request, cookie, sessions, 'page');
    const all = source.stock.tasks();
    const isCovered = parts.cover.coverOf(person.id, clock.nowMs());
    const tasks = all.slice(0, mostListed).map((task) => taskShown(task, isCovered));
    return { asOfMs: clock.nowMs(), tasks, more: all.length > mostListed };
  });
}

export function addActRoute(app: FastifyInstance, parts: FloorParts): void {
  const { cookie, door, sessions, source } = parts;
  app.post(floorPaths.acts, { bodyLimit: actBytes }, async (request) => {
    const { person } = sessionOf(request, cookie, sessions, 'person');
    const act = readPart(floorActBody, request.body, 'body');
    checkNames(act, source);
    return await door.take(person, act);
  });
  app.post(floorPaths.leftActs, { bodyLimit: actBytes }, async (request) => {
    const { person } = sessionOf(request, cookie, sessions, 'page');
    const left = readPart(floorLeftAct, request.body, 'body');
    return await takeLeft(parts, person, left);
  });
}

/** Only of somebody whose rights have ended: anybody else comes back and sends it in their own name. */
async function takeLeft(
  { clock, door, people }: FloorParts,
  by: SitePerson,
  { act, person: author }: FloorLeftAct,
): Promise<FloorLeftActAnswer> {
  const known = people.withId(author);
  const isOut = known === undefined || whyNot(known, clock.nowMs()) === 'revoked';
  if (author === by.id || !isOut || people.trouble !== undefined) {
    return { act: act.id, outcome: 'waits-for-author' };
  }
  await door.keep(by, author, act);
  return { act: act.id, outcome: 'kept-for-review' };
}

/**
 * What would mean something else here than was meant. What the book has under such a name must be
 * free to be moved and corrected.
 */
function checkNames(act: FloorActBody, source: FloorSource): void {
  const { stock } = source;
  const { items = [] } = source.config();
  const faults = nameFaults(act, {
    isItem: (name) =>
      items.some(({ item }) => item === name) || stock.rows({ item: name }, 1).length > 0,
    isUnit: (unit) => stock.unit(unit) !== undefined,
  }).map(({ keys, value, remedy }) => ({ path: pathText(keys), value, remedy }));
  const [first] = faults;
  if (first === undefined) return;
  throw new Fault('BAD_INPUT', `${first.path}: ${first.remedy}`, { details: { faults } });
}

function notFound(path: string, value: string, remedy: string): Fault {
  return new Fault('NOT_FOUND', `${path} "${value}" is not known here: ${remedy}`, {
    details: { faults: [{ path, value, remedy }] },
  });
}
