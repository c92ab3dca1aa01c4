import type { Canonical } from '#contracts/canonical.ts';
import { readInteger } from '../json/read-number.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { Unreadable } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { CounterReading } from '../reading.ts';
import type { CountMember, TagReadout } from './opcua-sample.ts';

/** As every name (`#contracts/ids.ts`). */
const maxNameLength = 40;

/**
 * What a counter tag's value counts: a whole number, a PackMLCountDataType (OPC 30050, 6.5.3), or a
 * list of either, as `ProdProcessedCount[]` is. Of a list the configured element counts under the
 * tag's name; without one every element is a counter of its own, `<tag>-<index>` from 0. Of a
 * PackML count it is `AccCount` that counts, unless configured otherwise: `Count` begins anew with
 * every job.
 */
export function decodeCounter(
  tag: string,
  value: Canonical,
  { element, member = 'AccCount' }: Partial<TagReadout>,
): Decoded {
  if (!isArray(value)) return listed([countOf(tag, value, member)]);
  if (element !== undefined) {
    const found = value[element];
    if (found === undefined) {
      return unreadable('wrong-type', `no element ${element} among ${value.length}`);
    }
    return listed([countOf(tag, found, member)]);
  }
  const counts = value.map((one, index) => countOf(`${tag}-${index}`, one, member));
  return listed(counts);
}

function countOf(
  counter: string,
  value: Canonical | undefined,
  member: CountMember,
): CounterReading | Unreadable {
  if (counter.length > maxNameLength) {
    return unreadable('wrong-type', `the counter's name ${counter} is too long`);
  }
  const number = isObject(value) ? value[member] : value;
  const count = readInteger(number);
  if (typeof count === 'number') return { type: 'counter', counter, value: count };
  const found = isObject(value) ? `a structure without ${member}` : JSON.stringify(value);
  return unreadable(count ?? 'wrong-type', `no whole number: ${found.slice(0, 120)}`);
}

function listed(counts: readonly (CounterReading | Unreadable)[]): Decoded {
  const readings: CounterReading[] = [];
  for (const count of counts) {
    if ('ok' in count) return count;
    readings.push(count);
  }
  return { ok: true, readings };
}
