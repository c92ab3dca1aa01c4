import type { ActOf } from '#contracts/acts.ts';
import { draft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { draftFields } from '../stock/turn.ts';
import type { StockBook } from '../stock/stock-book.ts';
import { unitOfEpc } from '../stock/unit-id.ts';
import type { ActContext } from './act-context.ts';
import { defaultQuorumPermille } from './passage-book.ts';

type Sweep = ActContext<ActOf<'sweep'>>;
type Unexpected = EventPayload<'stock.swept'>['unexpected'][number];

/** EPCs that one event lists at most. */
const listedPerEvent = 2000;

/**
 * An RFID count of a zone: which serials the book has there and nobody read, and which were read
 * and the book has elsewhere or nowhere. Posts nothing: absence of reads proves nothing, and what
 * readers see moves by itself. A variance opens a task, in the place of that of an earlier sweep.
 */
export function sweep(ctx: Sweep): undefined {
  const { act, books, by, turn } = ctx;
  const read = new Set(act.epcs ?? books.presence.tagsIn(act.zone));
  const booked = bookedIn(books.stock, act.zone);
  const inferred = inferredIn(ctx, read);
  const missing = [...booked].filter((epc) => !read.has(epc) && !inferred.has(epc)).sort();
  const { unexpected, unknown } = strangers(books.stock, read, booked);
  const seen = [...booked].filter((epc) => read.has(epc)).length;
  const listed = [
    ...missing.map((epc) => ({ missing: epc })),
    ...unexpected.map((one) => ({ unexpected: one })),
  ];
  const parts = Math.max(1, Math.ceil(listed.length / listedPerEvent));
  for (let part = 1; part <= parts; part += 1) {
    const some = listed.slice((part - 1) * listedPerEvent, part * listedPerEvent);
    const payload = {
      booked: booked.size,
      by,
      inferred: inferred.size,
      missing: some.flatMap((one) => ('missing' in one ? [one.missing] : [])),
      part,
      parts,
      seen,
      unexpected: some.flatMap((one) => ('unexpected' in one ? [one.unexpected] : [])),
      unknown,
      zone: act.zone,
    };
    turn.out.push(draft('stock.swept', payload, draftFields(turn)));
  }
  supersede(ctx);
  if (listed.length > 0) {
    books.tasks.open(turn, {
      act: act.id,
      reason: `${missing.length} missing, ${unexpected.length} unexpected`,
      task: 'resolve-difference',
      zone: act.zone,
    });
  }
  return undefined;
}

/** What an earlier sweep of the zone asked is answered by this one, or asked anew. */
function supersede({ act, books, turn }: Sweep): void {
  for (const task of books.tasks.all()) {
    const isOfSweep = task.task === 'resolve-difference' && task.document === undefined;
    if (!isOfSweep || task.act === undefined || task.zone !== act.zone) continue;
    if (task.id !== act.task) books.tasks.close(turn, task.id, 'superseded');
  }
}

function bookedIn(stock: StockBook, zone: string): Set<string> {
  const booked = new Set<string>();
  for (const [epc, place] of stock.looseSerials()) if (place[0] === zone) booked.add(epc);
  for (const root of rootsIn(stock, zone)) {
    for (const unit of stock.containment.tree(root)) {
      for (const epc of stock.containment.serialsIn(unit)) booked.add(epc);
    }
  }
  return booked;
}

function rootsIn({ containment }: StockBook, zone: string): string[] {
  const roots: string[] = [];
  for (const [unit, state] of containment.units()) {
    if (state.parent === '' && state.zone === zone) roots.push(unit);
  }
  return roots.sort();
}

/** Serials that were not read, of units that were seen well enough. */
function inferredIn({ act, books, turn }: Sweep, read: ReadonlySet<string>): Set<string> {
  const { containment } = books.stock;
  const quorum = turn.site.posting.unitQuorumPermille ?? defaultQuorumPermille;
  const ownTags = new Set([...read].flatMap((epc) => unitOfEpc(decodeEpc(epc)) ?? []));
  const inferred = new Set<string>();
  for (const root of rootsIn(books.stock, act.zone)) {
    const serials = containment.tree(root).flatMap((unit) => containment.serialsIn(unit));
    const unread = serials.filter((epc) => !read.has(epc));
    const seen = serials.length - unread.length;
    if (!ownTags.has(root) && seen * 1000 < serials.length * quorum) continue;
    for (const epc of unread) inferred.add(epc);
  }
  return inferred;
}

function strangers(
  stock: StockBook,
  read: ReadonlySet<string>,
  booked: ReadonlySet<string>,
): { readonly unexpected: Unexpected[]; readonly unknown: number } {
  const unexpected: Unexpected[] = [];
  let unknown = 0;
  for (const epc of [...read].sort()) {
    if (booked.has(epc)) continue;
    const named = decodeEpc(epc);
    if (named.scheme === 'sgtin') {
      const place = stock.placeOf(epc, named.gtin14);
      unexpected.push(place === undefined ? { epc } : { bookedZone: place[0], epc });
    } else if (unitOfEpc(named) === undefined) unknown += 1;
  }
  return { unexpected, unknown };
}
