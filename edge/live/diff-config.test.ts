import { describe, expect, test } from 'vitest';
import type { DeviceConfig, GatewayConfig } from '../config/gateway-config.ts';
import { siteConfigText } from '../config/site-config.ts';
import { deviceAccess } from '../intake/device-access.ts';
import { configHash, redacted } from './config-hash.ts';
import { diffConfig, touchedDevices } from './diff-config.ts';
import type { LiveSettings } from './live-settings.ts';

const base: GatewayConfig = {
  gateway: { tenant: 'main', site: 'hamburg', id: 'gw-1' },
  dataDir: '/data',
  hub: {
    servers: ['nats://me:hunter2@hub:4222'],
    loginSeedFile: '/keys/login',
    signingKeyFile: '/keys/signing',
    publicKey: 'key',
  },
  mqtt: { host: '127.0.0.1', port: 1883, maxConnections: 10 },
  http: { host: '127.0.0.1', port: 8090, tokenFile: '/keys/token' },
  disk: { intakeBudgetBytes: 2e6, floorBytes: 2e6, reserveBytes: 2e6 },
  observe: { minReads: 1, absentAfterMs: 1000, moveReads: 1, passWindowMs: 1000 },
  posting: { receive: 'post', move: 'post', ship: 'task', confirmReads: 3 },
  zones: [
    { id: 'dock', status: 'receiving' },
    { id: 'cold', status: 'available', temperature: { max: 7.5 } },
  ],
  portals: [],
  devices: [reader('a', 'dock'), reader('b', 'dock')],
};

function reader(id: string, zone: string): DeviceConfig {
  return {
    id,
    profile: 'impinj-r700',
    zone,
    mqtt: { username: id, passwordFile: `/keys/${id}` },
    buffers: true,
    silentAfterMs: 60_000,
  };
}

/** The settings of a config, with passwords that are no files here. */
function settings(change: Partial<GatewayConfig> = {}, password = 'secret', token = 't') {
  const config = { ...base, ...change };
  return {
    config,
    site: siteConfigText(config),
    mqtt: config.devices.flatMap(({ id, mqtt }) =>
      mqtt === undefined ? [] : [deviceAccess(id, mqtt, id === 'a' ? password : 'other')],
    ),
    http: [],
    opcua: config.devices.flatMap(({ id, opcua }) =>
      opcua === undefined
        ? []
        : [{ device: id, pkiDir: `/pki/${id}`, endpoint: opcua.endpoint, samplingMs: 1 }].map(
            (plc) => ({
              ...plc,
              owner: { site: 'lyon', gateway: 'gw-1' },
              queueSize: opcua.queueSize,
              tags: opcua.tags ?? [],
            }),
          ),
    ),
    limits: [],
    tlsDigest: '',
    httpToken: token,
  } satisfies LiveSettings;
}

const none = { added: [], changed: [], removed: [] };

describe('the difference of two configs', () => {
  test('of one content is nothing, whatever the order of its keys', () => {
    const { zones, gateway: _gateway, ...rest } = base;
    const other = settings({
      ...rest,
      zones,
      gateway: { id: 'gw-1', site: 'hamburg', tenant: 'main' },
    });
    expect(diffConfig(settings(), other)).toMatchObject({ isSame: true, site: false });
    expect(configHash(other.config)).toBe(configHash(base));
  });

  test('in what observers work from touches no device and no listener', () => {
    const zones = [...base.zones, { id: 'yard', status: 'available' as const }];
    const diff = diffConfig(settings(), settings({ zones }));
    expect(diff).toEqual({
      isSame: false,
      site: true,
      mqtt: none,
      http: none,
      opcua: none,
      mqttListener: 'kept',
      httpListener: 'kept',
      fixed: [],
    });
  });

  test('in a password, which no config holds, touches that device alone', () => {
    const diff = diffConfig(settings(), settings({}, 'another'));
    expect(diff).toMatchObject({ isSame: false, site: false, mqtt: { ...none, changed: ['a'] } });
    expect(touchedDevices(diff)).toEqual(['a']);
  });

  test('names devices that come, go, and are told something else', () => {
    const plc = (samplingMs: number, endpoint: string) => ({
      id: 'plc',
      profile: 'plc-counter',
      opcua: { endpoint, samplingMs, queueSize: 1, tags: [] },
      buffers: false,
      silentAfterMs: 1000,
    });
    const before = settings({ devices: [...base.devices, plc(1, 'opc.tcp://one')] });
    const devices = [reader('b', 'cold'), reader('c', 'dock'), plc(1, 'opc.tcp://two')];
    const after = settings({ devices });
    const diff = diffConfig(before, after);
    expect(diff.mqtt).toEqual({ added: ['c'], changed: [], removed: ['a'] });
    expect(diff.opcua).toEqual({ ...none, changed: ['plc'] });
  });

  test('in listeners says which, and that a limit needs no other address', () => {
    const mqtt = { ...base.mqtt, maxConnections: 20 };
    expect(diffConfig(settings(), settings({ mqtt })).mqttListener).toBe('limit');
    const moved = { mqtt: { ...mqtt, port: 1884 }, http: { ...base.http, host: '0.0.0.0' } };
    expect(diffConfig(settings(), settings(moved))).toMatchObject({
      mqttListener: 'address',
      httpListener: 'address',
    });
    expect(diffConfig(settings(), settings({}, 'secret', 'u')).httpListener).toBe('token');
  });

  test('in what cannot change live is a fault each, with what to do', () => {
    const gateway = { ...base.gateway, id: 'gw-2' };
    const disk = { ...base.disk, floorBytes: 3e6 };
    const evidence = { budgetBytes: 2e6, pinDays: 1 };
    const { fixed } = diffConfig(settings(), settings({ gateway, disk, evidence, dataDir: '/x' }));
    expect(fixed.map(({ path }) => path)).toEqual(['/dataDir', '/disk', '/evidence', '/gateway']);
    expect(fixed.map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining('move the folder'),
      expect.stringContaining('restart the gateway'),
      expect.stringContaining('restart the gateway'),
      expect.stringContaining('a folder of its own'),
    ]);
  });
});

test('a config is shown without what signs in at its addresses', () => {
  const text = JSON.stringify(redacted(base));
  expect(text).not.toContain('hunter2');
  expect(text).toContain('nats://***@hub:4222');
});
