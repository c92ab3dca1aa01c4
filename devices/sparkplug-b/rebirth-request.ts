import proto from 'sparkplug-payload/lib/sparkplugPayloadProto.js';
import type { DeviceRequest } from '../profile.ts';

const { Payload } = proto.org.eclipse.tahu.protobuf;

/** Boolean, in the specification's table of datatypes (6.4.16). */
const booleanType = 11;

/**
 * Asks an edge node for its birth certificates and those of its devices: an NCMD that sets `Node
 * Control/Rebirth` (specification 3.0, 6.4.23; to be published at QoS 0, not retained).
 */
export function rebirthRequest(edge: string, atMs: number, reason: string): DeviceRequest {
  const metric = {
    name: 'Node Control/Rebirth',
    timestamp: atMs,
    datatype: booleanType,
    booleanValue: true,
  };
  const payload = Payload.encode({ timestamp: atMs, metrics: [metric] }).finish();
  return { channel: `NCMD/${edge}`, payload, reason };
}
