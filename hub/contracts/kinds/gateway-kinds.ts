import Type from 'typebox';
import { closed, count, epochMs, hash, oneOf, sequence } from '../schema.ts';

/** What a gateway says about itself. */

export const gatewayStarted = closed({
  clean: Type.Boolean({ description: 'false after a crash or a power cut' }),
  lastAliveAt: Type.Optional(epochMs),
  version: Type.String({ maxLength: 40 }),
});

export const configApplied = closed({ hash, origin: oneOf(['file', 'hub']) });

export const uplinkLost = closed({ committedSeq: sequence, lastContactAt: Type.Optional(epochMs) });

export const uplinkRestored = closed({
  keptEvents: count,
  lostAt: epochMs,
});

export const intakeHeld = closed({ reason: oneOf(['disk-full', 'disk-error']) });

export const intakeResumed = closed({ heldSince: epochMs });
