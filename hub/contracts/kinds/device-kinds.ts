import Type from 'typebox';
import { closed, count, epochMs } from '../schema.ts';

/** A device went quiet for longer than its profile allows, and came back. */

export const deviceSilent = closed({ allowedMs: count, lastHeardAt: Type.Optional(epochMs) });

export const deviceHeard = closed({ silentSince: epochMs });

/** A message that could not be read: kept in the gateway's quarantine under this hash. */
export const deviceQuarantined = closed({
  bytes: count,
  reason: Type.String({ maxLength: 60 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
