import { describe, expect, test } from 'vitest';
import type { GatewayRow } from '#contracts/api/fleet-api.ts';
import { fixtureFleet } from '../testing/fixture-fleet.ts';
import { behindChip, liveWords } from './fleet-words.ts';

const now = Date.UTC(2026, 10, 22, 13, 2, 31);
const [sample] = fixtureFleet(now).gateways;

/** `lyon-1 live`: the site is what stands before the dash. */
function fleetOf(...gateways: string[]): GatewayRow[] {
  return gateways.map((text) => {
    const [gateway = '', state = ''] = text.split(' ');
    if (sample === undefined) throw new Error('the fixture has gateways');
    return {
      ...sample,
      site: gateway.split('-')[0] ?? '',
      gateway,
      state: state as GatewayRow['state'],
      lastHeardAt: now - 41 * 60_000,
      backlogEvents: 1204,
    };
  });
}

describe('how many are live', () => {
  test.each([
    [[], 'plain', 'no gateway yet'],
    [['lyon-1 live'], 'ok', '1 site live'],
    [['lyon-1 live', 'lyon-2 live'], 'ok', '1 site live'],
    [['lyon-1 live', 'metz-1 live'], 'ok', '2 sites live'],
    [['lyon-1 live', 'metz-1 silent'], 'ok', '1 of 2 sites live'],
    [['lyon-1 live', 'lyon-2 halted'], 'ok', '1 of 2 gateways live'],
    [['lyon-1 live', 'lyon-2 stuck'], 'ok', '1 of 2 gateways live'],
    [['lyon-1 live', 'lyon-2 never-seen'], 'ok', '1 of 2 gateways live'],
    [['lyon-1 live', 'lyon-2 draining', 'metz-1 live'], 'ok', '2 of 3 gateways live'],
    [['lyon-1 live', 'lyon-2 live', 'metz-1 halted'], 'ok', '1 of 2 sites live'],
    [['lyon-1 draining'], 'draining', '1 gateway catching up'],
    [['lyon-1 draining', 'metz-1 silent'], 'draining', '1 gateway catching up'],
    [['lyon-1 halted'], 'warn', 'no gateway live'],
    [['lyon-1 stuck', 'metz-1 silent'], 'warn', 'no gateway live'],
    [['lyon-1 never-seen'], 'warn', 'no gateway live'],
  ])('%j: %s, %s', (gateways, tone, words) => {
    expect(liveWords(fleetOf(...gateways))).toEqual({ tone, words });
  });
});

describe('the chip for what is not live', () => {
  test.each([
    [['lyon-1 draining'], 'warn', 'lyon 1\u202f204 events waiting'],
    [['lyon-1 silent'], 'warn', 'lyon silent for 41 min'],
    [['lyon-1 never-seen'], 'warn', 'lyon never seen'],
    [['lyon-1 halted'], 'bad', 'lyon halted'],
    [['lyon-1 stuck'], 'bad', 'lyon stuck at the hub'],
    [['lyon-1 live', 'lyon-2 halted'], 'bad', 'lyon-2 halted'],
    [['lyon-1 live', 'lyon-2 silent'], 'warn', 'lyon-2 silent for 41 min'],
    [['lyon-1 silent', 'metz-1 silent'], 'warn', '2 sites silent'],
    [['lyon-1 silent', 'metz-1 draining', 'basel-1 never-seen'], 'warn', '3 sites behind'],
    [['lyon-1 live', 'lyon-2 silent', 'metz-1 draining'], 'warn', '2 gateways behind'],
    [['lyon-1 never-seen', 'lyon-2 never-seen'], 'warn', '1 site never seen'],
    [['lyon-1 halted', 'metz-1 halted'], 'bad', '2 sites halted'],
    [['lyon-1 halted', 'metz-1 stuck'], 'bad', '2 sites halted or stuck'],
    [['lyon-1 draining', 'metz-1 stuck'], 'bad', 'metz stuck at the hub · 1 site behind'],
    [['lyon-1 silent', 'lyon-2 halted'], 'bad', 'lyon-2 halted · 1 gateway silent'],
  ])('%j: %s, %s', (gateways, tone, words) => {
    expect(behindChip(fleetOf(...gateways), now)).toMatchObject({ tone, words });
  });

  test('is not there while all is well', () => {
    expect(behindChip([], now)).toBeUndefined();
    expect(behindChip(fleetOf('lyon-1 live', 'metz-1 live'), now)).toBeUndefined();
  });

  test('names each on hover, the gravest first', () => {
    const rows = fleetOf('lyon-1 draining', 'lyon-2 live', 'metz-1 halted');
    expect(behindChip(rows, now)?.hover).toBe('metz: halted\nlyon-1: 1\u202f204 events waiting');
  });
});
