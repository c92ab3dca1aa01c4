import Type from 'typebox';
import { actRefusals, actTypes } from '../acts.ts';
import { actId, personId } from '../goods.ts';
import { closed, epochMs, oneOf } from '../schema.ts';

/** What became of persons' acts that posted nothing, and of persons whose rights ended. */

export const actRefused = closed({
  act: actId,
  code: oneOf(actRefusals),
  detail: Type.String({ maxLength: 200 }),
  person: personId,
  type: oneOf(actTypes),
});

/**
 * An act was applied before the gateway learned that the person's rights had ended by then. It is
 * kept, and somebody must review it.
 */
export const actFlagged = closed({
  act: actId,
  actedAt: epochMs,
  person: personId,
  reason: oneOf(['revoked']),
  revokedAt: epochMs,
  type: oneOf(actTypes),
});

export const personRevoked = closed({ person: personId, revokedAt: epochMs });
