import type { ActOf, FloorAct } from '#contracts/acts.ts';
import type { StockStatus } from '#contracts/posting.ts';
import { zoneAccount } from '../stock/bin.ts';
import { statusAfterMove } from '../stock/status-rule.ts';
import type { Transfer } from '../stock/stock-book.ts';
import { mayActFor } from './act-check.ts';
import { fault, isFault, statementOf, type ActContext, type ActFault } from './act-context.ts';
import { drawGoods, drawUnit, transferOf, type Drawn } from './draw-goods.ts';
import { notOnDocument } from './not-on-document.ts';
import { takeOut, takeUnitOut } from './take-out.ts';

type Outcome = ActFault | undefined;

/** The statuses that are taken where nobody named one: the zone's own first, never a hold. */
function usable({ turn }: ActContext, zone: string, named?: StockStatus): StockStatus[] {
  if (named !== undefined) return [named];
  const own = turn.site.zones.get(zone)?.status;
  const others: StockStatus[] = ['available', 'receiving', 'picking', 'packing', 'shipping'];
  return [...(own === undefined ? [] : [own]), ...others.filter((status) => status !== own)];
}

const held: readonly StockStatus[] = ['quality-hold', 'quarantine', 'unverified'];

/** @returns what is wrong with a unit that is said to stand in `zone`. */
function wrongPlace({ books: { stock } }: ActContext, unit: string, zone: string): Outcome {
  const state = stock.containment.get(unit);
  if (state === undefined) return fault('unknown-unit', unit);
  const at = stock.containment.get(stock.containment.rootOf(unit))?.zone ?? '';
  return at === zone ? undefined : fault('unit-elsewhere', at === '' ? `${unit} is not here` : at);
}

/** Nothing is posted of a unit with nothing in it: the act would leave no trace. */
function emptyUnit({ books: { stock } }: ActContext, unit: string): Outcome {
  const isEmpty = stock.containment.contentsOf(unit).length === 0;
  return isEmpty ? fault('nothing-to-do', `${unit} is empty`) : undefined;
}

/** @returns an owner in the unit for whom the person may not act. */
function wrongOwner({ books, lease }: ActContext, unit: string): Outcome {
  const contents = books.stock.containment.contentsOf(unit);
  const other = contents.find(([{ owner }]) => !mayActFor(lease, owner));
  return other === undefined ? undefined : fault('owner-not-permitted', other[0].owner);
}

export function ship(ctx: ActContext<ActOf<'ship'>>): Outcome {
  const { act, books, turn } = ctx;
  if ('unit' in act.what) {
    const { unit } = act.what;
    const wrong =
      wrongPlace(ctx, unit, act.zone) ??
      emptyUnit(ctx, unit) ??
      wrongOwner(ctx, unit) ??
      onHold(ctx, unit) ??
      notListed(ctx, unit);
    if (wrong !== undefined) return wrong;
    takeUnitOut(ctx, unit);
    books.postings.ship(turn, unit, statementOf(ctx));
    return undefined;
  }
  const from = {
    zone: act.zone,
    statuses: usable(ctx, act.zone, act.status),
    step: 'ship',
  } as const;
  const drawn = drawGoods(ctx, act.what.goods, from);
  if (isFault(drawn)) return drawn;
  if (drawn.some(({ status }) => held.includes(status))) return fault('wrong-status', 'on hold');
  const lines = shippedLines(ctx, drawn);
  if (isFault(lines)) return lines;
  takeOut(ctx, drawn);
  const transfers = drawn.map((one) =>
    transferOf(one, { account: { type: 'customer' }, unit: '' }),
  );
  books.stock.post(turn, 'stock.shipped', transfers, statementOf(ctx));
  for (const { line, quantity } of lines) {
    const { id } = act.document ?? { id: '' };
    books.documents.progress({ id, line }, quantity, turn.nowMs);
  }
  return undefined;
}

function onHold(ctx: ActContext, unit: string): Outcome {
  const drawn = drawUnit(ctx, unit, (status) => held.includes(status));
  if (isFault(drawn)) return drawn;
  return drawn.length === 0 ? undefined : fault('wrong-status', `${unit} holds held goods`);
}

