import type { InputEmission, TagEmission, TagRead } from '../world/emission.ts';

/**
 * What an Impinj R700 publishes for one report: an event, or several as an array or as lines of
 * JSON. Times have nanoseconds; the EPC comes as hex, base64 or both, as readers are configured.
 *
 * @param baseMs wall time at which the world's time was zero.
 */
export function impinjPayload(emission: TagEmission, baseMs: number): Uint8Array {
  const events = emission.reads.map((read) => JSON.stringify(event(emission, read, baseMs)));
  const [only = ''] = events;
  if (events.length === 1) return Buffer.from(only);
  return Buffer.from(emission.number % 2 === 0 ? `[${events.join(',')}]` : events.join('\n'));
}

function event(emission: TagEmission, read: TagRead, baseMs: number) {
  const timestamp = nanosecondIso(baseMs + emission.atMs, emission.number);
  return {
    timestamp,
    hostname: 'impinj-14-46-36',
    eventType: 'tagInventory',
    tagInventoryEvent: {
      ...epcFields(read.epc, emission.number),
      antennaPort: read.antenna,
      antennaName: `Antenna ${read.antenna}`,
      peakRssiCdbm: read.rssiCdbm,
      frequency: 926_750,
      transmitPowerCdbm: 3000,
      lastSeenTime: timestamp,
      phaseAngle: 33.75,
    },
  };
}

/** What it publishes when the level of a general-purpose input changes. */
export function impinjInputPayload(emission: InputEmission, baseMs: number): Uint8Array {
  const { atMs, high, input, number } = emission;
  return Buffer.from(
    JSON.stringify({
      timestamp: nanosecondIso(baseMs + atMs, number),
      hostname: 'impinj-14-46-36',
      eventType: 'gpiTransition',
      gpiTransitionEvent: { gpi: input, transition: high ? 'low-to-high' : 'high-to-low' },
    }),
  );
}

/** A truncated tag has an odd number of bytes, which base64 holds as well as any other. */
function epcFields(epc: string, number: number): { epc?: string; epcHex?: string } {
  const base64 = Buffer.from(epc, 'hex').toString('base64');
  if (number % 3 === 0) return { epcHex: epc };
  if (number % 3 === 1) return { epc: base64, epcHex: epc };
  return { epc: base64 };
}

/** The message's number stands below the millisecond, which the world does not resolve. */
function nanosecondIso(atMs: number, number: number): string {
  const belowMs = String(number % 1_000_000).padStart(6, '0');
  return new Date(atMs).toISOString().replace('Z', `${belowMs}Z`);
}
