import type { ActOf } from '#contracts/acts.ts';
import type { FloorTransfer } from '#contracts/api/floor-transfers-api.ts';
import { formatCount } from '../../format/numbers.ts';
import { unitInText } from '../words/act-words.ts';
import { goodsWords } from './picked-goods.ts';

type Arrival = Omit<ActOf<'receive'>, 'id' | 'person'>;

/** Base units of one receipt may be many; single things by name are at most so many at once. */
const mostSerials = 100;

/** `2 × 22423, unit …30084`: what of it is still on its way. */
export function onTheWayWords({ lines }: Pick<FloorTransfer, 'lines'>): string {
  const open = lines.filter(({ left }) => left > 0);
  const units = [...new Set(open.flatMap(({ unit }) => (unit === null ? [] : [unit])))];
  const loose = open.filter(({ unit }) => unit === null);
  return [
    ...units.map(unitInText),
    ...loose.map(({ item, left }) => `${formatCount(left)} × ${item}`),
  ].join(', ');
}

/**
 * The acts that confirm an arrival: each unit as one, single things by their names, other goods as
 * many as are counted.
 *
 * @param counted line → how much of it is here; absent: all that is on its way
 * @param scanned single things that are here; none: all that are on their way
 */
export function arrivalsOf(
  { lines, transfer }: FloorTransfer,
  zone: string,
  counted: ReadonlyMap<number, number>,
  scanned: ReadonlySet<string> = new Set(),
): Arrival[] {
  const units = new Set(
    lines.flatMap(({ left, unit }) => (unit !== null && left > 0 ? [unit] : [])),
  );
  const loose = [...lines.entries()].flatMap(([index, line]): Arrival[] => {
    const { item, left, lot, owner, serials, unit } = line;
    if (unit !== null || left === 0) return [];
    const here = scanned.size === 0 ? serials : serials.filter((epc) => scanned.has(epc));
    if (serials.length > 0 && here.length === 0) return [];
    const some = here.slice(0, mostSerials);
    const quantity = some.length > 0 ? some.length : (counted.get(index) ?? left);
    if (quantity === 0) return [];
    const goods = {
      item,
      ...(lot === null ? {} : { lot }),
      owner,
      quantity,
      ...(some.length === 0 ? {} : { serials: some }),
    };
    return [{ type: 'receive', transfer, zone, what: { goods } }];
  });
  return [
    ...[...units].map((unit): Arrival => ({ type: 'receive', transfer, zone, what: { unit } })),
    ...loose,
  ];
}

/** What is received, in a few words. */
export function leftOf(what: Arrival['what']): string {
  return 'unit' in what ? unitInText(what.unit) : goodsWords(what.goods);
}
