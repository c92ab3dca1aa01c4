import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { Fault } from '#contracts/fault.ts';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';
import { maxDocumentBytes } from '../feed/document-intake.ts';
import type { FeedDoor } from '../feed/feed.ts';
import { isBearer } from './bearer-token.ts';

const retryAfterS = 5;

/**
 * What a warehouse system on the site may ask for, under the feed's own token, which opens nothing
 * else.
 *
 * - `POST /documents`, one document or a list of up to 100: 200 with what became of each, once all
 *   are on disk; sending them again changes nothing. 400 with every fault, 409 for a version that is
 *   here with another content: nothing was taken. 503 with `Retry-After`: send it again.
 * - `GET /feed`: how far each target is, and `stuckFiles` of the documents folder, each with why.
 */
export function addFeedRoutes(
  app: FastifyInstance,
  feed: FeedDoor & { readonly token: string },
  log: Logger,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.setErrorHandler(async (error, _, reply) => {
    const tooLarge = (error as { statusCode?: unknown }).statusCode === 413;
    if (error instanceof Fault || !tooLarge) throw error;
    return await refuse(reply, 'BODY_TOO_LARGE', `at most ${maxDocumentBytes} bytes at a time`);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (isBearer(request.headers.authorization, feed.token)) return;
    log.warn('feed.sign-in-refused');
    reply.header('www-authenticate', 'Bearer');
    throw new Fault('NOT_SIGNED_IN', 'this needs the bearer token of feed.tokenFile');
  });
  app.get('/feed', () => ({
    targets: feed.status(),
    ...(feed.stuckFiles !== undefined && { stuckFiles: feed.stuckFiles() }),
  }));
  app.post('/documents', { bodyLimit: maxDocumentBytes }, async (request, reply) => {
    const text = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
    const outcome = await feed.documents.take(text, 'rest');
    if (outcome.ok) return await reply.send({ durable: true, documents: outcome.documents });
    const { code, faults, message } = outcome;
    if (code === 'UNAVAILABLE') reply.header('retry-after', String(retryAfterS));
    else log.warn({ code, faults: faults.length }, 'documents.refused');
    return await refuse(reply, code, message, { faults });
  });
}

function refuse(
  reply: FastifyReply,
  code: FaultCode,
  message: string,
  more: object = {},
): FastifyReply {
  const { httpStatus, retryable } = faultCodes[code];
  return reply.code(httpStatus).send({ code, message, retryable, ...more });
}
