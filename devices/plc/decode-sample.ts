import { readInteger, readNumber } from '../json/read-number.ts';
import { unreadable } from '../json/split-json.ts';
import type { Decoded, DeviceMessage } from '../profile.ts';
import type { Reading } from '../reading.ts';
import { isGoodStatus, readOpcUaSample } from './opcua-sample.ts';
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
export function decodeSample(message: DeviceMessage, stateOf: StateReader): Decoded {
  const read = readOpcUaSample(message.payload);
  if (!read.ok) return read;
  const { sample } = read;
  if (!isGoodStatus(sample.status)) return { ok: true, readings: [] };
  if (sample.value === null && sample.role === 'state') return { ok: true, readings: [] };
  if (sample.value === null) return unreadable('wrong-type', 'a good sample without a value');
  const role = sample.role ?? (isStateText(sample.value) ? 'state' : 'counter');
  return role === 'state'
    ? decodeState(message.channel, sample, sample.value, stateOf)
    : decodeCounter(message.channel, sample);
}

function isStateText(value: number | boolean | string): boolean {
  return readNumber(value) === 'wrong-type' && typeof value === 'string';
}

function decodeState(
  machine: string,
  sample: OpcUaSample,
  value: number | boolean | string,
  stateOf: StateReader,
): Decoded {
  const number = readInteger(value);
  const key =
    typeof value === 'boolean' ? Number(value) : typeof number === 'number' ? number : value;
  const state = stateOf(key);
  if (state === undefined) {
    return unreadable('unknown-message', `no machine state: ${String(value).slice(0, 120)}`);
  }
  return withTime({ type: 'machine-state', machine, ...state }, sample);
}

function decodeCounter(counter: string, sample: OpcUaSample): Decoded {
  const value = readInteger(sample.value);
  if (value === undefined || typeof value === 'string') {
    return unreadable(
      value ?? 'wrong-type',
      `no whole number: ${String(sample.value).slice(0, 120)}`,
    );
  }
  return withTime({ type: 'counter', counter, value }, sample);
}

function withTime(reading: Reading, { sourceMs }: OpcUaSample): Decoded {
  return {
    ok: true,
    readings: [sourceMs === undefined ? reading : { ...reading, claimedMs: sourceMs }],
  };
}

/** PackML: numbers 1 to 19, names, and NodeIds of the nodeset's state objects. */
export const readPackMlState: StateReader = packMlStateOf;

/** A plain machine: whatever whole number it shows is a state, under that number. */
export const readPlainState: StateReader = (value) =>
  typeof value === 'number' ? { stateNumber: value, state: `State ${value}` } : undefined;
