import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { Fault, type Result } from '#contracts/fault.ts';
import { faultCodes } from '#contracts/fault-codes.ts';
import { personId } from '#contracts/goods.ts';
import { closed } from '#contracts/schema.ts';
import { validate } from '#contracts/validate.ts';
import type { HubConfig } from '../downlink/hub-config.ts';
import type { ConfigApplier } from '../live/config-applier.ts';

/** A site of thousands of devices and items is some megabytes of YAML. */
const maxConfigBytes = 16 * 1_048_576;

/** Who puts a config of the site's own in force for a while. */
export type ConfigOverrides = Pick<HubConfig, 'override' | 'beginOverride' | 'endOverride'>;

const overrideRequest = closed({
  by: personId,
  forMs: Type.Integer({ minimum: 1 }),
  reason: Type.String({ minLength: 1, maxLength: 300 }),
  text: Type.String({ minLength: 1 }),
});
const overrideEnd = closed({ by: personId });

/**
 * `GET /config`: what is in force, without what signs in. `POST /config`: puts the text of the body
 * in force, or with no body what the gateway's own file holds now. `/config/override`: the same for a
 * while, and `/config/override/end`.
 */
export function addConfigRoutes(
  app: FastifyInstance,
  applier: ConfigApplier,
  overrides?: ConfigOverrides,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: maxConfigBytes }, (_, body, done) =>
    done(null, body),
  );
  app.get('/config', async (_, reply) =>
    reply.header('cache-control', 'no-store').send(applier.view()),
  );
  app.post('/config', { bodyLimit: maxConfigBytes }, async ({ body }, reply) => {
    const text = typeof body === 'string' && body.trim() !== '' ? body : undefined;
    return send(reply, await applier.apply(text, 'file'));
  });
  if (overrides !== undefined) addOverrideRoutes(app, overrides);
}

function addOverrideRoutes(app: FastifyInstance, overrides: ConfigOverrides): void {
  const bodyLimit = maxConfigBytes;
  app.get('/config/override', async (_, reply) => {
    const override = overrides.override() ?? null;
    return reply.header('cache-control', 'no-store').send({ override });
  });
  app.post('/config/override', { bodyLimit }, async ({ body }, reply) => {
    const read = validate(overrideRequest, jsonOf(body));
    return send(reply, read.ok ? await overrides.beginOverride(read.value) : read);
  });
  app.post('/config/override/end', async ({ body }, reply) => {
    const read = validate(overrideEnd, jsonOf(body));
    return send(reply, read.ok ? await overrides.endOverride(read.value.by) : read);
  });
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    throw new Fault('BAD_INPUT', 'the body is no JSON');
  }
}

function send(reply: FastifyReply, result: Result<unknown>): FastifyReply {
  if (result.ok) return reply.send(result.value);
  const { code, details = {}, message } = result.refusal;
  const { httpStatus, retryable } = faultCodes[code];
  return reply.code(httpStatus).send({ code, message, retryable, ...details });
}
