import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, epochMs } from '../schema.ts';

/** Where something secret lies, or a certificate; never its content. */
export const floorSecret = closed({
  what: Type.String({ maxLength: 200 }),
  path: Type.String({ maxLength: 1000 }),
  mode: Type.Optional(Type.String({ pattern: '^[0-7]{4}$' })),
  /** When the file was last written. */
  changedAt: Type.Optional(epochMs),
  /** Of a key's public half, or of a certificate. */
  fingerprint: Type.Optional(Type.String({ maxLength: 80 })),
  /** Of a certificate. */
  expiresAt: Type.Optional(epochMs),
  fault: Type.Optional(Type.String({ maxLength: 300 })),
});
export type FloorSecret = Static<typeof floorSecret>;
