import type { PostingKind } from '#contracts/event-kinds.ts';
import { accountKey, type Account, type StockStatus } from '#contracts/posting.ts';
import type { SiteModel } from '../observe/site-model.ts';
import { statusAfterMove } from '../stock/status-rule.ts';
import type { Place } from './serial-book.ts';

/**
 * What evidence about one serial does to stock. Pure: the place that the book has for the serial,
 * the evidence and the site's policy go in, and what to say comes out. Rules in README.md.
 */
export type Decision =
  | {
      readonly type: 'post';
      readonly kind: PostingKind;
      readonly from: Account;
      readonly to: Account;
      /** Where the book has the serial afterwards; undefined: not inside. */
      readonly place: Place | undefined;
    }
  | { readonly type: 'conflict'; readonly zone: string; readonly heldBy: string }
  | {
      readonly type: 'verify';
      readonly reason: string;
      readonly zone: string;
      readonly status: StockStatus;
    };

type Rules = Pick<SiteModel, 'posting' | 'zones'>;

/** Where a serial comes from, and what it keeps: a hold of its own. */
type From = { readonly account: Account; readonly keeps?: StockStatus };
const outside: From = { account: { type: 'supplier' } };

/**
 * A serial came in through a portal into `zone`. `isExpected`: an open document speaks for it, or it
 * is on its way here, which makes up for thin reads.
 */
export function decideInbound(
  rules: Rules,
  place: Place | undefined,
  zone: string,
  reads: number,
  isExpected = false,
  { account, keeps }: From = outside,
): Decision[] {
  const status = rules.zones.get(zone)?.status;
  if (status === undefined || place?.[0] === zone) return [];
  if (place !== undefined) {
    return [{ type: 'conflict', zone, heldBy: accountKey(zoneAccount(place)) }];
  }
  const { receive } = rules.posting;
  if (receive === 'task') return [{ type: 'verify', reason: 'receive-policy', zone, status }];
  const thin = receive === 'unverified' || !isProved(rules, reads, isExpected);
  const to: Place = [zone, keeps ?? (thin ? 'unverified' : status)];
  return [post('stock.received', account, to)];
}

/**
 * A serial is believed in `zone`, moved there from `fromZone` or newly seen there. A serial that
 * the book does not know moves from where it was seen, since it was there; that account may go
 * negative, which says that a receipt is missing. Merely being seen moves nothing.
 */
export function decideMove(
  rules: Rules,
  place: Place | undefined,
  fromZone: string | undefined,
  zone: string,
): Decision[] {
  const status = rules.zones.get(zone)?.status;
  const fromStatus = fromZone === undefined ? undefined : rules.zones.get(fromZone)?.status;
  const seen: Place | undefined =
    fromZone === undefined || fromStatus === undefined ? undefined : [fromZone, fromStatus];
  const from = place ?? seen;
  if (status === undefined || from === undefined || from[0] === zone) return [];
  const { move } = rules.posting;
  if (move === 'task') return [{ type: 'verify', reason: 'move-policy', zone, status }];
  // Evidence of the same sort does not verify what evidence alone put there.
  const next = move === 'unverified' ? 'unverified' : statusAfterMove(rules, from, zone);
  return [post('stock.moved', zoneAccount(from), [zone, next])];
}

/**
 * A serial went out through a portal of `zone`; it leaves the account that the book has it in.
 * Where that is too thin to post, the serial stays, but as `unverified`, and somebody looks.
 */
export function decideOutbound(
  rules: Rules,
  place: Place | undefined,
  zone: string,
  reads: number,
  isExpected = false,
): Decision[] {
  const status = rules.zones.get(zone)?.status;
  const from: Place | undefined = place ?? (status === undefined ? undefined : [zone, status]);
  if (from === undefined) return [];
  const { ship } = rules.posting;
  const verify = (reason: string): Decision => {
    return { type: 'verify', reason, zone: from[0], status: from[1] };
  };
  if (ship === 'task') return [verify('ship-policy')];
  if (ship === 'post' && isProved(rules, reads, isExpected)) {
    const to: Account = { type: 'customer' };
    return [{ type: 'post', kind: 'stock.shipped', from: zoneAccount(from), to, place: undefined }];
  }
  const doubt = verify('ship-unverified');
  if (place === undefined || place[1] === 'unverified') return [doubt];
  return [post('stock.moved', zoneAccount(place), [place[0], 'unverified']), doubt];
}

/** Whether a pass is evidence enough to post, by the site's policy on documents. */
function isProved({ posting }: Rules, reads: number, isExpected: boolean): boolean {
  const { documents = 'prefer', confirmReads } = posting;
  if (documents === 'require' && !isExpected) return false;
  return reads >= confirmReads || (isExpected && documents !== 'ignore');
}

function post(kind: PostingKind, from: Account, place: Place): Decision {
  return { type: 'post', kind, from, to: zoneAccount(place), place };
}

function zoneAccount([zone, status]: Place): Account {
  return { status, type: 'zone', zone };
}
