import type { Canonical } from '#contracts/canonical.ts';
import { parseIsoTime } from '#contracts/time.ts';
import { readInteger } from '../json/read-number.ts';
import { isArray, isObject, unreadable } from '../json/split-json.ts';
import type { JsonObject } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { MachineAlarmReading } from '../reading.ts';

/**
 * What an alarm tag says. A plain bit or number is one alarm under the tag's name, active when it is
 * not zero. A PackMLAlarmDataType (OPC 30050, 6.5.2) or a list of them, as `Alarm[]` is, are alarms
 * `<tag>/<ID>`, active where `Trigger` is set; such a list is whole, so that what is missing from it
 * has ended.
 */
export function decodeAlarmTag(tag: string, value: Canonical): Decoded {
  if (isArray(value) || isObject(value))
    return decodeAlarmList(tag, isArray(value) ? value : [value]);
  const number = typeof value === 'boolean' ? Number(value) : readInteger(value);
  if (typeof number !== 'number') {
    return unreadable(number ?? 'wrong-type', `no alarm: ${String(value).slice(0, 120)}`);
  }
  const code = typeof value === 'boolean' || number === 0 ? {} : { message: `code ${number}` };
  const alarm = { alarm: tag, name: tag, active: number !== 0, ...code };
  return { ok: true, readings: [alarmOf(tag, alarm)] };
}

function decodeAlarmList(tag: string, list: readonly unknown[]): Decoded {
  const alarms: MachineAlarmReading[] = [];
  for (const entry of list) {
    const id = isObject(entry) ? readInteger(entry['ID']) : undefined;
    if (!isObject(entry) || typeof id !== 'number') {
      return unreadable('wrong-type', 'an alarm without an ID');
    }
    if (entry['Trigger'] === true) alarms.push(packMlAlarm(tag, id, entry));
  }
  const standing = alarms.map(({ alarm }) => alarm);
  return {
    ok: true,
    readings: [
      ...alarms,
      { type: 'alarms-standing', channel: tag, alarms: standing, unseen: false },
    ],
  };
}

function packMlAlarm(tag: string, id: number, entry: JsonObject): MachineAlarmReading {
  const message = entry['Message'];
  const hasMessage = typeof message === 'string' && message !== '';
  return alarmOf(tag, {
    alarm: `${tag}/${id}`,
    name: `${tag} ${id}`,
    active: true,
    acked: isTime(entry['AckDateTime']),
    ...(hasMessage ? { message: message.slice(0, 500).toWellFormed() } : {}),
  });
}

/** OPC UA's "no time" is 1601. */
function isTime(value: unknown): boolean {
  return typeof value === 'string' && (parseIsoTime(value) ?? 0) > 0;
}

function alarmOf(
  channel: string,
  of: Omit<MachineAlarmReading, 'type' | 'channel' | 'acked'> & { acked?: boolean },
): MachineAlarmReading {
  return { type: 'machine-alarm', channel, acked: false, ...of };
}
