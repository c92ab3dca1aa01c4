import { describe, expect, test } from 'vitest';
import { profileOf } from '../../devices/registry.ts';
import { configWarnings } from './config-warnings.ts';
import type { DeviceConfig, GatewayConfig } from './gateway-config.ts';

const reader: DeviceConfig = {
  id: 'reader',
  profile: 'impinj-r700',
  mqtt: { username: 'reader', passwordFile: '/keys/reader' },
  antennas: [
    { antenna: 1, portal: 'gate', side: 'outside' },
    { antenna: 2, portal: 'gate', side: 'inside' },
  ],
  buffers: true,
  silentAfterMs: 1000,
};
const config = {
  hub: { servers: ['tls://nats.example:4222'] },
  mqtt: { host: '0.0.0.0', maxConnections: 10 },
  http: { host: '127.0.0.1', port: 8090, tokenFile: '/keys/token' },
  zones: [{ id: 'dock', status: 'receiving' }],
  portals: [{ id: 'gate', zone: 'dock' }],
  devices: [reader],
} as unknown as GatewayConfig;

const found = (change: Partial<GatewayConfig> = {}) =>
  configWarnings({ ...config, ...change }, profileOf, 0).map(
    ({ message, path }) => `${path} ${message}`,
  );

describe('a config', () => {
  test('that means what it says has no warnings', () => {
    expect(found()).toEqual([]);
  });

  test('is warned of item numbers that tags and barcodes would say otherwise', () => {
    const items = ['4012345000009', '04012345000009', '4012345000001', 'screw'].map((item) => {
      return { item, tracking: 'bulk' } as const;
    });
    expect(found({ items })).toEqual([
      '/items/0/item is a number of its own, and looks like a GTIN, which has 14 digits here',
    ]);
  });

  test('is warned of zones that nothing names, or whose limits nothing measures', () => {
    const cold = { id: 'cold', status: 'available', temperature: { max: 7 } } as const;
    expect(found({ zones: [...config.zones, cold] })).toEqual([
      '/zones/1 is named by no device and no portal',
    ]);
    const portals = [...config.portals, { id: 'side', zone: 'cold' }];
    expect(found({ zones: [...config.zones, cold], portals })).toEqual([
      '/zones/1 has climate limits, and no device stands in it',
      '/portals/1 is looked at by no antenna',
    ]);
  });

  test('is warned of portals with one side, and of counters that are no tags', () => {
    const antennas = reader.antennas?.slice(0, 1) ?? [];
    expect(found({ devices: [{ ...reader, antennas }] })).toEqual([
      '/portals/0 has antennas on its outside alone, so that directions are guesses',
    ]);
    const plc = (name: string) =>
      ({
        id: 'belt',
        profile: 'plc-counter',
        opcua: { tags: [{ name, node: 'nsu=u;s=a', role: 'counter' }] },
      }) as unknown as DeviceConfig;
    const counter = { device: 'belt', counter: 'units', counts: 'items' } as const;
    const portals = [{ id: 'gate', zone: 'dock', counter }];
    expect(found({ portals, devices: [reader, plc('units')] })).toEqual([]);
    expect(found({ portals, devices: [reader, plc('pieces')] })).toEqual([
      '/portals/0/counter/counter counts by a tag that belt does not have',
    ]);
  });

  test('is warned of devices nowhere, of templates without use, and of who cannot call', () => {
    const { antennas: _antennas, ...lost } = reader;
    expect(found({ devices: [reader, { ...lost, id: 'lost' }] })).toEqual([
      '/devices/1 has no zone, no antennas and no sensors: its readings count nowhere',
    ]);
    const plcTemplates = [{ id: 'roller', tags: [] }];
    expect(found({ plcTemplates })).toEqual(['/plcTemplates/0 is used by no line of a PLC']);
    expect(found({ mqtt: { host: '127.0.0.1', port: 1, maxConnections: 0 } })).toEqual([
      '/mqtt/host can be reached from this machine alone, and 1 devices call it',
      '/mqtt/maxConnections is less than the 1 devices that publish',
    ]);
  });

  test('is warned of passwords on the wire, and of certificates that cannot be used', () => {
    const mqtt = { host: '0.0.0.0', port: 1883, maxConnections: 10 };
    expect(found({ mqtt })).toEqual([
      '/mqtt/port is plain MQTT: whoever is on the wire reads its passwords',
    ]);
    const hub = { ...config.hub, tls: { certFile: '/keys/own.pem', keyFile: '/keys/own.key' } };
    expect(found({ hub })).toEqual([]);
    expect(found({ hub: { ...hub, servers: [...hub.servers, 'wss://nats.example'] } })).toEqual([
      '/hub/tls/certFile is shown over tls:// alone, not to wss://nats.example',
    ]);
    const tls = { port: 8883, certFile: '/no/cert', keyFile: '/no/key' };
    expect(found({ mqtt: { host: '0.0.0.0', maxConnections: 10, tls } })).toEqual([
      expect.stringContaining('/mqtt/tls/certFile /no/cert cannot be used'),
      expect.stringContaining('/mqtt/tls/keyFile /no/key cannot be used'),
    ]);
  });
});
