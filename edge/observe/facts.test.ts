import { expect, test } from 'vitest';
import { deviceHealth, maxDeviceZones } from '#contracts/now-lane.ts';
import { validate } from '#contracts/validate.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import { deviceHealthOf } from './facts.ts';
import { siteModelOf } from './site-model.ts';
import { testSite } from './testing/test-site.ts';

function healthOf(site: SiteConfig, id: string) {
  const device = siteModelOf(site, () => undefined).devices.get(id);
  if (device === undefined) throw new Error(`the site has no ${id}`);
  return deviceHealthOf(device, undefined, 0, undefined, 0);
}

test('a device says where it, its antennas, their portals and its sensors are, each once', () => {
  expect(healthOf(testSite, 'dock')).toMatchObject({ zones: ['receiving'] });
  expect(healthOf(testSite, 'shelf')).toMatchObject({ zones: ['storage', 'shipping'] });
  expect(healthOf(testSite, 'bridge')).toMatchObject({ zones: ['storage'] });
  const sensors = [{ name: 'cold-1', zone: 'shipping' }];
  const [, , belt] = testSite.devices;
  const both = healthOf({ ...testSite, devices: [{ ...belt, sensors }] }, 'belt');
  expect(both).toMatchObject({ zone: 'storage', zones: ['storage', 'shipping'] });
});

test('its own zone alone is said as that, and none as none', () => {
  expect(healthOf(testSite, 'gun')).toMatchObject({ zone: 'receiving' });
  expect(healthOf(testSite, 'gun').zones).toBeUndefined();
  const { zone: _, ...gun } = testSite.devices[4];
  expect(healthOf({ ...testSite, devices: [gun] }, 'gun').zones).toEqual([]);
});

test('of more zones than a message has room for, it says how many more there are', () => {
  const [dock] = testSite.devices;
  const antennas = Array.from({ length: maxDeviceZones + 3 }, (_, index) => ({
    antenna: index + 1,
    zone: `z-${index}`,
  }));
  const health = healthOf({ ...testSite, devices: [{ ...dock, antennas }] }, 'dock');
  expect(health.zones).toHaveLength(maxDeviceZones);
  expect(health.moreZones).toBe(3);
  expect(validate(deviceHealth, health).ok).toBe(true);
});
