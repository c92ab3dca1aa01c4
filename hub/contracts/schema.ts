import Type from 'typebox';
import { namePattern } from './ids.ts';
import { timeQualities } from './time.ts';

/** The small schemas that larger ones are made of. TypeBox is the one source of types, checks and OpenAPI. */

/** An object that refuses keys it does not know. */
export function closed<P extends Type.TProperties>(
  properties: P,
  options: Type.TObjectOptions = {},
): Type.TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/**
 * An object that lets pass what a later version adds. For what the hub signs and gateways read: the
 * hub is upgraded first, and an older gateway must go on with what it understands. What a reader may
 * not overlook is sent only to who says that it takes it.
 */
export function open<P extends Type.TProperties>(properties: P): Type.TObject<P> {
  return Type.Object(properties);
}

/** One of a fixed list of words. */
export function oneOf<W extends string[]>(
  words: readonly [...W],
  options: Type.TSchemaOptions = {},
): Type.TEnum<W> {
  return Type.Enum<W>(words, options);
}

export const name = Type.String({ pattern: namePattern });
export const epochMs = Type.Integer({ description: 'UTC milliseconds since 1970' });
export const sequence = Type.Integer({ minimum: 0 });
export const count = Type.Integer({ minimum: 0 });
export const hash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256, lower-case hex',
});
export const epc = Type.String({
  pattern: '^[0-9A-F]*$',
  maxLength: 128,
  description: 'upper-case hex',
});
export const timeQuality = oneOf(timeQualities);
