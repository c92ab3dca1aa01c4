import type { ActOf, adjustReasons } from '#contracts/acts.ts';
import type { Account, StockStatus } from '#contracts/posting.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { kindOfGoods, zoneAccount, type GoodsKind } from '../stock/bin.ts';
import type { Transfer } from '../stock/stock-book.ts';
import { fault, isFault, statementOf, type ActContext, type ActFault } from './act-context.ts';
import { drawGoods, transferOf } from './draw-goods.ts';
import { takeOut } from './take-out.ts';

type Adjust = ActContext<ActOf<'adjust'>>;

/** What is gone for a reason is scrap; what only turned out to be otherwise is count variance. */
function accountOf(reason: (typeof adjustReasons)[number]): Account {
  const isScrap = ['damaged', 'expired', 'scrapped', 'sample'].includes(reason);
  return { type: isScrap ? 'scrap' : 'count-variance' };
}

/** Changes the book by a signed quantity, within the limits that the person was lent. */
export function adjust(ctx: Adjust): ActFault | undefined {
  const { act, books, lease, turn, use } = ctx;
  const adjusted = [[act.item, Math.abs(act.quantity)]] as const;
  const beyond = use.check(turn.site, lease, adjusted);
  if (beyond !== undefined) return beyond;
  const transfers = act.quantity < 0 ? lessOf(ctx) : moreOf(ctx);
  if (isFault(transfers)) return transfers;
  use.note(turn.site, lease, adjusted);
  const said = { ...statementOf(ctx), reason: act.reason };
  books.stock.post(turn, 'stock.adjusted', transfers, said);
  return undefined;
}

function lessOf(ctx: Adjust): Transfer[] | ActFault {
  const { act, turn } = ctx;
  const { handlingUnit, item, lot, owner, quantity, serials, status, zone } = act;
  const goods = {
    ...(handlingUnit === undefined ? {} : { handlingUnit }),
    item,
    ...(lot === undefined ? {} : { lot }),
    ...(owner === undefined ? {} : { owner }),
    quantity: -quantity,
    ...(serials === undefined ? {} : { serials }),
  };
  const own = turn.site.zones.get(zone)?.status ?? 'available';
  const statuses: StockStatus[] = [status ?? own];
  const drawn = drawGoods(ctx, goods, { zone, statuses, step: 'inside' });
  if (isFault(drawn)) return drawn;
  takeOut(ctx, drawn);
  return drawn.map((one) => transferOf(one, { account: accountOf(act.reason), unit: '' }));
}

function moreOf(ctx: Adjust): Transfer[] | ActFault {
  const { act, books, turn } = ctx;
  const { handlingUnit: unit = '', item, quantity, serials, zone } = act;
  const { containment } = books.stock;
  const kind = kindOfGoods(act);
  const { items } = turn.site;
  if (items.needsLot(item) && kind.lot === '') return fault('lot-required', item);
  const wrong = serials === undefined ? undefined : wrongSerials(ctx, kind, serials);
  if (wrong !== undefined) return wrong;
  if (serials === undefined && items.needsSerials(item, 'inside')) {
    return fault('serials-required', item);
  }
  const root = unit === '' ? '' : containment.rootOf(unit);
  if (unit !== '' && containment.get(root)?.zone !== zone) return fault('unit-elsewhere', unit);
  if (unit !== '') {
    for (const epc of serials ?? []) containment.putSerial(epc, unit);
    containment.addGoods(unit, kind, quantity);
  }
  const status = act.status ?? turn.site.zones.get(zone)?.status ?? 'available';
  return [
    {
      ...kind,
      quantity,
      ...(serials === undefined ? {} : { serials }),
      from: { account: accountOf(act.reason), unit: '' },
      to: { account: zoneAccount(zone, status), unit: root },
    },
  ];
}

/** Serials that are found must be of the item, as many as it says, and in no account. */
function wrongSerials(
  { act, books }: Adjust,
  { item }: GoodsKind,
  serials: readonly string[],
): ActFault | undefined {
  if (new Set(serials).size !== act.quantity || serials.length !== act.quantity) {
    return fault('serials-mismatch', `${serials.length} serials for ${act.quantity}`);
  }
  for (const epc of serials) {
    const named = decodeEpc(epc);
    if (named.scheme !== 'sgtin' || named.gtin14 !== item) {
      return fault('serials-mismatch', `${epc} is no ${item}`);
    }
    if (books.stock.isKnownSerial(epc)) return fault('serial-elsewhere', epc);
  }
  return undefined;
}
