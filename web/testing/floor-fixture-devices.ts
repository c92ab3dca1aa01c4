import type { FloorDevices } from '#contracts/api/floor-api.ts';

/** Invented devices of the floor's warehouse: well, cut off, lossy and in trouble. */

const minute = 60_000;
const hour = 60 * minute;

export function floorDevices(nowMs: number): FloorDevices {
  const refused = [
    {
      who: 'reader-dock-9',
      address: '10.20.0.9',
      cause: 'its certificate is not signed by the CAs in mqtt.tls.clientCaFile',
      remedy: 'Have it signed by one of them, add its issuer, or name its SHA-256 at the device.',
      count: 12,
      lastMs: nowMs - 8000,
    },
  ];
  return { asOfMs: nowMs, devices: devices(nowMs), alerts: alerts(nowMs), refused };
}

function devices(nowMs: number): FloorDevices['devices'] {
  return [
    {
      device: 'reader-dock-2',
      profile: 'impinj',
      zone: 'dock-2',
      connected: true,
      covered: true,
      silent: false,
      quarantined: 0,
      readsPerMinute: 18_720,
      lastHeardAt: nowMs - 900,
    },
    {
      device: 'gun-4',
      profile: 'scanner',
      zone: 'storage',
      connected: false,
      covered: true,
      silent: true,
      quarantined: 0,
      readsPerMinute: 0,
      lastHeardAt: nowMs - 48 * minute,
    },
    {
      device: 'cold-2-air',
      profile: 'zigbee2mqtt',
      zone: 'cold-2',
      connected: true,
      covered: false,
      uncoveredReason: 'qos0',
      silent: false,
      quarantined: 3,
      readsPerMinute: 1,
      clockSkewMs: -4100,
      lastHeardAt: nowMs - 22_000,
    },
    {
      device: 'plc-line-2',
      profile: 'plc',
      connected: true,
      covered: false,
      uncoveredReason: 'polled',
      silent: false,
      quarantined: 0,
      readsPerMinute: 60,
      lastHeardAt: nowMs - 700,
      faults: [
        {
          code: 'BadNodeIdUnknown',
          sinceMs: nowMs - 3 * hour,
          subject: 'ns=4;s=Belt.Parts2',
          text: 'the PLC does not know this node',
        },
      ],
    },
  ];
}

function alerts(nowMs: number): FloorDevices['alerts'] {
  return [
    {
      id: 'excursion/cold-2',
      type: 'excursion',
      open: true,
      openedAt: nowMs - 38 * minute,
      text: '9.4 °C, more than 8 °C allows',
      zone: 'cold-2',
    },
  ];
}