/** A unit of which a document knows nothing is not shipped on it. */
function notListed({ act, books }: ActContext<ActOf<'ship'>>, unit: string): Outcome {
  if (act.document === undefined) return undefined;
  const { id } = act.document;
  if (books.documents.get(id)?.document.units?.some((one) => one.unit === unit)) return undefined;
  for (const [kind, quantity] of books.stock.containment.contentsOf(unit)) {
    const line = books.documents.lineOn(id, kind);
    if (line === undefined) return notOnDocument(books.documents, id, kind);
    const room = books.documents.roomOn(id, line);
    if (quantity > room) return fault('over-document', `${quantity} of ${Math.max(0, room)}`);
  }
  return undefined;
}

/** The document's lines that the goods are shipped on; none without a document. */
function shippedLines(
  { act, books: { documents } }: ActContext<ActOf<'ship'>>,
  drawn: readonly Drawn[],
): { line: number; quantity: number }[] | ActFault {
  if (act.document === undefined) return [];
  const { id, line: named } = act.document;
  const taken = new Map<number, number>();
  for (const { quantity, serials = [], ...kind } of drawn) {
    const line = documents.lineOn(id, kind, named);
    if (line === undefined) return notOnDocument(documents, id, kind);
    const other = serials.find((epc) => !documents.takes(id, line, epc));
    if (other !== undefined) return fault('not-on-document', `${other} on ${id}`);
    const sum = (taken.get(line.line) ?? 0) + quantity;
    const room = documents.roomOn(id, line);
    if (sum > room) return fault('over-document', `${sum} of ${Math.max(0, room)} still expected`);
    taken.set(line.line, sum);
  }
  return [...taken].map(([line, quantity]) => ({ line, quantity }));
}

export function move(ctx: ActContext<ActOf<'move'>>): Outcome {
  const { act, books, turn } = ctx;
  const { toZone, toStatus } = act;
  if (act.zone === toZone && toStatus === undefined) return fault('nothing-to-do', 'the same zone');
  if (!turn.site.zones.has(toZone)) return moveElsewhere(ctx);
  if ('unit' in act.what) {
    const { unit } = act.what;
    const wrong =
      wrongPlace(ctx, unit, act.zone) ??
      emptyUnit(ctx, unit) ??
      wrongOwner(ctx, unit) ??
      freesHeld(ctx, toStatus) ??
      isAsAsked(ctx, unit);
    if (wrong !== undefined) return wrong;
    takeUnitOut(ctx, unit);
    books.postings.move(turn, unit, toZone, toStatus, statementOf(ctx));
    return undefined;
  }
  const statuses = [...usable(ctx, act.zone, act.status), ...(act.status ? [] : held)];
  const drawn = drawGoods(ctx, act.what.goods, { zone: act.zone, statuses, step: 'inside' });
  if (isFault(drawn)) return drawn;
  const isFreed = drawn.some(({ status }) => held.includes(status));
  const wrong = isFreed ? freesHeld(ctx, toStatus) : undefined;
  if (wrong !== undefined) return wrong;
  const isSo = drawn.every(({ holder, status }) => holder === '' && status === toStatus);
  if (act.zone === toZone && isSo) return fault('nothing-to-do', 'it is so already');
  takeOut(ctx, drawn);
  const transfers = drawn.map((one) => {
    const next = toStatus ?? statusAfterMove(turn.site, [one.zone, one.status], toZone);
    return transferOf(one, { account: zoneAccount(toZone, next), unit: '' });
  });
  books.stock.post(turn, 'stock.moved', transfers, statementOf(ctx));
  return undefined;
}

/** A unit by itself that is in that zone, and all that is in it in that status. */
function isAsAsked({ act, books }: ActContext<ActOf<'move'>>, unit: string): Outcome {
  if (act.zone !== act.toZone || books.stock.containment.get(unit)?.parent !== '') return undefined;
  const bins = books.stock.quantities.ofUnit(unit);
  const isOther = bins.some(([{ status }, quantity]) => quantity > 0 && status !== act.toStatus);
  return isOther ? undefined : fault('nothing-to-do', `${unit} is so already`);
}

