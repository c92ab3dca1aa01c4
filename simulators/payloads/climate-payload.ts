import { get as sparkplugOf } from 'sparkplug-payload';
import type { ClimateEmission } from '../world/emission.ts';

/** What Zigbee2MQTT publishes for a sensor, with `last_seen` switched on. */
export function zigbeePayload(emission: ClimateEmission, baseMs: number): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      battery: 97,
      humidity: emission.humidityPermille / 10,
      last_seen: new Date(baseMs + emission.atMs).toISOString().replace('Z', '+00:00'),
      linkquality: 100 + (emission.number % 50),
      temperature: Math.round(emission.tempMilliC / 10) / 100,
      voltage: 2985,
    }),
  );
}

const sparkplug = sparkplugOf('spBv1.0');

/** Aliases that a device's birth declares and its data uses. */
const aliases = { temperature: 1, humidity: 2 } as const;

/**
 * A Sparkplug B edge node (v3.0 chapter 6): `seq` counts 0 to 255 over all its messages from the
 * birth on, `bdSeq` counts connections and stands in the birth and in the will that belongs to it.
 */
export class SparkplugNode {
  #bdSeq = -1;
  #seq = 0;

  /** The will of the next connection. Call once before each CONNECT. */
  death(): Uint8Array {
    this.#bdSeq = (this.#bdSeq + 1) % 256;
    return encode({ metrics: [this.#bdSeqMetric()] });
  }

  /** NBIRTH: the first message of every connection. */
  birth(atMs: number): Uint8Array {
    this.#seq = 0;
    return encode({
      timestamp: atMs,
      seq: this.#seq,
      metrics: [
        this.#bdSeqMetric(),
        { name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp: atMs },
      ],
    });
  }

  /** DBIRTH of one sensor: names its metrics and the aliases that stand for them from now on. */
  deviceBirth(atMs: number, first: ClimateEmission | undefined): Uint8Array {
    return encode({
      timestamp: atMs,
      seq: this.#nextSeq(),
      metrics: [
        {
          name: 'temperature',
          alias: aliases.temperature,
          type: 'Float',
          value: (first?.tempMilliC ?? 0) / 1000,
          timestamp: atMs,
        },
        {
          name: 'humidity',
          alias: aliases.humidity,
          type: 'Float',
          value: (first?.humidityPermille ?? 0) / 10,
          timestamp: atMs,
        },
      ],
    });
  }

  /** DDATA by alias. */
  data(emission: ClimateEmission, baseMs: number): Uint8Array {
    const timestamp = baseMs + emission.atMs;
    const { temperature, humidity } = aliases;
    return encode({
      timestamp,
      seq: this.#nextSeq(),
      metrics: [
        { alias: temperature, type: 'Float', value: emission.tempMilliC / 1000, timestamp },
        { alias: humidity, type: 'Float', value: emission.humidityPermille / 10, timestamp },
      ],
    });
  }

  #nextSeq(): number {
    this.#seq = (this.#seq + 1) % 256;
    return this.#seq;
  }

  #bdSeqMetric() {
    return { name: 'bdSeq', type: 'UInt64', value: this.#bdSeq } as const;
  }
}

type Payload = Parameters<NonNullable<typeof sparkplug>['encodePayload']>[0];

function encode(payload: Payload): Uint8Array {
  if (sparkplug === null) throw new Error('sparkplug-payload does not know spBv1.0');
  return sparkplug.encodePayload(payload);
}
