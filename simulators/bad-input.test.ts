import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Fleet } from '#contracts/api/fleet-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { cliPath } from './stack/run-tool.ts';
import { eventually, startInstallation } from './testing/installation.ts';
import type { Installation } from './testing/installation.ts';

const run = promisify(execFile);
const { natsServer } = inject('programs');
const kib = 1024;

const sections = `
observe: { minReads: 1, absentAfterMs: 600000, moveReads: 2, passWindowMs: 3000 }
zones:
  - { id: receiving-dock, status: receiving }
  - { id: cold-store, status: available, temperature: { min: 2, max: 8 } }
portals: []
devices:
  - id: reader
    profile: impinj-r700
    zone: receiving-dock
    mqtt: { username: reader, passwordFile: keys/reader.password }
    buffers: true
    silentAfterMs: 60000
  - id: bridge
    profile: zigbee2mqtt
    mqtt: { username: bridge, passwordFile: keys/bridge.password }
    sensors: [{ name: cold-1, zone: cold-store }]
    buffers: true
    silentAfterMs: 60000
  - id: plant
    profile: sparkplug-b
    mqtt: { username: plant, passwordFile: keys/plant.password, topic: spBv1.0/hall/+/edge-1 }
    sensors: [{ name: cold-1, zone: cold-store }]
    buffers: true
    silentAfterMs: 60000
`;

const topics = {
  reader: 'reader/events',
  bridge: 'bridge/cold-1',
  plant: 'spBv1.0/hall/NDATA/edge-1',
};
type Device = keyof typeof topics;

interface Bad {
  readonly what: string;
  readonly device: Device;
  readonly payload: string | Buffer;
  readonly reason: string;
  readonly topic?: string;
  readonly qos?: 1 | 2;
}

const hostile = '<img src=x onerror=alert(1)>';
const times = (n: number, text: string) => text.repeat(n);
const inventory = (event: unknown) =>
  JSON.stringify({ eventType: 'tagInventory', tagInventoryEvent: event });

/** What a broken or hostile device sends; each is acknowledged, kept in part, and counted. */
const bad: readonly Bad[] = [
  ...of('reader', 'malformed', {
    'half a JSON object': '{"eventType":"tagInv',
    'an empty payload': '',
    'plain text': 'hello',
    'one good object, then half a one': `${tagRead(1)}{"eventType":`,
    'bytes that are no text': Buffer.from(Array.from({ length: 300 }, (_, n) => (n * 37) & 0xff)),
    'a lone surrogate as bytes': Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    'more bytes of binary garbage than are kept': Buffer.alloc(200 * kib, 0xfe),
    'objects in objects, 20,000 deep, never closed': times(20_000, '{"a":'),
  }),
  ...of('reader', 'wrong-type', {
    'a number where the tag stands': inventory({ epcHex: 17, antennaPort: 1 }),
    'text where the event stands': inventory('x'),
    'markup where the tag stands': inventory({ epcHex: hostile, antennaPort: 1 }),
    'a tag of 100,000 digits': inventory({ epcHex: times(50_000, 'AB'), antennaPort: 1 }),
    'a lone surrogate as an escape': inventory({ epcHex: '\ud800' }),
    'arrays in arrays, 100,000 deep': `${times(100_000, '[')}${times(100_000, ']')}`,
    'objects in objects, 20,000 deep': `${times(20_000, '{"a":')}1${times(20_000, '}')}`,
    'a prototype for everybody': '{"__proto__":{"eventType":"tagInventory"},"constructor":{"x":1}}',
    '1,000 concatenated objects of nothing': times(1000, '{}'),
  }),
  ...of('reader', 'unknown-message', {
    'an event with markup for a name': JSON.stringify({ eventType: hostile }),
  }),
  ...of('bridge', 'not-a-number', {
    'NaN as JSON does not have it': '{"temperature":NaN}',
    'NaN as text': '{"temperature":"NaN"}',
    'more than a double holds': '{"temperature":1e999}',
    'minus infinity': '{"humidity":-Infinity}',
  }),
  ...of('bridge', 'wrong-type', {
    'an object for a temperature': '{"temperature":{"valueOf":4}}',
    'an array for a temperature': '{"temperature":[4]}',
    'a word for a humidity': '{"humidity":"wet"}',
  }),
  {
    what: 'a sensor that is nobody’s, with markup for a name',
    device: 'bridge',
    topic: `bridge/${hostile}`,
    payload: '{"temperature":4}',
    reason: 'unknown-message',
  },
  { what: 'JSON for Sparkplug', device: 'plant', payload: '{"metrics":[]}', reason: 'malformed' },
  {
    what: 'a topic of another device',
    device: 'reader',
    topic: 'bridge/cold-1',
    payload: '{"temperature":99}',
    reason: 'wrong-topic',
  },
  {
    what: 'a topic that only begins like its own',
    device: 'reader',
    topic: 'reader-2/events',
    payload: tagRead(2),
    reason: 'wrong-topic',
  },
  ...[256 * kib + 1, 700 * kib, 1024 * kib - 64].flatMap((length): Bad[] =>
    ([1, 2] as const).map((qos) => ({
      what: `${length} bytes with QoS ${qos}`,
      device: 'reader',
      payload: Buffer.alloc(length, qos),
      reason: 'oversized',
      qos,
    })),
  ),
];

