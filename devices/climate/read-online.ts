import { decodeText, splitJson, unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { StatusReading } from '../reading.ts';

/**
 * Reads whether somebody is there: the word `online` or `offline` in any case, bare or as
 * `{"state": …}`, as bridges publish it and leave it in their last will.
 */
export function readOnline(
  payload: Uint8Array,
  sensor: string | undefined,
): StatusReading | Unreadable {
  const bare = decodeText(payload)?.trim();
  const word = bare !== undefined && /^o[nf]+line$/i.test(bare) ? bare : stateOf(payload);
  if (typeof word !== 'string') return word;
  switch (word.toLowerCase()) {
    case 'online':
      return statusOf(sensor, true);
    case 'offline':
      return statusOf(sensor, false);
    default:
      return unreadable('unknown-message', `state "${word.slice(0, 60)}"`);
  }
}

export function statusOf(sensor: string | undefined, connected: boolean): StatusReading {
  return { type: 'status', connected, ...(sensor === undefined ? {} : { sensor }) };
}

function stateOf(payload: Uint8Array): string | Unreadable {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const state = split.objects[0]?.['state'];
  return typeof state === 'string' ? state : unreadable('wrong-type', 'state is no string');
}
