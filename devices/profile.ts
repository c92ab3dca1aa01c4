import type { Canonical } from '#contracts/canonical.ts';
import type { Reading } from './reading.ts';

/** Why a message could not be read. The message itself is kept in quarantine. */
export const quarantineReasons = [
  'malformed',
  'wrong-type',
  'not-a-number',
  'unknown-message',
  'oversized',
  'wrong-topic',
  'missing-id',
  'out-of-range',
  'id-used-before',
  /** Nothing is known to be wrong with the message: the gateway itself failed on it. */
  'gateway-fault',
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/**
 * One message as it arrived. `channel` is the MQTT topic below the device's own prefix (for a prefix
 * with a wildcard: from the wildcard on, so Sparkplug sees `DDATA/<edge>/<device>`), the name of an
 * OPC UA tag, or the path of an HTTP request; an OPC UA payload is canonical JSON
 * `{"sourceMs"?,"status","value"}`.
 */
export interface DeviceMessage {
  readonly channel: string;
  readonly payload: Uint8Array;
  readonly receivedAtMs: number;
}

/** What stands in the way of reading a message, or a part of it. */
export interface Trouble {
  readonly reason: QuarantineReason;
  readonly detail: string;
  /** Where in the message it stands, from and up to, not with; absent: nobody can say. */
  readonly bytes?: readonly [from: number, to: number];
}

/** One of several in a message that could not be used. */
export interface RefusedPart extends Trouble {
  /** Its place in the message, from 0. */
  readonly index: number;
  /** What the device calls it, where it says so. */
  readonly id?: string;
}

/**
 * Something that the device should be asked for. A codec only says so: whether and when it is sent
 * is for others, and nothing breaks when it is not.
 */
export interface DeviceRequest {
  /** As in a DeviceMessage: below the device's prefix, from a wildcard on. */
  readonly channel: string;
  readonly payload: Uint8Array;
  /** Why, for people. */
  readonly reason: string;
}

/**
 * `partly`: the readings are good, and this part of the message could not be used (one broken probe
 * of several). A message of which nothing can be used is not ok. `refused` names each such part of a
 * list; `repeated` is how many readings are left out because they were seen before.
 */
export type Decoded =
  | {
      readonly ok: true;
      readonly readings: readonly Reading[];
      readonly partly?: Trouble;
      readonly refused?: readonly RefusedPart[];
      readonly repeated?: number;
      readonly request?: DeviceRequest;
    }
  | ({ readonly ok: false; readonly request?: DeviceRequest } & Trouble);

/**
 * A device type. `decode` is pure and never throws; its state (aliases, sequence numbers, seen
 * event numbers) is canonical, so that it can be stored, and a replay of the same messages gives
 * the same readings.
 */
export interface DeviceProfile {
  readonly id: string;
  readonly label: string;
  readonly transport: 'mqtt' | 'opcua' | 'http';
  /**
   * The natural key by which a re-delivered reading is known, or `none`: then its readings may
   * only drive state that does not change when a reading is applied twice.
   */
  readonly naturalKey: 'none' | 'event-number' | 'sequence' | 'message-id' | 'client-id';
  /** What the protocol itself rules out of the guarantee, whatever the device's settings. */
  readonly uncovered?: 'qos0' | 'polled';
  readonly initialState: Canonical;
  decode(
    state: Canonical,
    message: DeviceMessage,
  ): { readonly state: Canonical; readonly decoded: Decoded };
}
