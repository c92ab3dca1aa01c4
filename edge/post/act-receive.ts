import type { ActOf } from '#contracts/acts.ts';
import type { Goods } from '#contracts/goods.ts';
import type { StockStatus } from '#contracts/posting.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { kindOfGoods, zoneAccount, type GoodsKind } from '../stock/bin.ts';
import type { Transfer } from '../stock/stock-book.ts';
import { fault, isFault, statementOf, type ActContext, type ActFault } from './act-context.ts';
import { notOnDocument } from './not-on-document.ts';
import { takenFrom } from './taken-from.ts';

type Receive = ActContext<ActOf<'receive'>>;

/** Takes goods or an announced unit in. A person's receipt beyond its document is refused. */
export function receive(ctx: Receive): ActFault | undefined {
  const { act, turn } = ctx;
  const status = act.status ?? turn.site.zones.get(act.zone)?.status ?? 'receiving';
  return 'unit' in act.what
    ? receiveUnit(ctx, act.what.unit, status)
    : receiveGoods(ctx, act.what.goods, status);
}

function receiveUnit(ctx: Receive, unit: string, status: StockStatus): ActFault | undefined {
  const { stock, postings } = ctx.books;
  const { zone, document } = ctx.act;
  const { containment } = stock;
  const state = containment.get(unit);
  if (state === undefined) return fault('unknown-unit', unit);
  const root = containment.get(containment.rootOf(unit)) ?? state;
  if (root.zone === zone) return fault('nothing-to-do', `${unit} is in ${zone}`);
  if (root.zone !== '') return fault('unit-elsewhere', root.zone);
  const { transfer } = ctx.act;
  if (transfer !== undefined && ctx.books.transfers.book.ofThing(unit)?.transfer !== transfer) {
    return fault('not-on-transfer', `${unit} on ${transfer}`);
  }
  if (document !== undefined && document.id !== state.document) {
    return fault('not-on-document', `${unit} on ${document.id}`);
  }
  // It came without what it was announced in.
  if (state.parent !== '') containment.put(unit, { ...state, parent: '' });
  postings.receive(ctx.turn, unit, zone, status, statementOf(ctx));
  return undefined;
}

function receiveGoods(ctx: Receive, goods: Goods, status: StockStatus): ActFault | undefined {
  const { stock, documents } = ctx.books;
  const { document, zone } = ctx.act;
  const kind = receivedKind(ctx, goods);
  const line =
    document === undefined ? undefined : documents.lineOn(document.id, kind, document.line);
  const unit = goods.handlingUnit ?? '';
  const taken = takenFrom(ctx, goods, kind);
  const wrong =
    (isFault(taken) ? taken : undefined) ??
    wrongTracking(ctx, goods, kind) ??
    wrongDocument(ctx, goods, kind) ??
    (unit === '' ? undefined : wrongUnit(ctx, unit));
  if (wrong !== undefined || isFault(taken)) return wrong;
  if (unit !== '') putIn(ctx, unit, kind, goods);
  for (const epc of goods.serials ?? []) {
    // Announced in a unit, but here by itself.
    const announcedIn = stock.containment.unitOfSerial(epc);
    if (announcedIn !== undefined && unit === '') stock.takeOut(epc, announcedIn, kind);
  }
  const root = unit === '' ? '' : stock.containment.rootOf(unit);
  const on = document && line && { id: document.id, line: line.line };
  const said = on === undefined ? statementOf(ctx) : { ...statementOf(ctx), document: on };
  for (const { source, quantity, serials } of taken) {
    const { account = { type: 'supplier' } as const, keeps, transfer } = source ?? {};
    const transfers: Transfer[] = [
      {
        ...kind,
        quantity,
        ...(serials === undefined ? {} : { serials }),
        from: { account, unit: source?.unit ?? '' },
        to: { account: zoneAccount(zone, keeps ?? status), unit: root },
      },
    ];
    const of = transfer === undefined ? said : { ...said, transfer };
    stock.post(ctx.turn, 'stock.received', transfers, of);
  }
  if (on !== undefined) documents.progress(on, goods.quantity, ctx.turn.nowMs);
  return undefined;
}

/** A lot that the person did not name is that of the document's line. */
function receivedKind({ act, books, turn }: Receive, goods: Goods): GoodsKind {
  const kind = kindOfGoods(goods);
  const [epc] = goods.serials ?? [];
  const sent = epc === undefined ? undefined : books.transfers.sourceOf(turn.site, epc)?.kind;
  if (kind.lot === '' && sent !== undefined && sent.item === kind.item) return sent;
  if (kind.lot !== '' || act.document === undefined) return kind;
  const line = books.documents.lineOn(act.document.id, kind, act.document.line);
  return { ...kind, lot: line?.lot ?? '' };
}

function wrongTracking(
  { turn, books }: Receive,
  { item, serials, quantity }: Goods,
  { lot }: GoodsKind,
): ActFault | undefined {
  const { items } = turn.site;
  if (items.needsLot(item) && lot === '') return fault('lot-required', item);
  if (serials === undefined) {
    return items.needsSerials(item, 'receive') ? fault('serials-required', item) : undefined;
  }
  if (serials.length !== quantity || new Set(serials).size !== serials.length) {
    return fault('serials-mismatch', `${serials.length} serials for ${quantity}`);
  }
  for (const epc of serials) {
    const named = decodeEpc(epc);
    if (named.scheme !== 'sgtin' || named.gtin14 !== item) {
      return fault('serials-mismatch', `${epc} is no ${item}`);
    }
    const place = books.stock.placeOf(epc, item);
    if (place !== undefined) return fault('serial-elsewhere', `${epc} ${place[0]}`);
  }
  return undefined;
}

function wrongDocument({ act, books }: Receive, goods: Goods, kind: GoodsKind) {
  if (act.document === undefined) return undefined;
  const { id } = act.document;
  const line = books.documents.lineOn(id, kind, act.document.line);
  if (line === undefined) return notOnDocument(books.documents, id, kind);
  const other = goods.serials?.find((epc) => !books.documents.takes(id, line, epc));
  if (other !== undefined) return fault('not-on-document', `${other} on ${id}`);
  const room = books.documents.roomOn(id, line);
  if (goods.quantity <= room) return undefined;
  return fault('over-document', `${goods.quantity} of ${Math.max(0, room)} still expected`);
}

/** Goods go into a unit that is new here, or that stands in the same zone. */
function wrongUnit({ act, books }: Receive, unit: string): ActFault | undefined {
  const { containment } = books.stock;
  if (containment.get(unit) === undefined) return undefined;
  const zone = containment.get(containment.rootOf(unit))?.zone ?? '';
  return zone === act.zone ? undefined : fault('unit-elsewhere', zone || `${unit} is not here`);
}

function putIn(
  ctx: Receive,
  unit: string,
  kind: GoodsKind,
  { quantity, serials = [] }: Goods,
): void {
  const { containment } = ctx.books.stock;
  if (containment.get(unit) === undefined) {
    containment.put(unit, { document: '', goneMs: 0, parent: '', zone: ctx.act.zone });
  }
  for (const epc of serials) {
    const announcedIn = containment.unitOfSerial(epc);
    if (announcedIn !== undefined) ctx.books.stock.takeOut(epc, announcedIn, kind);
    containment.putSerial(epc, unit);
  }
  containment.addGoods(unit, kind, quantity);
}
