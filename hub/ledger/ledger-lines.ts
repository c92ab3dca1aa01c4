import { accountKey, checkBalanced, type PostingLine } from '#contracts/posting.ts';
import { refuse, type Result } from '#contracts/fault.ts';
import type { LedgerLineTable } from '../store/schema.ts';

/**
 * Whether lines may be posted: they balance per owner and item, and every quantity is a whole
 * number that the ledger can hold exactly. A balance may become negative: a physical fact posts
 * always, and a negative figure is the flagged discrepancy.
 */
export function checkLines(lines: readonly PostingLine[]): Result<readonly PostingLine[]> {
  for (const line of lines) {
    if (!Number.isSafeInteger(line.quantity)) {
      return refuse('BAD_INPUT', `item ${line.item}: ${line.quantity} is beyond exact integers`);
    }
  }
  return checkBalanced(lines);
}

/** The ledger rows of one event: one a line, in the event's own order. */
export function ledgerRows(
  position: number,
  site: string,
  lines: readonly PostingLine[],
): LedgerLineTable[] {
  return lines.map((line, index) => {
    const zone = line.account.type === 'zone' ? line.account : undefined;
    return {
      position,
      line: index,
      site,
      account: accountKey(line.account),
      zone: zone?.zone ?? '',
      status: zone?.status ?? '',
      customs: zone === undefined ? '' : (zone.customs ?? 'free'),
      owner: line.owner,
      item: line.item,
      lot: line.lot ?? '',
      handling_unit: line.handlingUnit ?? '',
      quantity: line.quantity,
      serials: line.serials === undefined ? null : JSON.stringify(line.serials),
    };
  });
}
