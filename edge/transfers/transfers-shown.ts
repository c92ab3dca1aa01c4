import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import type { TransferView } from '../stock/stock-view.ts';
import type { TransferBook } from './transfer-book.ts';

const mostShown = 200;
const mostSerials = 100;

/** What is on its way from here and to here, the longest first. */
export function transfersShown(book: TransferBook): TransferView[] {
  return book
    .open()
    .slice(0, mostShown)
    .map(([transfer, of]): TransferView => {
      const { isOwn, lines, other, sentMs, site, toZone } = of;
      const serials = book.thingsOf(transfer).filter((thing) => !thing.includes(':'));
      return {
        transfer,
        isOwn,
        other,
        site,
        sentMs,
        ...(toZone === '' ? {} : { toZone }),
        lines: lines.map(({ item, lot, owner, quantity, unit }, index) => ({
          owner,
          item,
          ...(lot === '' ? {} : { lot }),
          ...(unit === '' ? {} : { unit }),
          quantity,
          left: book.leftOf(transfer, index),
          serials:
            unit === '' ? serials.filter((epc) => isOf(epc, item)).slice(0, mostSerials) : [],
        })),
      };
    });
}

function isOf(epc: string, item: string): boolean {
  const named = decodeEpc(epc);
  return named.scheme === 'sgtin' && named.gtin14 === item;
}
