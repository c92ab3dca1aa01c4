import Type from 'typebox';
import { closed, count, epochMs } from '../schema.ts';

/** A device went quiet for longer than its profile allows, and came back. */

/** `silentSince`: of one that was never heard, since when it could have been. */
export const deviceSilent = closed({
  allowedMs: count,
  lastHeardAt: Type.Optional(epochMs),
  silentSince: Type.Optional(epochMs),
});

export const deviceHeard = closed({ silentSince: epochMs });

/**
 * What keeps a device from being read, as its driver found it: `code` for machines, `text` for the
 * person who mends it, `subject` the part that is meant (a tag, a certificate), if not the whole.
 */
const fault = {
  code: Type.String({ pattern: '^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$', maxLength: 60 }),
  subject: Type.Optional(Type.String({ maxLength: 120 })),
};

export const deviceFaultRaised = closed({ ...fault, text: Type.String({ maxLength: 500 }) });

export const deviceFaultCleared = closed({ ...fault, raisedAt: epochMs });

/** A message that could not be read: kept in the gateway's quarantine under this hash. */
export const deviceQuarantined = closed({
  bytes: count,
  reason: Type.String({ maxLength: 60 }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
