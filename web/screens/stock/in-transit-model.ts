import type { InTransitPage, InTransitRow, LaneRow } from '#contracts/api/in-transit-api.ts';
import { countOf } from '../../format/numbers.ts';
import { formatAgo } from '../../format/times.ts';

/**
 * What of it leaves a site or comes to it, of items that begin so. The figures of a lane are then
 * those of these items; `transfers` are all that are open on it.
 */
export function inTransitOf(
  { lanes, rows }: Pick<InTransitPage, 'lanes' | 'rows'>,
  site: string | undefined,
  item: string | undefined,
): { readonly lanes: readonly LaneRow[]; readonly rows: readonly InTransitRow[] } {
  const ofSite = lanes.filter(({ from, to }) => {
    return site === undefined || from.site === site || to.site === site;
  });
  const names = new Set(ofSite.map(({ lane }) => lane));
  const some = rows.filter((row) => names.has(row.lane) && row.item.startsWith(item ?? ''));
  if (item === undefined) return { lanes: ofSite, rows: some };
  const byLane = Map.groupBy(some, ({ lane }) => lane);
  const ofItem = ofSite.flatMap((lane): LaneRow[] => {
    const own = byLane.get(lane.lane);
    if (own === undefined) return [];
    const sum = (sign: 1 | -1) =>
      own.reduce((all, { quantity }) => all + Math.max(0, sign * quantity), 0);
    const since = Math.min(...own.map((row) => row.since));
    return [{ ...lane, onTheWay: sum(1), notSent: sum(-1), since }];
  });
  return { lanes: ofItem, rows: some };
}

/** `lyon-1 → metz-1`, with the sites where these differ. */
export function laneWords({ from, to }: Pick<LaneRow, 'from' | 'to'>): string {
  const isOne = from.site === to.site;
  const name = ({ gateway, site }: LaneRow['from']) =>
    isOne || site === null ? gateway : `${site}/${gateway}`;
  return `${name(from)} → ${name(to)}`;
}

/** How much is on its way, and what arrived though nothing says that it left. */
export function inTransitWords(lanes: readonly LaneRow[], nowMs: number): string {
  const sum = (of: 'onTheWay' | 'notSent') => lanes.reduce((all, lane) => all + lane[of], 0);
  const since = Math.min(...lanes.map((lane) => lane.since));
  const onTheWay = `${countOf(sum('onTheWay'), 'unit')} on ${countOf(lanes.length, 'lane')}`;
  const notSent = sum('notSent');
  const parts = [
    onTheWay,
    `longest since ${formatAgo(since, nowMs)}`,
    ...(notSent === 0 ? [] : [`${countOf(notSent, 'unit')} arrived that nothing says left`]),
  ];
  return parts.join(' · ');
}
