import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { pageHeaders } from '#contracts/api/page-headers.ts';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import type { Pipeline } from '../pipeline.ts';
import { ActDoor } from './act-door.ts';
import { CountCover } from './count-cover.ts';
import { crossSiteReason, FloorCookie } from './floor-guard.ts';
import { answerProblem } from './floor-problem.ts';
import {
  addActRoute,
  addGatewayRoutes,
  addSessionRoutes,
  addStockRoutes,
  addWorkRoutes,
  type FloorParts,
} from './floor-routes.ts';
import type { FloorSource } from './floor-source.ts';
import { FlowStreams } from './flow-streams.ts';
import type { FlowTap } from './flow-tap.ts';
import { openPageFiles } from './page-files.ts';
import type { RandomBytes } from './password-hash.ts';
import { People } from './people.ts';
import { SessionFile } from './session-file.ts';
import { SessionKeeper } from './session-keeper.ts';
import { Sessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';

export interface FloorOptions {
  readonly source: FloorSource;
  /** The list that counts now. */
  readonly peopleFile: () => string;
  /** Where people open the page, if a proxy with TLS stands in front: `https://floor.example`. */
  readonly publicOrigin?: string | undefined;
  /** Where who is signed in outlives a restart. */
  readonly sessionsFile: string;
  /** The built page. */
  readonly pageFolder: string;
  readonly pipeline: Pick<Pipeline, 'submit'>;
  readonly intake: Pick<IntakeLog, 'append' | 'hold'>;
  readonly tap: FlowTap;
  /** Trusted time. */
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
}

/** The floor page and its API, as a part of the gateway's own HTTP. */
export interface Floor {
  start(): void;
  /** Ends what is watched. */
  stop(): void;
  /** Mounts all that is below `/floor`. */
  addTo(app: FastifyInstance): Promise<void>;
}

export function createFloor(options: FloorOptions): Floor {
  const { clock, intake, source } = options;
  const people = new People({
    file: options.peopleFile,
    site: source.config().gateway.site,
    clock,
    log: options.log,
    // It is judged where acts are, in the order of the intake log.
    revoked: (person, revokedAtMs, untilMs) => {
      const until = untilMs === undefined ? {} : { untilMs };
      void intake.append({ type: 'revocation', person, revokedAtMs, ...until }, clock.nowMs());
    },
  });
  const parts = partsOf(options, people);
  const file = new SessionFile(options.sessionsFile, options.log);
  const keeper = new SessionKeeper(file, parts.sessions, parts.cover);
  return {
    start() {
      people.start();
      keeper.start();
    },
    stop() {
      people.stop();
      keeper.stop();
      parts.streams.stop();
    },
    async addTo(app) {
      addGuards(app, options);
      addSessionRoutes(app, parts);
      addGatewayRoutes(app, parts);
      addStockRoutes(app, parts);
      addWorkRoutes(app, parts);
      addActRoute(app, parts);
      await addPage(app, options);
    },
  };
}

function partsOf(options: FloorOptions, people: People): FloorParts {
  const { clock, intake, log, pipeline, random, source, tap } = options;
  const sessions = new Sessions(people, clock, random);
  const cover = new CountCover(() => source.stock.tasks());
  return {
    source,
    people,
    sessions,
    signIn: createSignIn({ people, clock, random, log }),
    cookie: new FloorCookie(options.publicOrigin),
    cover,
    door: new ActDoor({
      pipeline,
      held: () => intake.hold !== undefined,
      journal: () => ({ gateway: source.config().gateway.id, epoch: source.epoch() }),
      eventsAt: (pos) => source.eventsAt(pos),
      cover,
      clock,
    }),
    streams: new FlowStreams(tap, sessions, clock),
    clock,
    log,
  };
}

function addGuards(app: FastifyInstance, { log, publicOrigin }: FloorOptions): void {
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, log));
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(pageHeaders);
    const reason = crossSiteReason(request.method, request.headers, publicOrigin);
    if (reason === undefined) return;
    log.warn({ reason, address: request.ip }, 'floor.cross-site-refused');
    throw new Fault('CROSS_SITE_REQUEST', reason);
  });
}

async function addPage(app: FastifyInstance, { pageFolder, log }: FloorOptions): Promise<void> {
  const files = await openPageFiles(pageFolder);
  if (files.count === 0) log.warn({ pageFolder }, 'floor.page-missing');
  app.get('/floor', (_, reply) => reply.redirect('/floor/'));
  app.get<{ Params: { '*': string } }>('/floor/*', async ({ params }, reply) => {
    const file = await files.read(params['*']);
    if (file === undefined) {
      throw new Fault('NOT_FOUND', 'there is nothing at this address: begin at /floor/');
    }
    return await sendFile(reply, file);
  });
}

function sendFile(
  reply: FastifyReply,
  { bytes, immutable, type }: { bytes: Buffer; immutable: boolean; type: string },
): FastifyReply {
  return reply
    .header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    .type(type)
    .send(bytes);
}
