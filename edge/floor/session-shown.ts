import type { FloorSession } from '#contracts/api/floor-api.ts';
import type { Lease } from '#contracts/acts.ts';
import type { StockView } from '../stock/stock-view.ts';
import type { LiveSession } from './sessions.ts';

/** Who is signed in, and what they may do now. */
export function shownSession(
  { person, expiresAtMs: expiresAt }: LiveSession,
  stock: StockView,
  nowMs: number,
): FloorSession {
  const { id, name, role, credentialUntilMs, lease } = person;
  const inForce =
    lease !== undefined && lease.validFromMs <= nowMs && nowMs <= lease.validUntilMs
      ? lease
      : undefined;
  return {
    person: id,
    name,
    role,
    may: [...(inForce?.may ?? [])],
    zones: inForce?.zones ?? null,
    owners: inForce?.owners ?? null,
    lease: inForce === undefined ? null : leftOf(inForce, stock),
    credentialUntilMs,
    expiresAt,
  };
}

function leftOf(lease: Lease, stock: StockView): NonNullable<FloorSession['lease']> {
  const { limitPerEntry, limitCumulative, validUntilMs } = lease;
  const { valuePerEntryMinor = null, valueCumulativeMinor } = lease;
  const used = stock.leaseUse(lease);
  return {
    limitPerEntry,
    limitCumulative,
    leftUnits: Math.max(0, limitCumulative - used.units),
    valuePerEntryMinor,
    leftValueMinor:
      valueCumulativeMinor === undefined
        ? null
        : Math.max(0, valueCumulativeMinor - used.valueMinor),
    validUntilMs,
  };
}
