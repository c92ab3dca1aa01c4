import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Fault } from '#contracts/fault.ts';
import { refusalAdvice } from '../intake/refusal-advice.ts';
import type { DeviceTraffic, WatchLine } from '../live/device-traffic.ts';

const longestS = 600;

interface Seconds {
  readonly seconds?: string;
}

/**
 * `GET /devices/ID/messages?seconds=10`: what a device says from now on, a JSON line a message, and
 * a summary at the end. `GET /traffic?seconds=10`: what all of them say, by channel, and who was not
 * let in. `GET /refusals`: who was not let in since the start, why, and what to do.
 */
export function addTrafficRoutes(app: FastifyInstance, traffic: DeviceTraffic): void {
  app.get<{ Params: { id: string }; Querystring: Seconds }>(
    '/devices/:id/messages',
    async ({ params, query }, reply) => {
      const lines = traffic.watch(params.id, secondsOf(query) * 1000);
      return await reply
        .header('content-type', 'application/x-ndjson')
        .header('cache-control', 'no-store')
        .send(Readable.from(textOf(lines)));
    },
  );
  app.get('/refusals', () => ({
    refusals: traffic.refusals().map((one) => ({ ...one, ...refusalAdvice[one.reason] })),
  }));
  app.get<{ Querystring: Seconds }>('/traffic', async ({ query }) =>
    traffic.survey(secondsOf(query) * 1000),
  );
}

async function* textOf(lines: AsyncIterable<WatchLine>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}

function secondsOf({ seconds = '10' }: Seconds): number {
  const value = Number(seconds);
  if (Number.isInteger(value) && value >= 1 && value <= longestS) return value;
  throw new Fault('BAD_INPUT', `seconds is a whole number from 1 to ${longestS}`);
}
