import Type from 'typebox';
import { actRefusals, actTypes } from '../acts.ts';
import { actId, personId } from '../goods.ts';
import { closed, count, epochMs, oneOf } from '../schema.ts';

/** What became of persons' acts that posted nothing, and of persons whose rights ended. */

export const actRefused = closed({
  act: actId,
  code: oneOf(actRefusals),
  detail: Type.String({ maxLength: 200 }),
  person: personId,
  type: oneOf(actTypes),
});

/**
 * An act was applied before the gateway learned that the person's rights had ended by then, or it was
 * made in such a time and came after it. It is kept, and somebody must review it.
 */
export const actFlagged = closed({
  act: actId,
  actedAt: epochMs,
  person: personId,
  reason: oneOf(['revoked']),
  revokedAt: epochMs,
  type: oneOf(actTypes),
});

/**
 * An act that lay on a device until its author's rights had ended. Nothing of it was applied: it is
 * kept whole for whoever reviews it. `asked` is the act as canonical JSON, or its beginning where it
 * is longer; `bytes` is the length of all of it.
 */
export const actKept = closed({
  act: actId,
  actedAt: epochMs,
  asked: Type.String({ maxLength: 8000 }),
  broughtBy: personId,
  bytes: count,
  person: personId,
  type: oneOf(actTypes),
});

/** `until`: the time without rights is over already. */
export const personRevoked = closed({
  person: personId,
  revokedAt: epochMs,
  until: Type.Optional(epochMs),
});
