import type { DeviceRow } from '#contracts/api/fleet-api.ts';
import { formatCount } from '../../format/numbers.ts';

/** Where a device is, in the width of a cell and whole. */
export interface ZoneWords {
  readonly words: string;
  /** Of those that the words do not name; empty where they name all. */
  readonly more: string;
  /** All of them. */
  readonly whole: string;
  readonly isKnown: boolean;
}

const named = 2;

/** The zones of a device: its own, or those of its antennas and sensors. */
export function zoneWords({
  moreZones = 0,
  zone,
  zones,
}: Pick<DeviceRow, 'zone' | 'zones' | 'moreZones'>): ZoneWords {
  const known = zones ?? (zone === undefined ? undefined : [zone]);
  if (known === undefined) {
    const whole = 'None of its own. Of its antennas a gateway of this version does not say.';
    return { words: 'zone not said', more: '', whole, isKnown: false };
  }
  if (known.length === 0) {
    const whole = 'No zone: neither of its own, nor of an antenna or sensor';
    return { words: 'no zone', more: '', whole, isKnown: false };
  }
  const rest = known.length - named + moreZones;
  const beyond = moreZones === 0 ? '' : ` and ${formatCount(moreZones)} more`;
  return {
    words: known.slice(0, named).join(', '),
    more: rest > 0 ? `+${formatCount(rest)}` : '',
    whole: known.join(', ') + beyond,
    isKnown: true,
  };
}
