import type { ClimateLayout } from './site-layout.ts';

/** The climate sensors of a site, all families; some inside the guarantee and some not. */
export function planClimate(site: number): ClimateLayout[] {
  return [...nearSensors(site), ...farSensors(site)];
}

/** Sensors that report often: on the mains, or near. */
function nearSensors(site: number): ClimateLayout[] {
  const everyMs = 2000;
  return [
    {
      id: 'zigbee-1',
      profile: 'zigbee2mqtt',
      everyMs,
      topic: 'zigbee2mqtt',
      qos: 1,
      buffers: true,
      sensors: [
        { name: 'cold room/door', zone: 'cold-1' },
        { name: 'dock sensor', zone: 'dock' },
      ],
    },
    {
      id: 'sparkplug-1',
      profile: 'sparkplug-b',
      everyMs,
      topic: `spBv1.0/site-${site}/+/sparkplug-1`,
      qos: 0,
      buffers: false,
      sensors: [{ name: 'probe-1', zone: 'cold-1' }],
    },
  ];
}

/** Sensors that report seldom: on batteries, behind what speaks for them, and one on a plug. */
function farSensors(site: number): ClimateLayout[] {
  const everyMs = 4000;
  const eui = (device: number) => `24e124${String(site * 1000 + device).padStart(10, '0')}`;
  const gatewayMac = `C8:25:2D:8E:9C:${String(site).padStart(2, '0')}`;
  return [
    {
      id: 'tasmota-1',
      profile: 'tasmota',
      topic: 'tele/tasmota-1',
      qos: 0,
      buffers: false,
      everyMs,
      sensors: [{ name: 'AM2301', zone: 'dock' }],
    },
    {
      id: 'chirpstack-1',
      profile: 'chirpstack',
      version: 4,
      topic: 'application/cold-chain',
      qos: 1,
      buffers: true,
      everyMs,
      sensors: [{ name: eui(1), zone: 'rack-1' }],
    },
    {
      id: 'chirpstack-2',
      profile: 'chirpstack',
      version: 3,
      topic: 'application/7',
      qos: 0,
      buffers: false,
      everyMs,
      sensors: [{ name: eui(2), zone: 'staging' }],
    },
    {
      id: 'milesight-1',
      profile: 'milesight',
      version: 4,
      topic: 'application/freezers',
      qos: 1,
      buffers: true,
      everyMs,
      sensors: [{ name: eui(3), zone: 'cold-1' }],
    },
    {
      id: 'ruuvi-1',
      profile: 'ruuvi',
      topic: `ruuvi/${gatewayMac}`,
      qos: 1,
      buffers: false,
      everyMs,
      sensors: [{ name: `CB:B8:33:4C:88:${String(site).padStart(2, '0')}`, zone: 'cold-1' }],
    },
  ];
}