function of(device: Device, reason: string, payloads: Record<string, string | Buffer>): Bad[] {
  return Object.entries(payloads).map(([what, payload]) => ({ what, device, reason, payload }));
}

/** SGTIN-96 of a serial. */
function epcOf(serial: number): string {
  return `3074257BF7194E4000${serial.toString(16).padStart(6, '0').toUpperCase()}`;
}

/** A read of a tag at a time that the reader says. */
function tagRead(serial: number, timestamp = new Date().toISOString()): string {
  const tagInventoryEvent = { epcHex: epcOf(serial), antennaPort: 1 };
  return JSON.stringify({ timestamp, eventType: 'tagInventory', tagInventoryEvent });
}

describe.skipIf(natsServer === '')('bad input at a running gateway (needs nats-server)', () => {
  let site: Installation;
  const clients = new Map<Device, MqttClient>();

  beforeAll(async () => {
    site = await startInstallation(sections);
    for (const device of Object.keys(topics) as Device[]) {
      clients.set(device, await connect(device, device));
    }
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...clients.values()].map((client) => client.endAsync(true)));
    await site?.stop();
  });

  function connect(device: Device, clientId: string): Promise<MqttClient> {
    const password = site.passwordOf(device);
    const who = { username: device, password, clientId };
    return mqtt.connectAsync({ host: '127.0.0.1', port: site.mqttPort, ...who });
  }

  /** Resolves when the gateway has acknowledged it. */
  async function publish(
    device: Device,
    payload: string | Buffer,
    topic = topics[device],
    qos = 1,
  ) {
    await clients.get(device)?.publishAsync(topic, payload, { qos: qos === 2 ? 2 : 1 });
  }

  const quarantine = (device: Device) => site.api.quarantine(device);

  const metric = async (name: string) => {
    const text = await (await site.api.ask('/metrics')).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  };

  const reads = async (...serials: number[]) => {
    const wanted = new Set(serials.map(epcOf));
    return eventually(async () => {
      const found = (await site.hubEvents()).filter(
        ({ kind, payload }) => kind === 'tag.appeared' && wanted.has(String(payload['epc'])),
      );
      return found.length === wanted.size ? found : undefined;
    });
  };

  test.each(bad)('$what: acknowledged, and kept as $reason', async (one) => {
    const { device, payload, topic, qos, reason } = one;
    await publish(device, payload, topic, qos);
    const bytes = Buffer.from(payload);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const kept = await eventually(async () => {
      return (await quarantine(device)).find((message) => message.sha256 === sha256);
    });
    expect({ reason: kept.reason, bytes: kept.bytes }).toEqual({ reason, bytes: bytes.length });
    expect(Buffer.from(kept.headBase64, 'base64').equals(bytes.subarray(0, 4 * kib))).toBe(true);
    expect(kept.detail).not.toBe('');
  });

  test('none of it stops the good messages behind it, nor becomes a reading', async () => {
    await publish('reader', tagRead(500));
    await publish('bridge', '{"temperature":9.5}');
    await reads(500);
    const { alerts } = await eventually(async () => {
      const fleet = (await site.hub.get(apiPaths.fleet)) as Fleet;
      return fleet.alerts.length > 0 ? fleet : undefined;
    });
    expect(alerts).toMatchObject([{ type: 'excursion', zone: 'cold-store' }]);
    expect(alerts[0]?.text).toContain('9.5 °C');
    const appeared = (await site.hubEvents()).filter(({ kind }) => kind === 'tag.appeared');
    expect(appeared.map(({ payload }) => payload['epc'])).toEqual([epcOf(500)]);
    const stored = await site.hubEvents();
    expect(stored.filter(({ state }) => state !== 'applied')).toEqual([]);
  });

  test('all of it is counted on its device, at the gateway and at the hub', async () => {
    const counts = Object.keys(topics).map((device) => ({
      device,
      quarantined: bad.filter((one) => one.device === device).length,
    }));
    const { devices } = (await (await site.api.ask('/devices')).json()) as Pick<Fleet, 'devices'>;
    const byName = (a: { device: string }, b: { device: string }) => (a.device < b.device ? -1 : 1);
    expect(devices.toSorted(byName)).toMatchObject(counts.sort(byName));
    for (const { device, quarantined } of counts) {
      expect(await metric(`holdfast_device_quarantined_total{device="${device}"}`)).toBe(
        quarantined,
      );
      await eventually(async () => {
        const fleet = (await site.hub.get(apiPaths.fleet)) as Fleet;
        const row = fleet.devices.find((one) => one.device === device);
        return row?.quarantined === quarantined ? row : undefined;
      });
    }
  });

  test('1,000 readings in one message are 1,000 readings', async () => {
    const serials = Array.from({ length: 1000 }, (_, index) => 1000 + index);
    await publish('reader', serials.map((serial) => tagRead(serial)).join(''));
    expect(await reads(...serials)).toHaveLength(1000);
  });

  test('a reading of 1970 or 2100 is kept, and its time is marked', async () => {
    await publish('reader', tagRead(71, '1970-01-01T00:00:01Z'));
    await publish('reader', tagRead(72, '2100-01-01T00:00:00.500Z'));
    const headers = (await reads(71, 72)).map(({ header }) => header);
    expect(headers).toMatchObject([
      { timeQuality: 'implausible', claimedAt: 1000 },
      { timeQuality: 'implausible', claimedAt: Date.UTC(2100, 0, 1, 0, 0, 0, 500) },
    ]);
    for (const { occurredAt, receivedAt } of headers) expect(occurredAt).toBe(receivedAt);
    const kept = await quarantine('reader');
    expect(kept.map(({ reason }) => reason)).not.toContain('implausible');
  });

  test('a frame announced above 1 MiB is cut at its header and counted', async () => {
    const before = await metric('holdfast_mqtt_frames_cut_total');
    await announceFrame('reader', 1024 * kib + 1);
    expect(await metric('holdfast_mqtt_frames_cut_total')).toBe(before + 1);
    await publish('reader', tagRead(73));
    await reads(73);
  });

  /** Signs in on a plain socket, sends the header of a PUBLISH alone, and waits for the end. */
  async function announceFrame(device: Device, length: number): Promise<void> {
    const socket = connectTcp({ host: '127.0.0.1', port: site.mqttPort });
    const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    const field = (text: string) => {
      const bytes = Buffer.from(text);
      return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
    };
    const variable = Buffer.concat([field('MQTT'), Buffer.from([4, 0xc2, 0, 60])]);
    const who = [field('plain-socket'), field(device), field(site.passwordOf(device))];
    const rest = Buffer.concat([variable, ...who]);
    socket.write(Buffer.concat([Buffer.from([0x10, rest.length]), rest]));
    const connack = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
    expect([...connack]).toEqual([0x20, 2, 0, 0]);
    socket.resume();
    const header = [0x32];
    for (let left = length; left > 0; left = Math.floor(left / 128)) {
      header.push((left % 128) | (left >= 128 ? 0x80 : 0));
    }
    socket.write(Buffer.from(header));
    await end;
  }
});

