import { claimedTime } from '#contracts/time.ts';
import type { ClimateRange, ClimateUnit } from '../climate/climate-measure.ts';
import { climateReading, decodedOf } from '../climate/climate-reading.ts';
import { readOnline, statusOf } from '../climate/read-online.ts';
import { isObject, splitJson, unreadable } from '../json/split-json.ts';
import type { JsonObject, Unreadable } from '../json/split-json.ts';
import type { Decoded } from '../profile.ts';
import type { ClimateReading } from '../reading.ts';

const nothing: Decoded = { ok: true, readings: [] };

/**
 * Decodes the telemetry of a Tasmota module: channel `SENSOR`, `STATE` or `LWT`, below
 * `tele/<module>`. A module's name before it (`<module>/SENSOR`, where one topic stands for
 * several) becomes the first part of the sensor's name. Answers to people's commands and all other
 * telemetry say nothing.
 */
export function decodeTasmota(channel: string, payload: Uint8Array): Decoded {
  if (!channel.isWellFormed()) return unreadable('malformed', 'the topic is not UTF-8');
  // An empty retained message only clears what the broker kept.
  if (payload.byteLength === 0) return nothing;
  const levels = channel.split('/').filter((level) => level !== 'tele');
  const kind = levels.at(-1);
  if (levels.includes('cmnd') || levels.includes('stat')) return nothing;
  const module = levels.length > 1 ? levels.slice(0, -1).join('/') : undefined;
  switch (kind) {
    case 'LWT':
      return decodedOf([readOnline(payload, module)]);
    case 'STATE':
      return { ok: true, readings: [statusOf(module, true)] };
    case 'SENSOR':
      return decodeSensors(payload, module);
    default:
      return nothing;
  }
}

/** The chip's own temperature and that of a power meter: not those of the room. */
const ownParts: ReadonlySet<string> = new Set(['ESP32', 'ENERGY']);

function decodeSensors(payload: Uint8Array, module: string | undefined): Decoded {
  const split = splitJson(payload);
  if (!split.ok) return split;
  const parts = split.objects.flatMap((report) => {
    const unit = unitOf(report['TempUnit']);
    // Local time without a zone, unless the module's SetOption52 is on: nobody can say when it was,
    // which is not the same as no time.
    const time = report['Time'];
    const claimedMs = typeof time === 'string' && time !== '' ? claimedTime(time) : undefined;
    return Object.entries(report).flatMap(([key, probe]) => {
      if (!isObject(probe) || ownParts.has(key)) return [];
      const sensor = module === undefined ? key : `${module}/${key}`;
      return readProbe(probe, sensor, { claimedMs, isDallas: key.startsWith('DS18'), unit });
    });
  });
  return decodedOf(parts.filter((part) => part !== undefined));
}

type ProbeContext = {
  readonly claimedMs: number | undefined;
  readonly isDallas: boolean;
  readonly unit: ClimateUnit | '?';
};

/** `Temperature` and `Humidity`; several thermistors of one part are `Temperature1` and so on. */
const fieldShape = /^(Temperature|Humidity)(\d{0,2})$/;

function readProbe(
  probe: JsonObject,
  name: string,
  { claimedMs, isDallas, unit }: ProbeContext,
): (ClimateReading | Unreadable | undefined)[] {
  return Object.entries(probe).map(([field, value]) => {
    const [, what, number = ''] = fieldShape.exec(field) ?? [];
    if (what === undefined) return undefined;
    const sensor = number === '' ? name : `${name}/${number}`;
    if (what === 'Humidity')
      return climateReading(value, { measure: 'humidity', sensor, claimedMs });
    if (unit === '?') return unreadable('unknown-message', `the TempUnit of "${name}"`);
    const origin = { measure: 'temperature', sensor, claimedMs, unit } as const;
    return isDallas ? dallasReading(value, origin) : climateReading(value, origin);
  });
}

/** Range of the DS18B20 by its data sheet. It answers -127 when it is not there. */
const dallasRange: ClimateRange = [-55_000, 125_000];
/** What its register holds after power-up, before the first conversion, by the same sheet. */
const dallasPowerUp = 85_000;

function dallasReading(
  value: unknown,
  origin: Parameters<typeof climateReading>[1],
): ClimateReading | Unreadable | undefined {
  const reading = climateReading(value, { ...origin, range: dallasRange });
  const isPowerUp = reading !== undefined && !('ok' in reading) && reading.value === dallasPowerUp;
  return isPowerUp
    ? unreadable('out-of-range', `"${origin.sensor}" says 85 °C, as after power-up`)
    : reading;
}

/** The firmware names its unit wherever there is a temperature; without a name it is °C. */
function unitOf(unit: unknown): ClimateUnit | '?' {
  if (unit === undefined) return 'C';
  return unit === 'C' || unit === 'F' ? unit : '?';
}
