import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConfigPush, ConfigStanding } from '#contracts/api/config-api.ts';
import { runTool } from './stack/run-tool.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');

const device = `
  - id: shelf
    profile: impinj-r700
    zone: storage
    mqtt: { username: shelf, passwordFile: keys/shelf.password }
    buffers: true
    silentAfterMs: 600000
`;
const sections = `
configOwner: hub
zones:
  - { id: storage, status: available }
devices:${device}`;

let site: Installation;
let reader: Awaited<ReturnType<typeof startReader>>;

/** A reader that sends as fast as it is answered, and counts how often it had to connect. */
async function startReader() {
  let connects = 0;
  let running = true;
  const acknowledged: string[] = [];
  const client = mqtt.connect({
    host: '127.0.0.1',
    port: site.mqttPort,
    username: 'shelf',
    password: site.passwordOf('shelf'),
    clientId: 'shelf',
    reconnectPeriod: 50,
  });
  client.on('connect', () => (connects += 1));
  client.on('error', () => {});
  const send = () => {
    if (!running) return;
    const serial = acknowledged.length.toString(16).toUpperCase().padStart(10, '0');
    const epcHex = `3074257BF71000${serial}`;
    const event = { eventType: 'tagInventory', tagInventoryEvent: { epcHex, antennaPort: 1 } };
    client.publish('shelf/events', JSON.stringify(event), { qos: 1 }, (error) => {
      if (!error) acknowledged.push(epcHex);
      setTimeout(send, 5);
    });
  };
  send();
  return {
    acknowledged,
    connects: () => connects,
    async stop() {
      running = false;
      await client.endAsync();
    },
  };
}

async function hub(command: string, options: Record<string, string>): Promise<string[]> {
  const config = join(site.hubDir, 'hub.yaml');
  const printed = await runTool({ part: 'hub', command, options: { config, ...options } });
  return printed.split('\n').filter((line) => line !== '');
}

async function addVersion(text: string): Promise<string> {
  const file = join(site.hubDir, 'pushed.yaml');
  writeFileSync(file, text);
  const [line = ''] = await hub('config add', { text: file, note: 'test' });
  return String((JSON.parse(line) as { version: number }).version);
}

async function push(version: string): Promise<number> {
  const [line = ''] = await hub('config push', { version, gateways: 'lyon-1' });
  return (JSON.parse(line) as { push: number }).push;
}

async function over(number: number): Promise<ConfigPush> {
  return await eventually(async () => {
    // A hub that was just killed does not answer.
    const page = await site.hub.get('/api/config/pushes').catch(() => ({ pushes: [] }));
    const { pushes } = page as { pushes: ConfigPush[] };
    const found = pushes.find((one) => one.push === number);
    return found === undefined || found.state === 'running' ? undefined : found;
  });
}

async function standing(): Promise<ConfigStanding> {
  const { gateways } = (await site.hub.get('/api/fleet/config')) as {
    gateways: ConfigStanding[];
  };
  const [one] = gateways;
  if (one === undefined) throw new Error('no gateway');
  return one;
}

/** Of every message that the gateway made durable. */
async function takenEpcs(): Promise<Set<string>> {
  const data = join(site.gatewayDir, 'data');
  const printed = await runTool({ part: 'edge', command: 'intake export', options: { data } });
  const epcs = printed.split('\n').flatMap((line) => {
    const { payload, type } = JSON.parse(line) as { payload?: string; type: string };
    if (type !== 'message' || payload === undefined) return [];
    return [/"epcHex":"(\w+)"/.exec(Buffer.from(payload, 'base64').toString())?.[1] ?? ''];
  });
  return new Set(epcs);
}

const ownFile = () => readFileSync(join(site.gatewayDir, 'gateway.yaml'), 'utf8');

