import { expect, test } from 'vitest';
import { readGatewayFile, siteFromConfig } from './site-from-config.ts';

const file = {
  gateway: { tenant: 'main', site: 'hamburg', id: 'hamburg-1' },
  mqtt: { host: '0.0.0.0', port: 18_830, maxConnections: 50 },
  http: { host: '0.0.0.0', port: 18_831 },
  zones: [
    { id: 'dock', status: 'receiving' },
    { id: 'cold', status: 'available', temperature: { min: 2, max: 8 } },
    { id: 'out', status: 'shipping', temperature: { max: 20 } },
  ],
  portals: [
    { id: 'door-1', zone: 'dock' },
    { id: 'door-2', zone: 'out' },
  ],
  devices: [
    {
      id: 'reader-1',
      profile: 'impinj-r700',
      mqtt: { username: 'reader-1', passwordFile: 'r1' },
      antennas: [
        { antenna: 1, portal: 'door-1', side: 'outside' },
        { antenna: 2, zone: 'dock' },
      ],
      buffers: true,
    },
    {
      id: 'probe',
      profile: 'sparkplug-b',
      mqtt: { topic: 'spBv1.0/plant/+/probe', username: 'probe', passwordFile: 'p' },
      sensors: [{ name: 'one', zone: 'cold' }],
      buffers: true,
    },
    { id: 'line-1', profile: 'packml', opcua: {}, buffers: false },
    { id: 'gate', profile: 'autoid-rfid', opcua: {}, buffers: false },
    {
      id: 'handheld',
      profile: 'zebra-rfd',
      zone: 'cold',
      mqtt: { username: 'handheld', passwordFile: 'h' },
      buffers: true,
    },
    {
      id: 'plugs',
      profile: 'tasmota',
      zone: 'dock',
      mqtt: { topic: 'tele/+', username: 'plugs', passwordFile: 't' },
      buffers: false,
    },
    {
      id: 'scanner',
      profile: 'http-scanner',
      zone: 'out',
      http: { tokenFile: 's' },
      buffers: true,
    },
  ],
};

test('builds the warehouse that a config describes, as far as there are simulated devices', () => {
  const read = readGatewayFile(file);
  expect(read.ok && siteFromConfig(read.file)).toEqual({
    site: 'hamburg',
    gateway: 'hamburg-1',
    zones: [
      { id: 'dock', role: 'dock', status: 'receiving' },
      { id: 'cold', role: 'store', status: 'available', temperature: { min: 2, max: 8 } },
      { id: 'out', role: 'staging', status: 'shipping' },
    ],
    portals: [
      { id: 'door-1', zone: 'dock', flow: 'in' },
      { id: 'door-2', zone: 'out', flow: 'out' },
    ],
    readers: [
      {
        id: 'reader-1',
        topic: 'reader-1',
        qos: 1,
        buffers: true,
        profile: 'impinj-r700',
        antennas: [
          { antenna: 1, portal: 'door-1', side: 'outside' },
          { antenna: 2, zone: 'dock' },
        ],
        photoEye: 'door-1',
      },
      {
        id: 'handheld',
        topic: 'handheld',
        qos: 1,
        buffers: true,
        profile: 'zebra-rfd',
        antennas: [{ antenna: 1, zone: 'cold' }],
        scansIn: 'cold',
      },
    ],
    conveyors: [],
    climate: [
      {
        id: 'probe',
        topic: 'spBv1.0/plant/+/probe',
        qos: 0,
        buffers: true,
        profile: 'sparkplug-b',
        everyMs: 2000,
        sensors: [{ name: 'one', zone: 'cold' }],
      },
      {
        id: 'plugs',
        topic: 'tele/simulated',
        qos: 0,
        buffers: false,
        profile: 'tasmota',
        everyMs: 4000,
        sensors: [{ name: 'AM2301', zone: 'dock' }],
      },
    ],
    scanners: [
      { id: 'scanner', topic: '', qos: 1, buffers: true, profile: 'http-scanner', zone: 'out' },
    ],
  });
});

test('names every fault of a file that is none', () => {
  const read = readGatewayFile({ ...file, mqtt: { host: 'x', port: 0 }, zones: [{ id: 'dock' }] });
  const paths = read.ok ? [] : read.faults.map((fault) => fault.split(' ')[0]);
  expect(new Set(paths)).toEqual(new Set(['/mqtt/port', '/zones/0']));
});
