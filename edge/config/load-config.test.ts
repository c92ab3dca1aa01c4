import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeCanonical } from '#contracts/canonical.ts';
import { profileOf } from '../../devices/registry.ts';
import { tempDir } from '../testing/test-parts.ts';
import { describeFault } from '#contracts/config-fault.ts';
import { configFaultsOf, loadConfig } from './load-config.ts';
import { siteConfigText } from './site-config.ts';
import { configHead } from './testing/config-head.ts';

const good = `${configHead}zones:
  - { id: dock, status: receiving }
  - { id: cold, status: available, temperature: { min: 2, max: 7.5 }, humidity: { max: 60 } }
portals: [{ id: gate, zone: cold }]
devices:
  - id: reader
    profile: impinj-r700
    mqtt: { username: reader, passwordFile: keys/reader }
    antennas: [{ antenna: 1, zone: dock }, { antenna: 2, portal: gate, side: inside }]
    buffers: true
    silentAfterMs: 60000
  - id: conveyor
    profile: plc-counter
    opcua:
      endpoint: opc.tcp://plc:4840
      samplingMs: 100
      queueSize: 100
      tags: [{ name: units, node: "nsu=urn:x;s=units", role: counter, registerMax: 65535 }]
    buffers: false
    silentAfterMs: 5000
`;

