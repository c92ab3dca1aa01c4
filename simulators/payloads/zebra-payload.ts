import type { InputEmission, TagEmission, TagRead } from '../world/emission.ts';

/**
 * What a Zebra FX reader publishes through IoT Connector: per tag an object with the reader's own
 * event number; several come one behind the other without anything between, as lines of JSON, or
 * as an array. Hex is lower-case, the zone of a time has no colon, and some firmware writes its
 * numbers as strings.
 *
 * @param baseMs wall time at which the world's time was zero.
 * @param firstEventNum number of the first tag of this message; the reader counts tags, not messages.
 */
export function zebraPayload(
  emission: TagEmission,
  baseMs: number,
  firstEventNum: number,
): Uint8Array {
  const documents = emission.reads.map((read, index) =>
    JSON.stringify(document(emission, read, baseMs, firstEventNum + index)),
  );
  const forms = [documents.join(''), documents.join('\n'), `[${documents.join(',')}]`];
  return Buffer.from(forms[documents.length === 1 ? 0 : emission.number % forms.length] ?? '');
}

/** What its management events say when the level of an input changes; their numbers are their own. */
export function zebraInputPayload(emission: InputEmission, baseMs: number): Uint8Array {
  const { atMs, high, input, number } = emission;
  return Buffer.from(
    JSON.stringify({
      type: 'GPI',
      timestamp: zoned(baseMs + atMs),
      eventNum: number,
      data: { pin: String(input), state: high ? 'HIGH' : 'LOW' },
    }),
  );
}

function zoned(atMs: number): string {
  return new Date(atMs).toISOString().replace('Z', '+0000');
}

function document(emission: TagEmission, read: TagRead, baseMs: number, eventNum: number) {
  const asText = emission.number % 10 === 0;
  const numeral = (value: number) => (asText ? String(value) : value);
  return {
    type: 'CUSTOM',
    timestamp: zoned(baseMs + emission.atMs),
    data: {
      idHex: read.epc.toLowerCase(),
      peakRssi: numeral(Math.round(read.rssiCdbm / 100)),
      antenna: numeral(read.antenna),
      reads: numeral(read.seen),
      eventNum,
      format: 'epc',
      channel: 911.75,
      phase: 0,
    },
  };
}
