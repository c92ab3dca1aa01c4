import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { deviceProfiles } from '../../devices/registry.ts';
import { planSite } from '../world/plan-site.ts';
import { World } from '../world/world.ts';
import { writeSiteFiles } from './site-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-families-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface ConfigFile {
  readonly devices: readonly { readonly id: string; readonly profile: string }[];
}

/** The site of `npm run kills`, and each site of `npm run demo` as it is without options. */
const layout = planSite(1, 4);
const { configFile, access } = writeSiteFiles(folder, layout, {
  tenant: 'main',
  natsUrl: 'nats://127.0.0.1:1',
  hubPublicKey: '',
  mqttPort: 1,
  httpPort: 2,
  endpoints: new Map(),
});
const { devices } = JSON.parse(readFileSync(configFile, 'utf8')) as ConfigFile;

test('the fleet of demo and kills has a device of every family that a gateway knows', () => {
  const profiles = new Set(devices.map(({ profile }) => profile));
  expect([...profiles].sort()).toEqual([...deviceProfiles.keys()].sort());
});

test.each([1, 2, 3, 4, 5])('every family of it speaks within 20 seconds, with seed %i', (seed) => {
  const world = new World({ seed, sites: [layout], ratePerSite: 60 });
  const { emissions } = world.step(20_000);
  const profileOf = new Map(devices.map(({ id, profile }) => [id, profile]));
  const heard = new Set(emissions.map(({ device }) => profileOf.get(device)));
  expect(heard).toEqual(new Set(deviceProfiles.keys()));
  const types = new Set(emissions.map(({ type }) => type));
  expect([...types].sort()).toEqual(['climate', 'conveyor', 'input', 'scans', 'tags']);
});

test('what calls the gateway knows how to sign in, and what is called does not', () => {
  for (const { id, profile } of devices) {
    const transport = deviceProfiles.get(profile)?.transport;
    expect(access.mqtt.has(id)).toBe(transport === 'mqtt');
    expect(access.http.has(id)).toBe(transport === 'http');
  }
});
