import type { FastifyInstance } from 'fastify';
import { faultCodes } from '#contracts/fault-codes.ts';
import type { ConfigApplier } from '../live/config-applier.ts';

/** A site of thousands of devices and items is some megabytes of YAML. */
const maxConfigBytes = 16 * 1_048_576;

/**
 * `GET /config`: what is in force, without what signs in. `POST /config`: puts the text of the body
 * in force, or with no body what the gateway's own file holds now.
 */
export function addConfigRoutes(app: FastifyInstance, applier: ConfigApplier): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: maxConfigBytes }, (_, body, done) =>
    done(null, body),
  );
  app.get('/config', async (_, reply) =>
    reply.header('cache-control', 'no-store').send(applier.view()),
  );
  app.post('/config', { bodyLimit: maxConfigBytes }, async ({ body }, reply) => {
    const text = typeof body === 'string' && body.trim() !== '' ? body : undefined;
    const result = await applier.apply(text, 'file');
    if (result.ok) return reply.send(result.value);
    const { code, details = {}, message } = result.refusal;
    const { httpStatus, retryable } = faultCodes[code];
    return reply.code(httpStatus).send({ code, message, retryable, ...details });
  });
}
