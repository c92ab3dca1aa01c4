import { encodeCanonical } from '#contracts/canonical.ts';
import type { Canonical } from '#contracts/canonical.ts';

/** One field of an event that is asked for (SimpleAttributeOperand, OPC UA Part 4, 7.7.4.5). */
export interface EventField {
  readonly key: string;
  /** Node address of the type that has the field. */
  readonly of: string;
  /** Browse names from there; empty for the node itself. Without a URI they are OPC UA's own. */
  readonly path: readonly { readonly namespaceUri?: string; readonly name: string }[];
  /** Of a condition its NodeId is asked for instead of a value (Part 9, 5.5.2). */
  readonly attribute?: 'node-id';
}

/** Which events of a notifier are wanted, and what of them. */
export interface EventSpec {
  /** Node address of an event type; its subtypes are wanted as well. */
  readonly eventType: string;
  readonly fields: readonly EventField[];
  /** The events are of states, which the server can tell again (ConditionRefresh). */
  readonly canRefresh: boolean;
}

/** An event as intake keeps it: its fields under their keys. */
export interface OpcUaEvent {
  readonly [key: string]: Canonical;
}

/** Canonical JSON `{"event": {…}}`. */
export function encodeOpcUaEvent(event: OpcUaEvent): Uint8Array {
  return encoder.encode(encodeCanonical({ event }));
}
const encoder = new TextEncoder();

export const baseEventType = 'i=2041';

/** Event types that a server sends for its own reasons (Part 9, 5.11; Part 4, 7.22.3). */
const opcUa = 'nsu=http://opcfoundation.org/UA/;';
export const serverEvents = {
  refreshStart: `${opcUa}i=2787`,
  refreshEnd: `${opcUa}i=2788`,
  refreshRequired: `${opcUa}i=2789`,
  queueOverflow: `${opcUa}i=3035`,
} as const;
