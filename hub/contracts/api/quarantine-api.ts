import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, count, epochMs, name } from '../schema.ts';

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

export const quarantineQuery = closed({ gateway: name });
export type QuarantineQuery = Static<typeof quarantineQuery>;

/** Messages that a gateway could not read, by device and reason, as its journal tells them. */
const unreadMessages = closed({
  device: nullable(name),
  reason: Type.String({ maxLength: 60 }),
  count,
  /** When the gateway took in the last one of them. */
  lastAt: epochMs,
});

/** What the hub itself put aside of a gateway, by reason. */
const putAsideAtHub = closed({
  reason: Type.String({ maxLength: 60 }),
  count,
  lastAt: epochMs,
  lastDetail: Type.String(),
});

/** Why something of one gateway is in quarantine. The bytes are kept where they were put aside. */
export const gatewayQuarantine = closed({
  asOfMs: epochMs,
  gateway: name,
  unread: Type.Array(unreadMessages),
  atHub: Type.Array(putAsideAtHub),
});
export type GatewayQuarantine = Static<typeof gatewayQuarantine>;