describe.skipIf(natsServer === '')('a configuration from the hub (needs nats-server)', () => {
  beforeAll(async () => {
    site = await startInstallation(sections);
    reader = await startReader();
  }, 120_000);
  afterAll(async () => {
    await reader.stop();
    await site.stop();
  });

  test('is in a file of the gateway at first, whose zones the hub knows all the same', async () => {
    const zones = [{ site: 'lyon', zones: ['storage'], isComplete: true }];
    const known = await eventually(async () => {
      const page = (await site.hub.get('/api/site-people')) as { zones: typeof zones };
      return page.zones[0]?.isComplete === true ? page.zones : undefined;
    });
    expect(known).toEqual(zones);
  });

  test('is pushed, in force at once, confirmed, and shown as in step', async () => {
    const version = await addVersion(
      `zones:\n  - { id: storage, status: available } # as ever\n  - { id: yard, status: available }\n`,
    );
    const done = await over(await push(version));
    expect(done).toMatchObject({ state: 'done', gateways: [{ state: 'applied' }] });
    expect(ownFile()).toContain('id: yard');
    expect(ownFile()).toContain('id: shelf');
    expect(await standing()).toMatchObject({
      standing: 'in-step',
      owner: 'hub',
      wantedVersion: Number(version),
      inForceVersion: Number(version),
      refused: null,
    });
    const events = await eventually(async () => {
      const all = await site.hubEvents();
      const found = all.filter(({ kind }) => kind === 'gateway.config-applied');
      return found.length >= 2 ? found : undefined;
    });
    expect(events.at(-1)?.payload).toMatchObject({ origin: 'hub' });
  }, 60_000);

  test('that is wrong is refused by the gateway, with its faults in lines of the text', async () => {
    const before = ownFile();
    const version = await addVersion(
      `zones:\n  - { id: storage, status: available }\ndevices:\n  - id: shelf\n    profile: nothing-like-this\n    zone: cellar\n    buffers: true\n    silentAfterMs: 600000\n`,
    );
    const stopped = await over(await push(version));
    expect(stopped).toMatchObject({ state: 'stopped', gateways: [{ state: 'refused' }] });
    expect(stopped.reason).toContain('lyon-1 refused it');
    const [row] = stopped.gateways;
    expect(row?.faults.map(({ line, path }) => [line, path])).toEqual(
      expect.arrayContaining([
        [5, '/devices/0/profile'],
        [6, '/devices/0/zone'],
      ]),
    );
    expect(ownFile()).toBe(before);
    expect(await standing()).toMatchObject({
      standing: 'refused',
      wantedVersion: Number(version),
      inForceVersion: 1,
      refused: { code: 'CONFIG_INVALID', version: Number(version) },
    });
  }, 60_000);

  test('cannot change what is the gateway’s own', async () => {
    const version = await addVersion(`http: { host: 0.0.0.0, port: 1, tokenFile: x }\nzones: []\n`);
    const stopped = await over(await push(version));
    expect(stopped.gateways[0]?.faults).toMatchObject([{ line: 1, path: '/http' }]);
  }, 60_000);

  test('waits while the hub is gone in the middle of a push, and goes on behind it', async () => {
    const version = await addVersion(`zones:\n  - { id: storage, status: available }\n`);
    site.hubProcess.kill();
    const pushed = push(version);
    expect(await over(await pushed)).toMatchObject({ state: 'done' });
    expect(await standing()).toMatchObject({ standing: 'in-step' });
  }, 90_000);

  test('a hundred times over restarts nothing and loses nothing', async () => {
    const { inForceHash } = await standing();
    const connects = reader.connects();
    const version = String((await standing()).wantedVersion);
    const of = { version: Number(version), gateways: ['lyon-1'], waveSize: 1 };
    for (let nr = 0; nr < 100; nr += 1) {
      const { push: number } = (await site.hub.post('/api/config/pushes', of)) as { push: number };
      expect((await over(number)).gateways[0]?.state).toBe('applied');
    }
    expect(reader.connects()).toBe(connects);
    expect((await standing()).inForceHash).toBe(inForceHash);
    const sent = reader.acknowledged.length;
    await eventually(async () => reader.acknowledged.length > sent + 20 || undefined);
    const applied = (await site.hubEvents()).filter(
      ({ kind }) => kind === 'gateway.config-applied',
    );
    expect(applied).toHaveLength(3);
    expect(site.gatewayProcess.restarts).toBe(0);
    const acknowledged = [...reader.acknowledged];
    const taken = await takenEpcs();
    expect(acknowledged.filter((epc) => !taken.has(epc))).toEqual([]);
  }, 300_000);

  test('gives way to a local override, which ends by itself when it is told to', async () => {
    const sections = join(site.gatewayDir, 'override.yaml');
    writeFileSync(
      sections,
      'zones: [{ id: storage, status: available }, { id: tent, status: available }]\n',
    );
    const config = join(site.gatewayDir, 'gateway.yaml');
    const former = ownFile();
    const of = { config, by: 'eng-7', reason: 'hub pushed the wrong zones', hours: '1' };
    await runTool({ part: 'edge', command: `override begin ${sections}`, options: of });
    expect(ownFile()).toContain('id: tent');
    const shown = await eventually(async () => {
      const one = await standing();
      return one.standing === 'override' ? one : undefined;
    });
    expect(shown.override).toMatchObject({ by: 'eng-7', reason: of.reason, deferredVersion: null });
    const version = await addVersion(`zones:\n  - { id: storage, status: quality-hold }\n`);
    const number = await push(version);
    await eventually(async () => (await standing()).override?.deferredVersion ?? undefined);
    expect(ownFile()).toContain('id: tent');
    await new Promise<void>((gone) => site.gatewayProcess.kill(gone));
    await site.gatewayProcess.whenReady();
    const { override } = (await (await site.api.ask('/config/override')).json()) as {
      override: unknown;
    };
    expect(override).toMatchObject({ by: 'eng-7', deferred: true });
    await runTool({ part: 'edge', command: 'override end', options: { config, by: 'eng-8' } });
    expect(await over(number)).toMatchObject({ state: 'done', gateways: [{ state: 'applied' }] });
    expect(ownFile()).not.toBe(former);
    expect(ownFile()).toContain('status: quality-hold');
    expect(await standing()).toMatchObject({ standing: 'in-step', override: null });
    const events = await eventually(async () => {
      const all = await site.hubEvents();
      const found = all.filter(({ kind }) => kind.startsWith('gateway.config-overrid'));
      return found.length >= 2 ? found : undefined;
    });
    expect(events.map(({ kind, state }) => [kind, state])).toEqual([
      ['gateway.config-overridden', 'applied'],
      ['gateway.config-override-ended', 'applied'],
    ]);
  }, 90_000);
});
