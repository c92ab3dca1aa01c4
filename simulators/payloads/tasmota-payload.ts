import type { ClimateEmission } from '../world/emission.ts';

/** Telemetry of a Tasmota module: the last level of its topic, and what it says. */
export interface Telemetry {
  readonly level: 'SENSOR' | 'STATE';
  readonly payload: Uint8Array;
}

/** A report of the probes; every fifth time the module tells of itself as well. */
export function tasmotaTelemetry(emission: ClimateEmission, baseMs: number): readonly Telemetry[] {
  const { humidityPermille, number, sensor, tempMilliC } = emission;
  // Local time without a zone, as the firmware has it unless it is told otherwise.
  const time = new Date(baseMs + emission.atMs).toISOString().slice(0, 19);
  const celsius = tempMilliC / 1000;
  const isFahrenheit = number % 2 === 0;
  const temperature = isFahrenheit ? (celsius * 9) / 5 + 32 : celsius;
  const report = {
    Time: time,
    [sensor]: {
      Temperature: Math.round(temperature * 10) / 10,
      Humidity: humidityPermille / 10,
      DewPoint: 4.2,
    },
    TempUnit: isFahrenheit ? 'F' : 'C',
  };
  const state = { Time: time, UptimeSec: number * 4, Heap: 24, MqttCount: 1 };
  const said: Telemetry[] = [{ level: 'SENSOR', payload: bytes(report) }];
  if (number % 5 === 0) said.push({ level: 'STATE', payload: bytes(state) });
  return said;
}

function bytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
