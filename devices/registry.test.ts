import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import { namePattern } from '#contracts/ids.ts';
import { deviceProfiles, profileOf } from './registry.ts';

describe('the registry of device types', () => {
  test('finds each profile by its id', () => {
    expect([...deviceProfiles.keys()].sort()).toEqual([
      'autoid-rfid',
      'chirpstack',
      'http-scanner',
      'impinj-r700',
      'milesight',
      'mqtt-scanner',
      'packml',
      'plc-counter',
      'ruuvi',
      'sparkplug-b',
      'tasmota',
      'zebra-iotc',
      'zebra-rfd',
      'zigbee2mqtt',
    ]);
    for (const [id, profile] of deviceProfiles) {
      expect(profileOf(id)).toBe(profile);
      expect(id).toMatch(new RegExp(namePattern));
      encodeCanonical(profile.initialState);
    }
    expect(profileOf('toaster')).toBeUndefined();
    expect(profileOf('__proto__')).toBeUndefined();
  });

  test('only what numbers its events, or names its scans, has a natural key', () => {
    const keyed = [...deviceProfiles.values()].filter(({ naturalKey }) => naturalKey !== 'none');
    expect(Object.fromEntries(keyed.map(({ id, naturalKey }) => [id, naturalKey]))).toEqual({
      chirpstack: 'message-id',
      'http-scanner': 'client-id',
      milesight: 'message-id',
      'mqtt-scanner': 'client-id',
      ruuvi: 'sequence',
      'sparkplug-b': 'sequence',
      'zebra-iotc': 'event-number',
      'zebra-rfd': 'event-number',
    });
  });

  test('loading it loads no OPC UA', async () => {
    const registry = fileURLToPath(new URL('registry.ts', import.meta.url));
    const script = `
      const { registerHooks } = await import('node:module');
      const seen = [];
      registerHooks({ resolve: (specifier, context, next) => {
        const found = next(specifier, context);
        seen.push(found.url);
        return found;
      } });
      await import(${JSON.stringify(registry)});
      process.stdout.write(JSON.stringify(seen));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      script,
    ]);
    const seen = JSON.parse(stdout) as string[];
    expect(seen.some((url) => url.includes('sparkplug'))).toBe(true);
    expect(seen.filter((url) => url.includes('node-opcua'))).toEqual([]);
  });
});
