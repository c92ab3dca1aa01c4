import { expect, test } from 'vitest';
import type { GatewayConfig } from './gateway-config.ts';
import { mqttFaults } from './mqtt-faults.ts';

const tls = { port: 8883, certFile: '/c', keyFile: '/k', clientCaFile: '/ca' };
const found = (mqtt: Partial<GatewayConfig['mqtt']>, device: object, more: object = {}) =>
  mqttFaults({
    mqtt: { host: '0.0.0.0', maxConnections: 10, port: 1883, tls, ...mqtt },
    http: { host: '127.0.0.1', port: 8090, tokenFile: '/t' },
    devices: [{ id: 'dock', mqtt: { username: 'dock', passwordFile: '/p' }, ...device }],
    ...more,
  }).map(({ message, path }) => `${path} ${message}`);

const by = (certificate: object, rest: object = {}) => ({ mqtt: { certificate, ...rest } });

test('a password, a name of a CA of the site, or one certificate: each is right', () => {
  expect(found({}, {})).toEqual([]);
  expect(found({}, by({ commonName: 'dock' }))).toEqual([]);
  expect(found({}, by({ sha256: '00'.repeat(32) }))).toEqual([]);
});

test.each<[string, Partial<GatewayConfig['mqtt']>, object, object?]>([
  ['/devices/0/mqtt/username is missing', {}, { mqtt: { passwordFile: '/p' } }],
  ['/devices/0/mqtt/passwordFile is missing', {}, { mqtt: { username: 'dock' } }],
  [
    '/devices/0/mqtt/username is there beside certificate',
    {},
    by({ commonName: 'dock' }, { username: 'dock' }),
  ],
  ['/devices/0/mqtt/certificate has to have one of commonName and sha256', {}, by({})],
  [
    '/devices/0/mqtt/certificate is there, and certificates can be shown over TLS alone',
    { tls: undefined },
    by({ commonName: 'dock' }),
  ],
  [
    '/devices/0/mqtt/certificate/commonName is a name that anybody could give to a certificate: clientCaFile is missing',
    { tls: { ...tls, clientCaFile: undefined } },
    by({ commonName: 'dock' }),
  ],
  [
    '/mqtt has neither port nor tls, and 1 devices call it',
    { port: undefined, tls: undefined },
    {},
  ],
  ['/mqtt/tls/port is the port of plain MQTT', { port: 8883 }, {}],
  ['/http/port is the port of the MQTT broker', { port: 8090 }, {}],
  [
    '/mqtt/tls/requireClientCertificate is set, and no certificate can be believed: clientCaFile is missing',
    { tls: { ...tls, clientCaFile: undefined, requireClientCertificate: true } },
    {},
  ],
  ['/limits/burstMessages is there without messagesPerS', {}, {}, { limits: { burstMessages: 5 } }],
  [
    '/devices/0/limits are there, but the gateway itself asks a PLC for what it sends',
    {},
    { mqtt: undefined, opcua: {}, limits: { messagesPerS: 5 } },
  ],
] as never)('%s', (fault, mqtt, device, more) => {
  expect(found(mqtt, device, more)).toEqual([fault]);
});
