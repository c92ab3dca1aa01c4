import { hash } from 'node:crypto';
import type { Canonical } from '#contracts/canonical.ts';
import { climateReading, decodedOf } from '../climate/climate-reading.ts';
import { readOnline } from '../climate/read-online.ts';
import { noteKey } from '../climate/recent-keys.ts';
import type { RecentKeys } from '../climate/recent-keys.ts';
import { readInteger } from '../json/read-number.ts';
import { splitJson, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import type { Decoded, DeviceMessage } from '../profile.ts';
import type { ClimateReading } from '../reading.ts';
import { ruuviDataOf } from './advertisement.ts';
import { rawV2Format, readRawV2 } from './raw-v2.ts';
import type { RawV2 } from './raw-v2.ts';

type Step = { readonly state: Canonical; readonly decoded: Decoded };

/**
 * Decodes what a Ruuvi Gateway relays: channel `<tag>` below `ruuvi/<gateway>`, or
 * `<gateway>/<tag>`. Sensor = the tag's address, as in the topic. A measurement that came already,
 * in another advertisement or by another gateway, gives nothing. Advertisements of others pass by.
 */
export function decodeRuuvi(
  state: RecentKeys,
  { channel, payload }: Pick<DeviceMessage, 'channel' | 'payload'>,
): Step {
  const leave = (decoded: Decoded): Step => ({ state, decoded });
  const levels = channel.split('/');
  const last = levels.at(-1) ?? '';
  if (!channel.isWellFormed()) return leave(unreadable('malformed', 'the topic is not UTF-8'));
  // An empty retained message only clears what the broker kept.
  if (payload.byteLength === 0) return leave({ ok: true, readings: [] });
  if (last === 'gw_status') {
    const gateway = levels.length > 1 ? levels.at(-2) : undefined;
    return leave(decodedOf([readOnline(payload, gateway)]));
  }
  const split = splitJson(payload);
  if (!split.ok) return leave(split);
  let seen = state;
  let repeated = 0;
  const parts: (ClimateReading | Unreadable)[] = [];
  for (const message of split.objects) {
    const report = readReport(message, last);
    if (report === undefined) continue;
    if ('ok' in report) {
      parts.push(report);
      continue;
    }
    // A tag counts from 0 again after its battery was changed: what it measured tells the two apart.
    const { digest, key, measured, sensor } = report;
    const noted = key === undefined ? seen : noteKey(seen, sensor ?? '', `${key}/${digest}`);
    if (noted === undefined) {
      repeated += 1;
      continue;
    }
    seen = noted;
    parts.push(...partsOf(report, measured));
  }
  const decoded = decodedOf(parts, repeated);
  return decoded.ok ? { state: seen, decoded } : leave(decoded);
}

interface Report {
  /** Of all that was measured. */
  readonly digest: string;
  readonly claimedMs: number | undefined;
  readonly key: string | undefined;
  readonly measured: RawV2;
  readonly sensor: string | undefined;
}

/** @returns undefined for the advertisement of another maker. */
function readReport(message: JsonObject, tag: string): Report | Unreadable | undefined {
  const hex = message['data'];
  if (typeof hex !== 'string') {
    return unreadable('wrong-type', 'no data: set the gateway to send raw data over MQTT');
  }
  if (!/^(?:[0-9a-f]{2}){1,300}$/i.test(hex)) return unreadable('wrong-type', 'data is no hex');
  const data = ruuviDataOf(new Uint8Array(Buffer.from(hex, 'hex')));
  if (data === undefined) return undefined;
  if (data[0] !== rawV2Format) return unreadable('unknown-message', `data format ${data[0]}`);
  const measured = readRawV2(data);
  if (measured === undefined) return unreadable('malformed', 'data format 5 is cut off');
  const seconds = readInteger(message['ts']);
  if (typeof seconds === 'string') return unreadable(seconds, 'ts');
  const claimedMs = seconds === undefined ? undefined : seconds * 1000;
  return {
    digest: hash('sha256', data).slice(0, 16),
    claimedMs: Number.isSafeInteger(claimedMs) ? claimedMs : undefined,
    key: measured.sequence === undefined ? undefined : String(measured.sequence),
    measured,
    sensor: addressOf(tag) ?? addressOf(measured.mac ?? ''),
  };
}

/** Six pairs of hex, large and with colons, however they were written. */
function addressOf(text: string): string | undefined {
  const digits = text.replaceAll(/[:-]/g, '').toUpperCase();
  return /^[0-9A-F]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : undefined;
}

/** What the tag's parts can measure (Ruuvi, data sheets of RuuviTag and RuuviTag Pro). */
const temperatureRange = [-40_000, 85_000] as const;

function partsOf(
  { claimedMs, key, sensor }: Report,
  { humidityPercent, temperatureC }: RawV2,
): (ClimateReading | Unreadable)[] {
  const naturalKey = key === undefined ? undefined : `${sensor ?? ''}/${key}`;
  const origin = { sensor, claimedMs, naturalKey };
  const range = temperatureRange;
  return [
    climateReading(temperatureC, { ...origin, measure: 'temperature', range }),
    climateReading(humidityPercent, { ...origin, measure: 'humidity' }),
  ].filter((part) => part !== undefined);
}
