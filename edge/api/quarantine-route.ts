import type { FastifyInstance } from 'fastify';
import { Fault } from '#contracts/fault.ts';
import type { StatusSource } from './gateway-status.ts';

const defaultLimit = 200;
const maxLimit = 1000;
const parameters = ['device', 'limit', 'cursor'] as const;

/**
 * `GET /quarantine?device=&limit=&cursor=`: what could not be used, the latest first. `cursor` is the
 * `nextCursor` of the page before, which is null where nothing older is kept.
 */
export function addQuarantineRoute(app: FastifyInstance, source: StatusSource): void {
  app.get<{ Querystring: Record<string, unknown> }>('/quarantine', ({ query }) => {
    const { device, limit, cursor } = asked(query);
    const rows = source.quarantine(device, limit + 1, cursor);
    const page = rows.slice(0, limit);
    return {
      messages: page.map(({ head, ...row }) => ({
        ...row,
        headBase64: Buffer.from(head).toString('base64'),
      })),
      nextCursor: rows.length > limit ? String(page.at(-1)?.id) : null,
    };
  });
}

/** @throws Fault BAD_INPUT naming the parameter. */
function asked(query: Readonly<Record<string, unknown>>) {
  const unknown = Object.keys(query).find((key) => !parameters.some((one) => one === key));
  if (unknown !== undefined) {
    throw new Fault('BAD_INPUT', `"${unknown}" is no parameter here: use ${parameters.join(', ')}`);
  }
  const { device, limit = String(defaultLimit), cursor } = query;
  if (device !== undefined && typeof device !== 'string') {
    throw new Fault('BAD_INPUT', 'device is one device id');
  }
  return {
    device,
    limit: wholeNumber(limit, 'limit', maxLimit),
    cursor:
      cursor === undefined ? undefined : wholeNumber(cursor, 'cursor', Number.MAX_SAFE_INTEGER),
  };
}

function wholeNumber(text: unknown, name: string, max: number): number {
  const value = typeof text === 'string' && /^[0-9]{1,16}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  const what = name === 'cursor' ? 'the nextCursor of a page' : `a whole number from 1 to ${max}`;
  throw new Fault('BAD_INPUT', `${name} is ${what}`);
}
