import { expect, test } from 'vitest';
import { readGatewayFile, siteFromConfig } from './site-from-config.ts';

const file = {
  gateway: { tenant: 'main', site: 'hamburg', id: 'hamburg-1' },
  mqtt: { host: '0.0.0.0', port: 18_830, maxConnections: 50 },
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
        family: 'impinj',
        antennas: [
          { antenna: 1, portal: 'door-1', side: 'outside' },
          { antenna: 2, zone: 'dock' },
        ],
      },
    ],
    conveyors: [],
    climate: [
      {
        id: 'probe',
        topic: 'spBv1.0/plant/+/probe',
        qos: 0,
        buffers: true,
        family: 'sparkplug',
        sensors: [{ name: 'one', zone: 'cold' }],
      },
    ],
  });
});

test('names every fault of a file that is none', () => {
  const read = readGatewayFile({ ...file, mqtt: { host: 'x', port: 0 }, zones: [{ id: 'dock' }] });
  const paths = read.ok ? [] : read.faults.map((fault) => fault.split(' ')[0]);
  expect(new Set(paths)).toEqual(new Set(['/mqtt/port', '/zones/0']));
});
