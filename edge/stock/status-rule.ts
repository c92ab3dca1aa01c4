import type { StockStatus } from '#contracts/posting.ts';
import type { SiteModel } from '../observe/site-model.ts';

type Zones = Pick<SiteModel, 'zones'>;

/**
 * The status of goods once they are in `toZone`: that of the zone. What is unverified stays so, and
 * a hold that goods have for themselves, not from the zone they stand in, goes with them: carrying
 * them elsewhere releases nothing.
 */
export function statusAfterMove(
  { zones }: Zones,
  [zone, status]: readonly [zone: string, status: StockStatus],
  toZone: string,
): StockStatus {
  if (isKeptStatus({ zones }, [zone, status])) return status;
  return zones.get(toZone)?.status ?? status;
}

/** Whether goods in that zone keep their status wherever they go. */
export function isKeptStatus(
  { zones }: Zones,
  [zone, status]: readonly [zone: string, status: StockStatus],
): boolean {
  const isHold = status === 'quality-hold' || status === 'quarantine';
  return status === 'unverified' || (isHold && zones.get(zone)?.status !== status);
}
