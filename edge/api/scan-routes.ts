import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { Fault } from '#contracts/fault.ts';
import { faultCodes, type FaultCode } from '#contracts/fault-codes.ts';
import type { Clock } from '#contracts/time.ts';
import type { Reading } from '../../devices/reading.ts';
import type { DeviceRates } from '../intake/device-rates.ts';
import type { HttpDevice, HttpIntake } from '../intake/http-intake.ts';
import { ScanDoor } from './scan-door.ts';
import type { ScanIds } from './scan-ids.ts';

export interface ScanRouteOptions {
  readonly intake: HttpIntake;
  /** How fast each device may post; without it, as fast as it can. */
  readonly rates?: DeviceRates;
  /** Trusted time. */
  readonly clock: Clock;
  readonly log: Logger;
  /** What ids stood for; without it a used one is found by the observer alone. */
  readonly ids?: ScanIds;
}

/** Some hundred scans; a scanner that kept more sends them in parts. */
const maxBodyBytes = 65_536;
const retryAfterS = 5;
const channel = 'scans';

/**
 * `POST /scans`: what scanners post, under a bearer token for each device.
 *
 * - 200 `{"durable": true, "scans": n}`: on disk. The same scans again are answered alike, and
 *   applied once.
 *   Where some of several cannot be read, `refused` names each by `index`, `id` where it has one,
 *   `reason` and `detail`; they are kept in quarantine. None of the message is to be sent again.
 * - 400: they cannot be read. Sending them again would not mend that: they are kept in quarantine.
 * - 409: the id of each of them was used for another code before, at `firstAtMs` where that is known:
 *   kept in quarantine too. Among others that count they stand in `refused`, as `id-used-before`.
 * - 401, 413: nothing was taken.
 * - 429 with `Retry-After`: too many wrong tokens came from this address, and the token is not looked
 *   at; or this device posts more than its limits allow. Nothing was taken.
 * - 503 with `Retry-After`: the gateway has no room now; keep them and send them again.
 */
export function addScanRoutes(app: FastifyInstance, options: ScanRouteOptions): void {
  const signedIn = new WeakMap<FastifyRequest, HttpDevice>();
  const door = new ScanDoor(options);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  app.setErrorHandler(async (error, request, reply) => {
    const code = codeOfHttp(error);
    if (code === undefined) throw error;
    door.refused(signedIn.get(request)?.device, code);
    return await refuse(reply, code, 'the request does not fit: see limits in the operations page');
  });
  app.addHook('onRequest', async (request, reply) => {
    const answer = door.signIn(request.ip, request.headers.authorization);
    if (answer.type === 'device') return void signedIn.set(request, answer.device);
    if (answer.type === 'wait') {
      reply.header('retry-after', String(answer.seconds));
      throw new Fault('TOO_MANY_ATTEMPTS', 'too many wrong tokens from this address: wait');
    }
    reply.header('www-authenticate', 'Bearer');
    throw new Fault('NOT_SIGNED_IN', 'scans need the bearer token of a device');
  });
  app.post('/scans', { bodyLimit: maxBodyBytes }, async (request, reply) => {
    const device = signedIn.get(request);
    if (device === undefined) throw new Fault('NOT_SIGNED_IN', 'nobody is signed in');
    const waitMs = waitOf(options, device, bytesOf(request.body).length);
    if (waitMs > 0) {
      reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
      throw new Fault('TOO_MANY_ATTEMPTS', 'this device posts more than its limits allow: wait');
    }
    return await takeScans(options, device, bytesOf(request.body), reply);
  });
}

/** @returns for how long the device has to wait, in ms; 0: this one may come. */
function waitOf({ clock, rates }: ScanRouteOptions, { device }: HttpDevice, bytes: number): number {
  if (rates === undefined) return 0;
  const limit = rates.of(device);
  const nowMs = clock.nowMs();
  const owedMs = limit.read(0, nowMs);
  if (owedMs > 0) {
    rates.paused(device, owedMs);
    return owedMs;
  }
  // One more than there is room for may go below zero: the next one waits for it.
  limit.messages += 1;
  limit.read(bytes, nowMs);
  return 0;
}

async function takeScans(
  { intake, clock, ids }: ScanRouteOptions,
  { device, profile }: HttpDevice,
  payload: Uint8Array,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const isDurable = await intake.take(device, channel, payload);
  if (!isDurable) {
    reply.header('retry-after', String(retryAfterS));
    return await refuse(reply, 'UNAVAILABLE', 'the gateway has no room: send it again later');
  }
  // The observer decides from the log; this only tells the scanner what it will find there.
  const message = { channel, payload, receivedAtMs: clock.nowMs() };
  const { decoded } = profile.decode(profile.initialState, message);
  if (!decoded.ok) {
    const { reason, detail } = decoded;
    return await refuse(reply, 'BAD_INPUT', `${reason}: ${detail}`, { reason });
  }
  const { readings, refused = [] } = decoded;
  const used = ids === undefined ? [] : usedBefore(ids, device, readings, refused, clock.nowMs());
  const [first] = used;
  if (first !== undefined && used.length === readings.length) {
    const { detail, firstAtMs, id, reason } = first;
    return await refuse(reply, 'CONFLICT', detail, { reason, id, firstAtMs });
  }
  const named = [
    ...refused,
    ...used.map(({ detail, id, index, reason }) => ({ index, id, reason, detail })),
  ];
  const scans = readings.length - used.length;
  const all = named.toSorted((a, b) => a.index - b.index);
  return await reply.send({ durable: true, scans, ...(all.length > 0 && { refused: all }) });
}

interface UsedBefore {
  readonly index: number;
  readonly id: string;
  readonly reason: 'id-used-before';
  readonly detail: string;
  readonly firstAtMs: number | undefined;
}

/** Those whose id stood for another code; `index` is their place in the message. */
function usedBefore(
  ids: ScanIds,
  device: string,
  readings: readonly Reading[],
  refused: readonly { readonly index: number }[],
  nowMs: number,
): UsedBefore[] {
  const taken = new Set(refused.map(({ index }) => index));
  let index = -1;
  return readings.flatMap((reading): UsedBefore[] => {
    do index += 1;
    while (taken.has(index));
    if (reading.type !== 'scan') return [];
    const { code, naturalKey: id } = reading;
    const before = ids.take(device, id, code.text, nowMs);
    if (before === undefined) return [];
    const { atMs: firstAtMs } = before;
    const when = firstAtMs === undefined ? 'before' : `at ${new Date(firstAtMs).toISOString()}`;
    const detail = `the id ${id} was used for another code ${when}: make a new id for each scan, and send this one under its own`;
    return [{ index, id, reason: 'id-used-before', detail, firstAtMs }];
  });
}

function refuse(
  reply: FastifyReply,
  code: FaultCode,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const { httpStatus, retryable } = faultCodes[code];
  return reply.code(httpStatus).send({ code, message, retryable, ...more });
}

function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

/** What Fastify itself refuses before a request reaches its route. */
function codeOfHttp(error: unknown): FaultCode | undefined {
  if (error instanceof Fault || !(error instanceof Error)) return undefined;
  const { statusCode } = error as { statusCode?: unknown };
  if (statusCode === 413) return 'BODY_TOO_LARGE';
  return typeof statusCode === 'number' && statusCode < 500 ? 'BAD_INPUT' : undefined;
}
