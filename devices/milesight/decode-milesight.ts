import { unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import { answerIds, channels } from './channels.ts';
import type { MilesightValue } from './channels.ts';
import { historyChannel, historyForms } from './history.ts';
import type { HistoryForm } from './history.ts';

export interface MilesightPayload {
  readonly values: readonly MilesightValue[];
  readonly batteryPercent: number | undefined;
  /** Why reading ended before the payload did; what stands before it is good. */
  readonly trouble: Unreadable | undefined;
}

/**
 * Reads a Milesight payload: channels one behind the other, each an id, a type and as many bytes as
 * these two mean. Records of the past have a length by model: of the known ones that counts with
 * which the payload comes out even. Where none does, or two do, the history is not read.
 */
export function decodeMilesight(bytes: Uint8Array): MilesightPayload {
  const plain = read(bytes, undefined);
  if (plain.historyAt === undefined) return plain;
  const even = historyForms
    .map((form) => read(bytes, form))
    .filter(({ trouble }) => trouble === undefined);
  const [only] = even;
  if (only !== undefined && even.length === 1) return only;
  const detail = `records of the past at byte ${plain.historyAt} are of no one known form`;
  return { ...plain, trouble: unreadable('unknown-message', detail) };
}

interface Read extends MilesightPayload {
  /** Where the first record of the past stands, if reading stopped there. */
  readonly historyAt?: number;
}

function read(bytes: Uint8Array, form: HistoryForm | undefined): Read {
  const values: MilesightValue[] = [];
  let batteryPercent: number | undefined;
  const stop = (trouble?: Unreadable): Read => ({ values, batteryPercent, trouble });
  let at = 0;
  while (at < bytes.length) {
    const id = bytes[at] ?? 0;
    const key = id * 256 + (bytes[at + 1] ?? 0);
    const name = `channel ${key.toString(16).padStart(4, '0')} at byte ${at}`;
    if (key === historyChannel && form === undefined) return { ...stop(), historyAt: at };
    const channel = key === historyChannel ? form : channels.get(key);
    if (channel === undefined) {
      if (answerIds.has(id) && at + 1 < bytes.length) return stop();
      return stop(unreadable('unknown-message', `${name} is not known`));
    }
    const end = at + 2 + channel.bytes;
    if (end > bytes.length) return stop(unreadable('malformed', `${name} is cut off`));
    const data = new DataView(bytes.buffer, bytes.byteOffset + at + 2, channel.bytes);
    const found = channel.values?.(data);
    if (found === undefined && key === historyChannel) {
      return stop(unreadable('unknown-message', `${name} is of another form`));
    }
    values.push(...(found ?? []));
    if ('batteryPercent' in channel) batteryPercent = percentOf(channel.batteryPercent?.(data));
    at = end;
  }
  return stop();
}

/** 255 where the device cannot tell. */
function percentOf(value: number | undefined): number | undefined {
  return value !== undefined && value <= 100 ? value : undefined;
}
