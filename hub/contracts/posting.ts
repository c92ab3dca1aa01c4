import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, epc, name, oneOf } from './schema.ts';
import { refuse, succeed, type Result } from './fault.ts';

/** The statuses that stock inside a zone can have. `unverified` is stock that evidence alone put there. */
export const stockStatuses = [
  'receiving',
  'quality-hold',
  'available',
  'picking',
  'packing',
  'shipping',
  'quarantine',
  'unverified',
] as const;
export const stockStatus = oneOf(stockStatuses);
export type StockStatus = (typeof stockStatuses)[number];

/** Accounts outside the site: where goods come from, go to, or are explained by. */
const outsideAccounts = [
  'supplier',
  'customer',
  'scrap',
  'count-variance',
  'opening',
  'transformation',
] as const;

const customsRegimes = ['free', 'bonded'] as const;

/** Where a line posts. `zone` is an inside account of the posting gateway's site. */
const account = Type.Union([
  closed({
    type: Type.Literal('zone'),
    zone: name,
    status: stockStatus,
    customs: Type.Optional(oneOf(customsRegimes)),
  }),
  closed({ type: Type.Literal('transit'), lane: Type.String({ minLength: 1, maxLength: 100 }) }),
  closed({ type: oneOf(outsideAccounts) }),
]);
export type Account = Static<typeof account>;

/** One line of a double entry: `quantity` is positive into the account, negative out of it, in the item's base unit. */
export const postingLine = closed({
  account,
  owner: name,
  item: Type.String({ minLength: 1, maxLength: 80, description: 'item number, GTIN-14 for SGTIN' }),
  lot: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  handlingUnit: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  serials: Type.Optional(Type.Array(epc, { maxItems: 10_000 })),
  quantity: Type.Integer(),
});
export type PostingLine = Static<typeof postingLine>;

/** The account's key within its site: equal keys are the same account. */
export function accountKey(of: Account): string {
  switch (of.type) {
    case 'zone':
      return `zone:${of.zone}:${of.status}:${of.customs ?? 'free'}`;
    case 'transit':
      return `transit:${of.lane}`;
    default:
      return of.type;
  }
}

/** The account for what is on its way between two gateways: both compute the same name for it. */
export function laneOf(fromGateway: string, toGateway: string): string {
  return `${fromGateway}>${toGateway}`;
}

/** @returns undefined for a lane that is not between two gateways. */
export function laneEnds(lane: string): { readonly from: string; readonly to: string } | undefined {
  const [from = '', to = '', ...rest] = lane.split('>');
  return from === '' || to === '' || rest.length > 0 ? undefined : { from, to };
}

/**
 * Double entry: the lines of one event sum to zero per (owner, item), there are at least two, none
 * is zero, and a line that lists serials lists as many as it moves.
 */
export function checkBalanced(lines: readonly PostingLine[]): Result<readonly PostingLine[]> {
  if (lines.length < 2) return refuse('BAD_INPUT', 'a posting needs at least two lines');
  const sums = new Map<string, number>();
  for (const line of lines) {
    if (line.quantity === 0) return refuse('BAD_INPUT', `item ${line.item}: a line moves nothing`);
    if (line.serials !== undefined && line.serials.length !== Math.abs(line.quantity)) {
      return refuse(
        'BAD_INPUT',
        `item ${line.item}: ${line.serials.length} serials on a line of ${line.quantity}`,
      );
    }
    const key = `${line.owner}\n${line.item}`;
    sums.set(key, (sums.get(key) ?? 0) + line.quantity);
  }
  for (const [key, sum] of sums) {
    if (sum !== 0) {
      return refuse('BAD_INPUT', `lines of ${key.replace('\n', '/')} sum to ${sum}, not to zero`);
    }
  }
  return succeed(lines);
}
