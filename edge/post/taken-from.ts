import type { ActOf } from '#contracts/acts.ts';
import type { Goods } from '#contracts/goods.ts';
import { laneOf } from '#contracts/posting.ts';
import type { GoodsKind } from '../stock/bin.ts';
import type { Source } from '../transfers/transfer-desk.ts';
import { fault, type ActContext, type ActFault } from './act-context.ts';

/** So much of what somebody receives, and where it is from; without a source: the supplier. */
export interface Taken {
  readonly quantity: number;
  readonly serials?: readonly string[];
  readonly source?: Source;
}

type Receive = ActContext<ActOf<'receive'>>;

/**
 * Where received goods are taken from: the transfer that the person names or that a serial is known
 * to be on, else the gateway that the person names, else the supplier.
 */
export function takenFrom(ctx: Receive, goods: Goods, kind: GoodsKind): Taken[] | ActFault {
  const { act, books, turn } = ctx;
  const { from, transfer } = act;
  const { book } = books.transfers;
  if (transfer !== undefined && !book.isOpen(transfer)) return fault('unknown-transfer', transfer);
  if (from !== undefined && !knows(ctx, from)) return fault('unknown-gateway', from);
  const { quantity, serials } = goods;
  if (serials === undefined) {
    if (transfer !== undefined) return ofTransfer(ctx, transfer, kind, quantity);
    return [{ quantity, ...namedGateway(ctx) }];
  }
  const parts = new Map<string, { serials: string[]; source: Source | undefined }>();
  for (const epc of serials) {
    const source = books.transfers.sourceOf(turn.site, epc);
    if (transfer !== undefined && source?.transfer !== transfer) {
      return fault('not-on-transfer', `${epc} on ${transfer}`);
    }
    const key = `${source?.transfer ?? ''}\n${source?.unit ?? ''}\n${source?.keeps ?? ''}`;
    const part = parts.get(key);
    if (part === undefined) parts.set(key, { serials: [epc], source });
    else part.serials.push(epc);
  }
  return [...parts.values()].map(({ serials: some, source }) => ({
    quantity: some.length,
    serials: some,
    ...(source === undefined ? namedGateway(ctx) : { source }),
  }));
}

/** Goods that no name leads to: beyond what is on its way, a person's receipt is refused. */
function ofTransfer(
  { books }: Receive,
  transfer: string,
  kind: GoodsKind,
  quantity: number,
): Taken[] | ActFault {
  const { book } = books.transfers;
  const lane = book.get(transfer)?.lane ?? '';
  const lines = book.linesOf(transfer, kind, '');
  if (lines.length === 0) return fault('not-on-transfer', `${kind.item} on ${transfer}`);
  const left = lines.reduce((sum, [index]) => sum + book.leftOf(transfer, index), 0);
  if (quantity > left) return fault('over-document', `${quantity} of ${left} still on their way`);
  return books.transfers.asSent(transfer, kind, '', quantity).map(([part, keeps]) => ({
    quantity: part,
    source: {
      account: { lane, type: 'transit' },
      unit: '',
      transfer,
      ...(keeps === '' ? {} : { keeps }),
    },
  }));
}

function namedGateway({ act, turn }: Receive): Pick<Taken, 'source'> {
  if (act.from === undefined) return {};
  const lane = laneOf(act.from, turn.site.gateway);
  return { source: { account: { lane, type: 'transit' }, unit: '' } };
}

function knows({ books, turn }: Receive, gateway: string): boolean {
  const { elsewhere, portalsTo } = turn.site;
  return (
    [...elsewhere.values()].some((zone) => zone.gateway === gateway) ||
    [...portalsTo.values()].includes(gateway) ||
    books.transfers.book.open().some(([, { other }]) => other === gateway)
  );
}
