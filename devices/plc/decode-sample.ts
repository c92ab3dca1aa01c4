import type { Canonical } from '#contracts/canonical.ts';
import { readInteger, readNumber } from '../json/read-number.ts';
import { isArray, unreadable } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { Reading } from '../reading.ts';
import { decodeAlarmTag } from './decode-alarm-tag.ts';
import { decodeCounter } from './decode-counter.ts';
import { isGoodStatus } from './opcua-sample.ts';
import type { OpcUaSample } from './opcua-sample.ts';
import { packMlStateOf } from './packml-states.ts';
import type { PackMlState } from './packml-states.ts';

/** What a profile makes of a state tag's value. @returns undefined for a value that is no state. */
export type StateReader = (value: number | string) => PackMlState | undefined;

/**
 * Decodes one sample of a tag. A value that is not Good (bad, or uncertain: a server's initial zero
 * is Uncertain, and would look like a counter's restart) gives no reading: the driver reports the
 * whole stretch as one gap. So it is with a state tag that names no state, which is what servers
 * show of a machine that is in none. A tag without a role is a state where its value is a state's
 * name or NodeId, else a counter.
 */
export function decodeSample(channel: string, sample: OpcUaSample, stateOf: StateReader): Decoded {
  const { value, sourceMs } = sample;
  if (!isGoodStatus(sample.status)) return { ok: true, readings: [] };
  if (value === null && sample.role === 'state') return { ok: true, readings: [] };
  if (value === null) return unreadable('wrong-type', 'a good sample without a value');
  const role = sample.role ?? (isStateText(value) ? 'state' : 'counter');
  const decoded =
    role === 'state'
      ? decodeState(channel, value, stateOf)
      : role === 'alarm'
        ? decodeAlarmTag(channel, value)
        : decodeCounter(channel, value, sample);
  if (!decoded.ok || sourceMs === undefined) return decoded;
  return { ok: true, readings: decoded.readings.map((one) => withTime(one, sourceMs)) };
}

function isStateText(value: Canonical): boolean {
  return typeof value === 'string' && readNumber(value) === 'wrong-type';
}

function decodeState(machine: string, value: Canonical, stateOf: StateReader): Decoded {
  if (isArray(value) || (typeof value === 'object' && value !== null)) {
    return unreadable('wrong-type', 'a state is one value: map the plain variable');
  }
  const number = readInteger(value);
  const key =
    typeof value === 'boolean' ? Number(value) : typeof number === 'number' ? number : value;
  const state = key === null ? undefined : stateOf(key);
  if (state === undefined) {
    return unreadable('unknown-message', `no machine state: ${String(value).slice(0, 120)}`);
  }
  return { ok: true, readings: [{ type: 'machine-state', machine, ...state }] };
}

function withTime(reading: Reading, claimedMs: number): Reading {
  return { ...reading, claimedMs };
}

/** PackML: numbers 1 to 19, names, and NodeIds of the nodeset's state objects. */
export const readPackMlState: StateReader = packMlStateOf;

/** A plain machine: whatever whole number it shows is a state, under that number. */
export const readPlainState: StateReader = (value) =>
  typeof value === 'number' ? { stateNumber: value, state: `State ${value}` } : undefined;
