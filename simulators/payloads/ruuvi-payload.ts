import type { ClimateEmission } from '../world/emission.ts';

/**
 * What a Ruuvi Gateway relays of one measurement of a tag: it is advertised more than once, and each
 * time the gateway hears it is a message, with the same data and another signal strength.
 *
 * @param gatewayMac with colons, as in the topic.
 * @returns two messages of one measurement.
 */
export function ruuviPayloads(
  emission: ClimateEmission,
  gatewayMac: string,
  baseMs: number,
): readonly Uint8Array[] {
  const seconds = String(Math.floor((baseMs + emission.atMs) / 1000));
  const data = advertisement(emission).toString('hex').toUpperCase();
  return [-52, -60].map((rssi) =>
    Buffer.from(
      JSON.stringify({
        gw_mac: gatewayMac,
        rssi,
        aoa: [],
        gwts: seconds,
        ts: seconds,
        data,
        coords: '',
      }),
    ),
  );
}

/** Flags, then manufacturer data of company 0x0499: data format 5 (RAWv2), big endian. */
function advertisement({ humidityPermille, number, sensor, tempMilliC }: ClimateEmission): Buffer {
  const data = Buffer.alloc(24);
  data.writeUInt8(5, 0);
  data.writeInt16BE(Math.round(tempMilliC / 5), 1);
  data.writeUInt16BE(humidityPermille * 40, 3);
  data.writeUInt16BE(101_325 - 50_000, 5);
  data.writeInt16BE(1000, 11);
  data.writeUInt16BE(0xac36, 13);
  data.writeUInt8(66, 15);
  data.writeUInt16BE(number % 65_535, 16);
  data.write(sensor.replaceAll(':', ''), 18, 'hex');
  const head = Buffer.from([2, 0x01, 0x06, data.length + 3, 0xff, 0x99, 0x04]);
  return Buffer.concat([head, data]);
}
