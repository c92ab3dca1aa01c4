import type { InTransitPage, InTransitRow, LaneRow } from '#contracts/api/in-transit-api.ts';
import { countOf } from '../../format/numbers.ts';
import { formatAgo } from '../../format/times.ts';

/** What of it leaves a site or comes to it, of items that begin so. */
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
  const shown = new Set(some.map(({ lane }) => lane));
  return {
    lanes: item === undefined ? ofSite : ofSite.filter(({ lane }) => shown.has(lane)),
    rows: some,
  };
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