interface Spoken {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command that is expected to fail. */
async function fails(part: 'edge' | 'hub', ...args: string[]): Promise<Spoken> {
  try {
    await run(process.execPath, [cliPath(part), ...args]);
  } catch (error) {
    return error as Spoken;
  }
  throw new Error(`${part} ${args.join(' ')} succeeded`);
}

describe('a config file with many faults', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'holdfast-faults-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** What is missing stands nowhere, and has no line. */
  function expectFaults(stderr: string, file: string, paths: string[]): void {
    const [title, ...told] = stderr.trim().split('\n');
    expect(title).toBe(`${file} has ${paths.length} faults`);
    const shape = /^ {2}(?:[^/ ]+: )?(\S+)(?: \(line \d+:\d+\): .+|: is missing)\. [A-Z].+/;
    expect(told.map((line) => shape.exec(line)?.[1] ?? line).sort()).toEqual(paths.sort());
  }

  const gatewayFaults = `
gateway: { tenant: main, site: Lyon Nord, id: lyon-1 }
dataDir: data
hub:
  servers: [http://hub:4222]
  loginSeedFile: keys/login.seed
  signingKeyFile: keys/nobody.pem
  publicKey: copy me from the hub
mqtt: { host: 0.0.0.0, port: 99999, maxConnections: many, tls: yes }
http: { host: 127.0.0.1, port: 8090, tokenFile: keys/http.token }
disk: { intakeBudgetBytes: 1073741824, floorBytes: 268435456, reserveBytes: 67108864 }
observe: { minReads: 0, absentAfterMs: 60000, moveReads: 2, passWindowMs: 3000 }
posting: { receive: post, move: post, ship: perhaps }
zones:
  - { id: receiving-dock, status: receiving, temperature: { min: 8, max: 2 } }
portals: [{ id: door-1, zone: moon }]
devices:
  - id: dock-reader
    profile: acme-9000
    mqtt: { username: dock-reader, passwordFile: keys/none, topic: 'a/#' }
    antennas: [{ antenna: 1, portal: door-7, side: outside }]
    buffers: true
    silentAfterMs: 60000
`;

  const gatewayPaths = [
    '/gateway/site',
    '/hub/servers/0',
    '/hub/loginSeedFile',
    '/hub/signingKeyFile',
    '/hub/publicKey',
    '/http/tokenFile',
    '/mqtt/port',
    '/mqtt/maxConnections',
    '/mqtt/tls',
    '/observe/minReads',
    '/posting/ship',
    '/posting/confirmReads',
    '/zones/0/temperature',
    '/portals/0/zone',
    '/devices/0/profile',
    '/devices/0/mqtt/passwordFile',
    '/devices/0/mqtt/topic',
    '/devices/0/antennas/0/portal',
  ];

  test.each([['check'], ['run', '--config']])(
    'of a gateway is told by %s in one go: path, line, value and remedy',
    async (...command) => {
      const file = join(dir, 'gateway.yaml');
      writeFileSync(file, gatewayFaults);
      const { code, stdout, stderr } = await fails('edge', ...command, file);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expectFaults(stderr, file, gatewayPaths);
      expect(stderr).toContain('found 99999. Use a whole number from 1 to 65535 (of plain MQTT');
      expect(stderr).toContain('found "moon". Add zone moon under zones, or use one of:');
    },
  );

  const hubPaths = [
    '/http/host',
    '/http/port',
    '/http/prot',
    '/http/publicUrl',
    '/keysDir',
    '/logLevel',
    '/nats/servers',
    '/natsServer/port',
    '/natsServer/storeBytes',
    '/store/file',
    '/tenant',
  ];

  test.each([['check'], ['run', '--config']])(
    'of a hub is told by %s in one go: path, line, value and remedy',
    async (...command) => {
      const file = join(dir, 'hub.yaml');
      writeFileSync(
        file,
        `
tenant: Main Street
store: { file: '' }
http: { host: 0.0.0.0, prot: 7480, publicUrl: 'ftp://x' }
nats: { servers: [] }
natsServer: { configFile: n.conf, host: x, port: '4222', storeDir: s, storeBytes: 12 }
logLevel: loud
`,
      );
      const { code, stdout, stderr } = await fails('hub', ...command, file);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expectFaults(stderr, file, hubPaths);
      expect(stderr).toContain('/logLevel (line 7:1): does not fit, found "loud". Use "debug",');
    },
  );
});
