import { draft } from '#contracts/envelope.ts';
import type { ActReference } from '#contracts/goods.ts';
import { defaultOwner } from '#contracts/ids.ts';
import type { StockStatus } from '#contracts/posting.ts';
import type { DocumentBook } from '../documents/document-book.ts';
import { zoneAccount } from '../stock/bin.ts';
import { statusAfterMove } from '../stock/status-rule.ts';
import type { Statement, StockBook, Transfer } from '../stock/stock-book.ts';
import { draftFields, type Turn } from '../stock/turn.ts';
import type { Destination, TransferDesk } from '../transfers/transfer-desk.ts';

/** Moves whole handling units: one posting by reference, whatever and however much is in them. */
export class UnitPostings {
  readonly #stock: StockBook;
  readonly #documents: DocumentBook;
  readonly #transfers: TransferDesk;

  constructor(stock: StockBook, documents: DocumentBook, transfers: TransferDesk) {
    this.#stock = stock;
    this.#documents = documents;
    this.#transfers = transfers;
  }

  /**
   * An expected unit, or one that had gone, is here, with what is known to be in it: from the
   * supplier, or from where it was on its way.
   */
  receive(turn: Turn, root: string, zone: string, status: StockStatus, of: Statement): void {
    const { containment } = this.#stock;
    const state = containment.get(root);
    if (state === undefined) return;
    const isFirst = state.goneMs === 0;
    const source = this.#transfers.sourceOf(turn.site, root);
    const { account = { type: 'supplier' } as const, transfer, unit = root } = source ?? {};
    const transfers = containment.contentsOf(root).flatMap(([kind, quantity]): Transfer[] =>
      this.#transfers.asSent(transfer, kind, unit, quantity).map(([part, keeps]) => ({
        ...kind,
        quantity: part,
        from: { account, unit },
        to: { account: zoneAccount(zone, keeps === '' ? status : keeps), unit: root },
      })),
    );
    this.#stock.placeUnit(root, zone, turn.nowMs);
    if (isFirst) this.#sayContents(turn, root, zone, of.by);
    const document = state.document;
    const isOnDocument = isFirst && this.#documents.isOpen(document);
    const on = isOnDocument ? { document: { id: document }, ...of } : of;
    const said = transfer === undefined ? on : { ...on, transfer };
    this.#stock.post(turn, 'stock.received', transfers, { ...said, unit: root });
    if (isOnDocument) this.#progress(document, root, turn.nowMs);
  }

  /** `toStatus` for all that is in it; absent: what the zone gives. */
  move(
    turn: Turn,
    root: string,
    toZone: string,
    toStatus: StockStatus | undefined,
    of: Statement,
  ): void {
    const transfers = this.#stock.quantities.ofUnit(root).flatMap(([bin, quantity]): Transfer[] => {
      const { zone, status, owner, item, lot } = bin;
      const next = toStatus ?? statusAfterMove(turn.site, [zone, status], toZone);
      if (quantity <= 0 || (zone === toZone && next === status)) return [];
      return [
        {
          owner,
          item,
          lot,
          quantity,
          from: { account: zoneAccount(zone, status), unit: root },
          to: { account: zoneAccount(toZone, next), unit: root },
        },
      ];
    });
    this.#stock.placeUnit(root, toZone, turn.nowMs);
    this.#stock.post(turn, 'stock.moved', transfers, { ...of, unit: root });
  }

  /** To another gateway. @returns false for a unit that is too large for that. */
  send(turn: Turn, root: string, to: Destination, of: Statement): boolean {
    return this.#transfers.sendUnit(turn, root, to, of);
  }

  ship(turn: Turn, root: string, of: Statement): void {
    const transfers = this.#stock.quantities.ofUnit(root).flatMap(([bin, quantity]): Transfer[] => {
      const { zone, status, owner, item, lot } = bin;
      if (quantity <= 0) return [];
      return [
        {
          owner,
          item,
          lot,
          quantity,
          from: { account: zoneAccount(zone, status), unit: root },
          to: { account: { type: 'customer' }, unit: root },
        },
      ];
    });
    this.#stock.placeUnit(root, '', turn.nowMs);
    const listed = of.document === undefined ? this.#documents.ofUnit('shipment', root) : undefined;
    const said = listed === undefined ? of : { document: { id: listed.id }, ...of };
    this.#stock.post(turn, 'stock.shipped', transfers, { ...said, unit: root });
    if (listed !== undefined) this.#progress(listed.id, root, turn.nowMs);
    else if (of.document !== undefined) this.#progressGoods(of.document.id, transfers, turn.nowMs);
  }

  /**
   * What of a document's lines is in the unit and all within it. Announced serials that are not in
   * it came by themselves, or are elsewhere.
   */
  #progress(id: string, root: string, nowMs: number): void {
    const { containment } = this.#stock;
    const inTree = new Set(containment.tree(root));
    for (const { unit, contents } of this.#documents.get(id)?.document.units ?? []) {
      if (!inTree.has(unit)) continue;
      for (const { line, quantity, serials = [] } of contents) {
        const named = serials.slice(0, quantity);
        const absent = named.filter((epc) => containment.unitOfSerial(epc) !== unit).length;
        this.#documents.progress({ id, line }, quantity - absent, nowMs);
      }
    }
  }

  #progressGoods(id: string, transfers: readonly Transfer[], nowMs: number): void {
    for (const { quantity, ...kind } of transfers) {
      const line = this.#documents.lineOn(id, kind);
      if (line !== undefined) this.#documents.progress({ id, line: line.line }, quantity, nowMs);
    }
  }

  /** The aggregation becomes a fact of this site: what is said to be in each unit of the tree. */
  #sayContents(turn: Turn, root: string, zone: string, by: ActReference | undefined): void {
    const { containment } = this.#stock;
    for (const parent of containment.tree(root)) {
      const serials = containment.serialsIn(parent);
      const goods = containment.goodsIn(parent).map(([kind, quantity]) => ({
        item: kind.item,
        ...(kind.lot === '' ? {} : { lot: kind.lot }),
        ...(kind.owner === defaultOwner ? {} : { owner: kind.owner }),
        quantity,
      }));
      const units = containment.unitsIn(parent);
      const { document } = containment.get(parent) ?? { document: '' };
      const payload = {
        ...(by === undefined ? {} : { by }),
        ...(document === '' ? {} : { document: { id: document } }),
        ...(goods.length === 0 ? {} : { goods }),
        parent,
        ...(serials.length === 0 ? {} : { serials }),
        ...(units.length === 0 ? {} : { units }),
        zone,
      };
      turn.out.push(draft('unit.packed', payload, { ...draftFields(turn), handlingUnit: parent }));
    }
  }
}
