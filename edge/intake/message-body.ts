import { hash } from 'node:crypto';
import type { QuarantineReason } from '../../devices/profile.ts';
import type { IntakeBody } from './intake-entry.ts';

/** Larger payloads are acknowledged and quarantined. */
const maxPayloadBytes = 262_144;
const headBytes = 4096;

/** Whether intake holds such a message whole. `channel` undefined: outside the device's topic. */
export function isTakenWhole(channel: string | undefined, bytes: number): channel is string {
  return channel !== undefined && bytes <= maxPayloadBytes;
}

/** The intake entry of a message that a device published. `channel` undefined: outside its topic. */
export function messageBody(
  device: string,
  topic: string,
  channel: string | undefined,
  qos: number,
  payload: Uint8Array,
): IntakeBody {
  if (isTakenWhole(channel, payload.length)) {
    return { type: 'message', device, channel, qos, payload };
  }
  if (channel === undefined) return refusedBody(device, topic, 'wrong-topic', payload);
  return refusedBody(device, channel, 'oversized', payload);
}

/** What is kept of a message that intake does not hold whole. */
function refusedBody(
  device: string,
  channel: string,
  reason: QuarantineReason,
  payload: Uint8Array,
): IntakeBody {
  const sha256 = hash('sha256', payload, 'hex');
  const head = payload.subarray(0, headBytes);
  return { type: 'refused', device, channel, reason, bytes: payload.length, sha256, head };
}
