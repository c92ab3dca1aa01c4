import type { holdReasons } from '#contracts/acts.ts';
import { zoneAccount, type Bin } from '../stock/bin.ts';
import type { Statement, StockBook, Transfer } from '../stock/stock-book.ts';
import type { Turn } from '../stock/turn.ts';

export interface ZoneHold {
  readonly reason: (typeof holdReasons)[number];
  readonly evidence: Statement['evidence'];
  /** Which goods; absent: all. */
  readonly fits?: (bin: Bin) => boolean;
}

const into = 'quality-hold';

/** Everything usable in a zone that fits goes on hold, in its units and lots, in one posting. */
export function holdZone(
  stock: StockBook,
  turn: Turn,
  zone: string,
  { reason, evidence, fits = () => true }: ZoneHold,
): void {
  const bins = stock.quantities.where((bin) => bin.zone === zone && isUsable(bin) && fits(bin));
  const transfers = bins.flatMap(([bin, quantity]) => {
    const serials = bin.unit === '' ? stock.serialsIn(bin) : [];
    return holdTransfers(bin, quantity, serials);
  });
  stock.post(turn, 'stock.held', transfers, { evidence, reason });
}

/** Neither on hold nor in quarantine. */
export function isUsable({ status }: Bin): boolean {
  return status !== into && status !== 'quarantine';
}

/** So much of an account on hold, its loose serials by name. */
export function holdTransfers(bin: Bin, quantity: number, serials: readonly string[]): Transfer[] {
  return [
    ...transferOf(bin, serials.length, serials),
    ...transferOf(bin, quantity - serials.length, undefined),
  ];
}

/** None where there is nothing, or less than nothing. */
function transferOf(
  { owner, item, lot, zone, status, unit }: Bin,
  quantity: number,
  serials: readonly string[] | undefined,
): Transfer[] {
  if (quantity <= 0) return [];
  const from = { account: zoneAccount(zone, status), unit };
  const to = { account: zoneAccount(zone, into), unit };
  return [{ owner, item, lot, quantity, ...(serials === undefined ? {} : { serials }), from, to }];
}
