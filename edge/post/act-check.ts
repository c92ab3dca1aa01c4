import type { ActType, FloorAct, Lease } from '#contracts/acts.ts';
import { defaultOwner } from '#contracts/ids.ts';
import type { SiteModel } from '../observe/site-model.ts';
import { fault, type ActBooks, type ActFault } from './act-context.ts';

/** Whether a person may do this now, and whether all that it names exists. */
export function checkAct(
  site: SiteModel,
  books: ActBooks,
  act: FloorAct,
  lease: Lease | null,
  nowMs: number,
): ActFault | undefined {
  return (
    checkLease(act, lease, nowMs) ??
    checkPlaces(site, act, lease) ??
    checkOwners(act, lease) ??
    checkDocument(site, books, act)
  );
}

function checkLease(act: FloorAct, lease: Lease | null, nowMs: number): ActFault | undefined {
  if (lease === null || lease.person !== act.person) {
    return fault('lease-missing', 'nothing lets this person act here');
  }
  if (nowMs < lease.validFromMs || nowMs > lease.validUntilMs) {
    return fault('lease-expired', 'it is valid from one time to another, and now is outside');
  }
  return lease.may.includes(act.type)
    ? undefined
    : fault('not-permitted', `the lease does not include ${act.type}`);
}

function checkPlaces(site: SiteModel, act: FloorAct, lease: Lease | null): ActFault | undefined {
  const zones = [...('zone' in act ? [act.zone] : []), ...('toZone' in act ? [act.toZone] : [])];
  for (const [index, zone] of zones.entries()) {
    const isElsewhere = index > 0 && site.elsewhere.has(zone);
    if (!site.zones.has(zone) && !isElsewhere) return fault('unknown-zone', zone);
    if (!mayActIn(lease, zone)) return fault('zone-not-permitted', zone);
  }
  return undefined;
}

export function mayActIn(lease: Lease | null, zone: string): boolean {
  return lease?.zones === undefined || lease.zones.includes(zone);
}

/** Of goods that the act names; those inside a unit are looked at when they are drawn. */
function checkOwners(act: FloorAct, lease: Lease | null): ActFault | undefined {
  for (const { owner = defaultOwner } of namedGoods(act)) {
    if (!mayActFor(lease, owner)) return fault('owner-not-permitted', owner);
  }
  return undefined;
}

export function mayActFor(lease: Lease | null, owner: string): boolean {
  return lease?.owners === undefined || lease.owners.includes(owner);
}

function namedGoods(act: FloorAct): readonly { readonly owner?: string }[] {
  switch (act.type) {
    case 'receive':
    case 'ship':
    case 'move':
    case 'hold':
    case 'release':
      return 'goods' in act.what ? [act.what.goods] : [];
    case 'adjust':
      return [act];
    case 'count':
      return act.found;
    case 'pack':
    case 'unpack':
      return act.goods ?? [];
    default:
      return [];
  }
}

/** Whether a person takes goods in, or sends them out, only on a document. */
export function needsDocument({ posting }: Pick<SiteModel, 'posting'>, act: ActType): boolean {
  const { receive = false, ship = true } = posting.documentRequired ?? {};
  return (act === 'ship' && ship) || (act === 'receive' && receive);
}

function checkDocument(
  site: SiteModel,
  { documents }: ActBooks,
  act: FloorAct,
): ActFault | undefined {
  if (act.document === undefined) {
    // What another gateway sent is told by that.
    const isTold = act.type === 'receive' && (act.transfer ?? act.from) !== undefined;
    return !isTold && needsDocument(site, act.type)
      ? fault('document-required', `this site does not ${act.type} without a document`)
      : undefined;
  }
  const state = documents.get(act.document.id);
  if (state === undefined) return fault('unknown-document', act.document.id);
  if (!documents.isOpen(act.document.id)) return fault('document-closed', act.document.id);
  const needed = act.type === 'receive' ? 'receipt' : act.type === 'ship' ? 'shipment' : undefined;
  return needed === undefined || state.document.type === needed
    ? undefined
    : fault('not-on-document', `${act.document.id} is no ${needed}`);
}