function write(text: string): string {
  const dir = tempDir();
  mkdirSync(join(dir, 'keys'));
  for (const name of ['login.seed', 'signing.pem', 'http.token', 'reader']) {
    writeFileSync(join(dir, 'keys', name), 'secret', { mode: 0o600 });
  }
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

/** The faults of a file as `path: message`. */
function faultsIn(file: string): string[] {
  const loaded = loadConfig(file, profileOf);
  if (loaded.ok) return [];
  expect(loaded.refusal.code).toBe('CONFIG_INVALID');
  return configFaultsOf(loaded.refusal.details).map(({ path, message }) => `${path}: ${message}`);
}

describe('a config file', () => {
  test('that is right gives absolute paths', () => {
    const file = write(good);
    const loaded = loadConfig(file, profileOf);
    if (!loaded.ok) throw new Error(loaded.refusal.message);
    const dir = join(file, '..');
    expect(loaded.value.dataDir).toBe(join(dir, 'data'));
    expect(loaded.value.hub.loginSeedFile).toBe(join(dir, 'keys/login.seed'));
    expect(loaded.value.devices[0]?.mqtt?.passwordFile).toBe(join(dir, 'keys/reader'));
  });

  test('with many faults of form gives every one of them once, with line and remedy', () => {
    const file = write(
      good
        .replace('site: hamburg', 'site: Hamburg Süd')
        .replace('dataDir: data\n', '')
        .replace('port: 20001', 'port: many')
        .replace('status: receiving', 'status: anywhere')
        .replace('ship: task', 'ship: task, password: hunter2')
        .replace('min: 2,', 'min: cold,')
        .replace('role: counter', 'role: gauge')
        .replace('buffers: false', 'buffer: false')
        .replace('samplingMs: 100', 'samplingMs: 1'),
    );
    const loaded = loadConfig(file, profileOf);
    const faults = loaded.ok ? [] : configFaultsOf(loaded.refusal.details);
    expect(faults.map(({ path }) => path).sort()).toEqual([
      '/dataDir',
      '/devices/1/buffer',
      '/devices/1/buffers',
      '/devices/1/opcua/samplingMs',
      '/devices/1/opcua/tags/0/role',
      '/gateway/site',
      '/mqtt/port',
      '/posting/password',
      '/zones/0/status',
      '/zones/1/temperature/min',
    ]);
    const text = faults.map(describeFault).join('\n');
    expect(text).not.toContain('hunter2');
    expect(text).toContain(
      '/zones/0/status (line 14:17): does not fit, found "anywhere". Use "receiving",',
    );
    expect(faults.every(({ remedy }) => remedy.length > 5)).toBe(true);
  });

  test('with many faults between its fields gives every one of them', () => {
    const file = write(
      good
        .replace('portals: [{ id: gate, zone: cold }]', 'portals: [{ id: gate, zone: nowhere }]')
        .replace('antenna: 2, portal: gate, side: inside', 'antenna: 1, portal: gate')
        .replace('{ antenna: 1, zone: dock }', '{ antenna: 1, zone: moon }')
        .replace('min: 2, max: 7.5', 'min: 9, max: 7.5')
        .replace('id: conveyor', 'id: reader')
        .replace('profile: plc-counter', 'profile: plc-counter\n    zone: mars')
        .replace('port: 20002', 'port: 20001')
        .replace('username: reader', 'username: reader, topic: "line/#"')
        .replace(Buffer.alloc(32, 1).toString('base64'), 'no key'),
    );
    expect(faultsIn(file).sort()).toEqual([
      '/devices/0/antennas/0/zone: names no zone of this gateway',
      '/devices/0/antennas/1/antenna: is the same as /devices/0/antennas/0/antenna',
      '/devices/0/antennas/1: looks at a portal from no side',
      '/devices/0/mqtt/topic: holds #, which only subscriptions may',
      '/devices/1/id: is the same as /devices/0/id',
      '/devices/1/zone: names no zone of this gateway',
      '/http/port: is the port of the MQTT broker',
      '/hub/publicKey: is not base64 of a raw 32-byte Ed25519 key',
      '/portals/0/zone: names no zone of this gateway',
      '/zones/1/temperature: has min above max',
    ]);
  });

  test('gives faults of form and faults between and behind fields in one go', () => {
    const file = write(
      good
        .replace('port: 20001', 'port: many')
        .replace('buffers: true', 'buffers: perhaps')
        .replace('{ antenna: 1, zone: dock }', '{ antenna: 1, zone: moon }')
        .replace('portal: gate, side: inside', 'portal: gate, side: above')
        .replace('profile: plc-counter', 'profile: plc-7')
        .replace('confirmReads: 3', 'confirmReads: 0')
        .replace(Buffer.alloc(32, 1).toString('base64'), Buffer.alloc(31, 1).toString('base64')),
    );
    rmSync(join(file, '..', 'keys', 'reader'));
    expect(faultsIn(file).sort()).toEqual([
      expect.stringMatching(/^\/devices\/0\/antennas\/0\/zone: names no zone/),
      '/devices/0/antennas/1/side: does not fit',
      '/devices/0/buffers: does not fit',
      '/devices/0/mqtt/passwordFile: names a file that is not there',
      '/devices/1/profile: names no device type of this release',
      '/hub/publicKey: is not base64 of a raw 32-byte Ed25519 key',
      '/mqtt/port: does not fit',
      '/posting/confirmReads: does not fit',
    ]);
  });

  test('does not ask for a zone by a name that it could not read', () => {
    const text = good.replace('{ id: dock, status', '{ id: Dock 1, status');
    expect(faultsIn(write(text))).toEqual(['/zones/0/id: does not fit']);
  });

  test('cannot blow up through aliases', () => {
    const bomb = ['a0: &a0 [x]'];
    for (let n = 1; n < 9; n += 1) {
      const ten = Array.from({ length: 10 }, () => `*a${n - 1}`).join(', ');
      bomb.push(`a${n}: &a${n} [${ten}]`);
    }
    expect(faultsIn(write(bomb.join('\n')))).toEqual([expect.stringMatching(/alias/i)]);
  });

  test('names device types that exist, with the section that they speak', () => {
    const swapped = good
      .replace('profile: impinj-r700', 'profile: plc-counter')
      .replace('profile: plc-counter\n    opcua', 'profile: acme-3000\n    opcua');
    expect(faultsIn(write(swapped))).toEqual([
      expect.stringMatching(/^\/devices\/0\/opcua: is missing/),
      expect.stringMatching(/^\/devices\/0\/mqtt: is there/),
      '/devices/1/profile: names no device type of this release',
    ]);
  });

  test('takes a device that posts, under a token file of its own', () => {
    const gun = (id: string, more = '') =>
      `  - { id: ${id}, profile: http-scanner, buffers: true, silentAfterMs: 60000${more} }\n`;
    const token = ', http: { tokenFile: keys/reader }';
    const loaded = loadConfig(write(good + gun('gun-1', token)), profileOf);
    expect(loaded.ok && loaded.value.devices[2]?.http?.tokenFile).toMatch(/^\/.*\/keys\/reader$/);
    expect(loaded.ok && siteConfigText(loaded.value).text).not.toContain('tokenFile');
    expect(faultsIn(write(good + gun('gun-1')))).toEqual([
      expect.stringMatching(/^\/devices\/2\/http: is missing/),
    ]);
    const absent = good + gun('gun-1', token) + gun('gun-2', token.replace('reader', 'nobody'));
    expect(faultsIn(write(absent))).toEqual([
      '/devices/3/http/tokenFile: names a file that is not there',
    ]);
    expect(faultsIn(write(good + gun('gun-1', token) + gun('gun-2', token)))).toEqual([
      '/devices/3/http/tokenFile: is the same as /devices/2/http/tokenFile',
    ]);
    const mixed = good.replace(
      'mqtt: { username: reader,',
      'http: { tokenFile: keys/reader }\n    mqtt: { username: reader,',
    );
    expect(faultsIn(write(mixed))).toEqual([
      expect.stringMatching(/^\/devices\/0\/http: is there, but/),
    ]);
  });

  test('names secrets that are there, not empty, and closed to others', () => {
    const file = write(good);
    const keys = join(file, '..', 'keys');
    chmodSync(join(keys, 'login.seed'), 0o640);
    rmSync(join(keys, 'http.token'));
    writeFileSync(join(keys, 'reader'), '');
    expect(faultsIn(file)).toEqual([
      '/hub/loginSeedFile: names a file that others may read (mode 640)',
      '/http/tokenFile: names a file that is not there',
      '/devices/0/mqtt/passwordFile: names an empty file',
    ]);
  });

  test('has zones of other gateways by name, and nothing of its own in them', () => {
    const yard = '  - { id: yard, status: shipping, gateway: gw-2 }\n';
    const own = '  - { id: tent, status: available, gateway: gw-1 }\n';
    const known = good.replace('portals:', `${yard}${own}portals:`);
    const loaded = loadConfig(write(known), profileOf);
    if (!loaded.ok) throw new Error(loaded.refusal.message);
    const { zones } = decodeCanonical(siteConfigText(loaded.value).text) as { zones: object[] };
    expect(zones).toMatchObject([
      { id: 'dock' },
      { id: 'cold' },
      { id: 'tent', status: 'available' },
    ]);
    expect(zones[2]).toEqual({ id: 'tent', status: 'available' });
    const used = known
      .replace('{ antenna: 1, zone: dock }', '{ antenna: 1, zone: yard }')
      .replace('{ id: gate, zone: cold }', '{ id: gate, zone: yard }');
    const message = 'is a zone of gateway gw-2, whose journal alone posts there';
    expect(faultsIn(write(used))).toEqual([
      `/portals/0/zone: ${message}`,
      `/devices/0/antennas/0/zone: ${message}`,
    ]);
    const none = known.replaceAll(
      /status: (receiving|available)(?!.*gateway)/g,
      'status: $1, gateway: gw-3',
    );
    expect(faultsIn(write(none.replace(own, '')))).toContain(
      '/zones: has no zone of this gateway, gw-1',
    );
  });

  test('names the device that has a fault, not its place in the list alone', () => {
    const file = write(good.replace('antenna: 1, zone: dock', 'antenna: 1, zone: atlantis'));
    const loaded = loadConfig(file, profileOf);
    if (loaded.ok) expect.fail();
    const [fault] = configFaultsOf(loaded.refusal.details);
    expect(fault && describeFault(fault)).toMatch(
      /^reader: \/devices\/0\/antennas\/0\/zone \(line \d+:\d+\): names no zone .* found "atlantis"/,
    );
  });

  test.each([
    ['spBv1.0', 1],
    ['spBv1.0/plant', 1],
    ['spBv1.0/plant/edge-1', 1],
    ['spBv1.0/+/+/edge-1', 1],
    ['spBv1.0/plant/+/edge-1/probe', 1],
    ['spAv1.0/plant/+/edge-1', 1],
    [undefined, 1],
    ['spBv1.0/plant/+/edge-1', 0],
    ['spBv1.0/plant/+', 0],
  ])('with the Sparkplug topic %s has %i faults', (topic, count) => {
    const of = topic === undefined ? '' : `, topic: "${topic}"`;
    const device = `
  - id: plant
    profile: sparkplug-b
    mqtt: { username: plant, passwordFile: keys/plant${of} }
    sensors: [{ name: probe, zone: cold }]
    buffers: false
    silentAfterMs: 60000
`;
    const file = write(good.trimEnd() + device);
    writeFileSync(join(file, '..', 'keys', 'plant'), 'secret', { mode: 0o600 });
    const faults = faultsIn(file);
    expect(faults).toHaveLength(count);
    if (count > 0) expect(faults[0]).toContain('/devices/2/mqtt/topic: ');
  });

  test('that is a folder, or no text, is refused in words that a terminal can show', () => {
    const file = write(good);
    const dir = join(file, '..');
    const said = (text: string | Uint8Array) => {
      writeFileSync(file, text);
      const faults = loadConfig(file, profileOf);
      if (faults.ok) return [];
      return configFaultsOf(faults.refusal.details).map(describeFault);
    };
    expect(faultsIn(dir)).toEqual([': is a folder, not a file']);
    expect(faultsIn(join(dir, 'nothing'))).toEqual([': is not there']);
    expect(faultsIn('/dev/null')).toEqual([': is no plain file']);
    expect(said(Buffer.from([0xff, 0xfe, 0x61, 0]))[0]).toContain('no text in UTF-8');
    expect(said(Buffer.from([0x61, 0xff, 0xfe]))[0]).toContain('no text in UTF-8');
    const junk = said('\u001b]0;x\u0007: [\u009b31m\n\u202e{').join('\n');
    expect(junk).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
    expect(junk.length).toBeGreaterThan(10);
  });

  test('that is no YAML, or is not there, is refused likewise', () => {
    expect(faultsIn(write('gateway: [unclosed\nzones: {'))[0]).toMatch(/^: /);
    expect(faultsIn(write('')).length).toBeGreaterThan(0);
    expect(faultsIn(write('just a text')).length).toBeGreaterThan(0);
    expect(faultsIn('/nowhere/gateway.yaml')).toHaveLength(1);
  });
});

describe('the site configuration', () => {
  function siteOf(text: string) {
    const loaded = loadConfig(write(text), profileOf);
    if (!loaded.ok) throw new Error(loaded.refusal.message);
    return siteConfigText(loaded.value);
  }

  test('holds limits as integers, tags without nodes, and no secret or address', () => {
    const site = decodeCanonical(siteOf(good).text) as Record<string, unknown>;
    expect(site['zones']).toEqual([
      { id: 'dock', status: 'receiving' },
      {
        id: 'cold',
        status: 'available',
        temperatureMilliC: { min: 2000, max: 7500 },
        humidityPermille: { max: 600 },
      },
    ]);
    expect(site['devices']).toMatchObject([
      { id: 'reader', profile: 'impinj-r700' },
      { id: 'conveyor', tags: [{ name: 'units', role: 'counter', registerMax: 65_535 }] },
    ]);
    expect(siteOf(good).text).not.toMatch(/password|username|4840|urn:x|keys|20001/);
  });

  test('has one hash for one content, however the file is written', () => {
    const { hash } = siteOf(good);
    expect(siteOf(`# a comment\n${good.replace('host: 127.0.0.1', 'host: 0.0.0.0')}`).hash).toBe(
      hash,
    );
    expect(siteOf(good.replace('max: 7.5', 'max: 7.6')).hash).not.toBe(hash);
  });
});