/** To a zone of another gateway, which posts the arrival: here the goods leave. */
function moveElsewhere(ctx: ActContext<ActOf<'move'>>): Outcome {
  const { act, books, turn } = ctx;
  const { what, toStatus, toZone, zone } = act;
  const owner = turn.site.elsewhere.get(toZone);
  if (owner === undefined) return fault('unknown-zone', toZone);
  if (toStatus !== undefined) {
    return fault('wrong-status', `${owner.gateway} says what status they have there`);
  }
  const { gateway, site } = owner;
  const to = { gateway, zone: toZone, ...(site === undefined ? {} : { site }) };
  if ('unit' in what) {
    const wrong =
      wrongPlace(ctx, what.unit, zone) ?? emptyUnit(ctx, what.unit) ?? wrongOwner(ctx, what.unit);
    if (wrong !== undefined) return wrong;
    if (!books.transfers.canSend(what.unit)) {
      return fault('too-large', `${what.unit} holds more than is moved as one`);
    }
    takeUnitOut(ctx, what.unit);
    books.postings.send(turn, what.unit, to, statementOf(ctx));
    return undefined;
  }
  const statuses = [...usable(ctx, zone, act.status), ...(act.status ? [] : held)];
  const drawn = drawGoods(ctx, what.goods, { zone, statuses, step: 'inside' });
  if (isFault(drawn)) return drawn;
  takeOut(ctx, drawn);
  const leaving = drawn.map((one) => {
    const { to: _to, ...rest } = transferOf(one, { account: { type: 'customer' }, unit: '' });
    return rest;
  });
  books.transfers.send(turn, to, leaving, statementOf(ctx));
  return undefined;
}

/** Naming a usable status for held goods would release them past the right to do so. */
function freesHeld({ lease }: ActContext, toStatus: StockStatus | undefined): Outcome {
  if (toStatus === undefined || held.includes(toStatus)) return undefined;
  return lease.may.includes('release')
    ? undefined
    : fault('not-permitted', 'a status is changed by release');
}

export function hold(ctx: ActContext<ActOf<'hold'>>): Outcome {
  const { act } = ctx;
  const into = act.into ?? 'quality-hold';
  const isFree = (status: StockStatus): boolean => status !== into;
  const statuses = usable(ctx, act.zone, act.status).filter(isFree);
  const drawn = drawInPlace(ctx, act, statuses, isFree);
  if (isFault(drawn)) return drawn;
  return change(
    ctx,
    'stock.held',
    drawn.filter(({ status }) => isFree(status)),
    into,
    act.reason,
  );
}

export function release(ctx: ActContext<ActOf<'release'>>): Outcome {
  const { act, turn } = ctx;
  const own = turn.site.zones.get(act.zone)?.status;
  const into = act.toStatus ?? own;
  if (into === undefined || held.includes(into)) {
    return fault('wrong-status', `${act.zone} is itself a place of held goods: name a status`);
  }
  const isHeld = (status: StockStatus): boolean => held.includes(status);
  const statuses = act.status === undefined ? held : [act.status].filter(isHeld);
  const drawn = drawInPlace(ctx, act, statuses, isHeld);
  if (isFault(drawn)) return drawn;
  if (!drawn.every(({ status }) => isHeld(status))) return fault('wrong-status', 'not on hold');
  return change(ctx, 'stock.released', drawn, into);
}

function drawInPlace(
  ctx: ActContext,
  { what, zone }: Extract<FloorAct, { type: 'hold' | 'release' }>,
  statuses: readonly StockStatus[],
  fits: (status: StockStatus) => boolean,
): Drawn[] | ActFault {
  if ('unit' in what) return wrongPlace(ctx, what.unit, zone) ?? drawUnit(ctx, what.unit, fits);
  return drawGoods(ctx, what.goods, { zone, statuses, step: 'inside' });
}

/** A status changes where the goods are. */
function change(
  ctx: ActContext,
  kind: 'stock.held' | 'stock.released',
  drawn: readonly Drawn[],
  into: StockStatus,
  reason?: string,
): Outcome {
  if (drawn.length === 0) return fault('nothing-to-do', 'nothing there has another status');
  const transfers = drawn.map((one): Transfer =>
    transferOf(one, { account: zoneAccount(one.zone, into), unit: one.root }),
  );
  const { act } = ctx;
  const said = statementOf(ctx);
  const unit = 'what' in act && 'unit' in act.what ? { unit: act.what.unit } : {};
  const why = reason === undefined ? {} : { reason };
  ctx.books.stock.post(ctx.turn, kind, transfers, { ...said, ...unit, ...why });
  return undefined;
}
