import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, count, epochMs, name, sequence } from '../schema.ts';

/** What devices send, as it comes: server-sent events of a gateway's floor page. */

const nullable = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

export const floorFlowQuery = closed({ device: Type.Optional(name) });

/** One message of a device on its way: what came, what it was read as, what it led to. */
const flowItem = closed({
  pos: sequence,
  atMs: epochMs,
  device: name,
  channel: Type.String(),
  bytes: count,
  /** The first 400 characters; bytes that are no text as hex. */
  raw: Type.String(),
  /** Why nothing could be read; null: it was read. */
  trouble: nullable(Type.String()),
  /** The first few readings, in words; `readings` counts all. */
  readings: count,
  /** Good readings that were left out because they came before. */
  repeated: Type.Optional(count),
  decoded: Type.Array(closed({ type: Type.String(), text: Type.String() })),
  /** The first few events, in words; `said` counts all. */
  said: count,
  events: Type.Array(closed({ kind: Type.String(), text: Type.String() })),
});
export type FlowItem = Static<typeof flowItem>;

/** `item`: a message; of a flood only some are shown, and `skipped` counts the rest. */
export const flowMessage = Type.Union([
  closed({ type: Type.Literal('item'), item: flowItem, skipped: count }),
  closed({ type: Type.Literal('tick'), atMs: epochMs }),
]);
export type FlowMessage = Static<typeof flowMessage>;
