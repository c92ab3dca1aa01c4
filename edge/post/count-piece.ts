import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import type { Turn } from '../stock/turn.ts';
import { openQuantity } from './open-quantity.ts';
import { portalCounts, type Piece } from './passage-book.ts';
import type { Books, PassEvidence } from './poster.ts';

/**
 * A piece at a portal, if its counter would count such a piece. Its document is no witness of
 * what was read: it says what it expects.
 */
export function countPiece(
  { documents, passages, stock }: Books,
  { site, nowMs }: Turn,
  { portal, direction }: PassEvidence,
  what: 'items' | 'units',
  { document, ...of }: Pick<Piece, 'document' | 'goods' | 'isInUnit' | 'isOnNone'>,
): void {
  if (direction === 'unclear' || portalCounts(site, portal) !== what) return;
  passages.add(nowMs, { portal, direction, source: 'rfid', pieces: 1, ...of });
  if (document === undefined) return;
  const pieces = openQuantity(site, documents, stock, document);
  const open = { source: 'document', pieces, document, isOpenQuantity: true } as const;
  passages.add(nowMs, { portal, direction, isTagged: true, ...open });
}

/** A scanner with a portal reads there; one in a zone with one portal, of goods that pass it. */
export function countScan(
  { passages }: Books,
  { site, nowMs, device = '' }: Turn,
  zone: string,
  what: 'items' | 'units',
  code: ScannedCode,
): void {
  const antennas = [...(site.devices.get(device)?.antennas.values() ?? [])];
  const own = antennas.find((one) => one.portal !== undefined)?.portal;
  const [behind, ...others] = [...site.portals].filter(([, inside]) => inside === zone);
  const portal = own ?? (others.length === 0 ? behind?.[0] : undefined);
  if (portal === undefined || portalCounts(site, portal) !== what) return;
  passages.scan(site, nowMs, { portal, code, isAtPortal: own !== undefined });
}
