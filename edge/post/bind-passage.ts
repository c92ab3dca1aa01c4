import type { FloorAct } from '#contracts/acts.ts';
import type { ActBooks } from './act-context.ts';
import { portalCounts } from './passage-book.ts';
import type { Turn } from '../stock/turn.ts';

/** What somebody receives or ships passes the portal of that zone, where it has just one. */
export function bindPassage(
  { passages, stock }: ActBooks,
  { nowMs, site }: Turn,
  act: FloorAct,
): void {
  if (act.type !== 'receive' && act.type !== 'ship') return;
  const [portal, ...others] = [...site.portals].flatMap(([id, zone]) => {
    return zone === act.zone ? [id] : [];
  });
  if (portal === undefined || others.length > 0) return;
  const { what } = act;
  const isByUnit = portalCounts(site, portal) === 'units';
  const unit = 'unit' in what ? what.unit : what.goods.handlingUnit;
  const { containment } = stock;
  const inside = unit === undefined || isByUnit ? [] : containment.contentsOf(unit);
  const items = 'unit' in what ? inside.map(([{ item }]) => item) : [what.goods.item];
  const goods = isByUnit ? (unit === undefined ? [] : [unit]) : items;
  passages.bind(nowMs, portal, act.type === 'receive' ? 'in' : 'out', goods);
}
