import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Fleet } from '#contracts/api/fleet-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import type { EventEvidence, MovementsPage } from '#contracts/api/stock-api.ts';
import { judgeTime } from '#contracts/time.ts';
import { startForeignPlc, type ForeignPlc } from '../devices/plc/testing/start-foreign-plc.ts';
import { runTool } from './stack/run-tool.ts';
import { docsBlock } from './testing/docs-block.ts';
import { eventually, startInstallation } from './testing/installation.ts';
import type { HubEvent, Installation } from './testing/installation.ts';

const run = promisify(execFile);
const { mosquittoPub, natsServer } = inject('programs');
const missing = natsServer === '' || mosquittoPub === '';

/** The sections of gateway.yaml: those of docs/operations.md, and what else stands in this hall. */
function siteText(plc: ForeignPlc): string {
  const reader = docsBlock('operations.md', 'keys/dock-reader.password');
  const conveyor = docsBlock('operations.md', 'id: conveyor-1')
    .replace('devices:\n', '')
    .replace(/opc\.tcp:\S+/, plc.endpoint)
    .replace(/"nsu=\S*Produced"/, JSON.stringify(plc.nodes.count))
    .replace(/"nsu=\S*CurrentState"/, JSON.stringify(plc.nodes.state));
  return `
observe: { minReads: 1, absentAfterMs: 60000, moveReads: 2, passWindowMs: 3000 }
zones:
  - { id: receiving-dock, status: receiving }
  - { id: storage, status: available }
  - { id: cold-store, status: available, temperature: { min: 2, max: 8 } }
  - { id: freezer, status: available, temperature: { max: 4.2 } }
${reader}
${conveyor}
  - id: conveyor-2
    profile: packml
    zone: storage
    buffers: false
    silentAfterMs: 60000
    opcua:
      endpoint: ${plc.endpoint}
      trustFirst: true
      samplingMs: 100
      queueSize: 50
      tags: [{ name: defects, role: counter, node: "${plc.nodes.defects}" }]
  - id: shelf-reader
    profile: impinj-r700
    zone: receiving-dock
    mqtt: { username: shelf-reader, passwordFile: keys/shelf-reader.password }
    buffers: true
    silentAfterMs: 60000
  - id: gate-reader
    profile: zebra-iotc
    zone: receiving-dock
    mqtt: { username: gate, passwordFile: keys/gate.password, topic: hall-1/gate }
    buffers: true
    silentAfterMs: 60000
  - id: bridge
    profile: zigbee2mqtt
    mqtt: { username: bridge, passwordFile: keys/bridge.password, topic: zigbee2mqtt }
    sensors: [{ name: cold room, zone: cold-store }]
    buffers: false
    silentAfterMs: 600000
  - id: plant-node
    profile: sparkplug-b
    mqtt: { username: plant, passwordFile: keys/plant.password, topic: spBv1.0/plant/+/edge-1 }
    sensors: [{ name: cold-1, zone: freezer }]
    buffers: false
    silentAfterMs: 600000
`;
}

describe.skipIf(missing)('real input, no simulator (needs nats-server, mosquitto_pub)', () => {
  let site: Installation;
  let plc: ForeignPlc;

  beforeAll(async () => {
    plc = await startForeignPlc(['--step-ms', '100']);
    site = await startInstallation(siteText(plc));
  }, 120_000);
  afterAll(async () => {
    await site?.stop();
    await plc?.kill();
  });

  const fleet = async () => (await site.hub.get(apiPaths.fleet)) as Fleet;

  /** Looks at what the hub has applied until all these are there. */
  function events(of: (event: HubEvent) => boolean, atLeast = 1): Promise<HubEvent[]> {
    return eventually(async () => {
      const found = (await site.hubEvents()).filter(of);
      return found.length >= atLeast ? found : undefined;
    });
  }

  /** Publishes a file of a device's own bytes, as one message. */
  async function publish(device: string, user: string, topic: string, file: URL, qos = 1) {
    const args = ['-h', '127.0.0.1', '-p', String(site.mqttPort), '-q', String(qos)];
    const who = ['-u', user, '-P', site.passwordOf(device), '-i', user];
    await run(mosquittoPub, [...args, ...who, '-t', topic, '-f', file.pathname]);
  }

  test('a tag through the portal, as docs/operations.md has it, is stock with proof', async () => {
    const typed = docsBlock('operations.md', 'mosquitto_pub -h')
      .replace('-p 1883', `-p ${site.mqttPort}`)
      .replace('PASSWORD', site.passwordOf('dock-reader'));
    await run('sh', ['-euc', typed]);
    const item = '80614141123458';
    const row = await eventually(async () => {
      return (await site.hub.stock()).find((one) => one.item === item);
    });
    expect(row).toMatchObject({
      site: 'lyon',
      zone: 'receiving-dock',
      status: 'receiving',
      quantity: 1,
    });
    const { zone, status, owner } = row;
    const query = new URLSearchParams({ site: 'lyon', zone, status, owner, item });
    const movements = (await site.hub.get(`${apiPaths.movements}?${query}`)) as MovementsPage;
    expect(movements.rows).toMatchObject([
      {
        kind: 'stock.received',
        quantity: 1,
        device: 'dock-reader',
        serials: ['3074257BF7194E4000001A85'],
      },
    ]);
    const evidence = (await site.hub.get(
      `/api/events/${movements.rows[0]?.event}`,
    )) as EventEvidence;
    expect(evidence).toMatchObject({
      state: 'applied',
      chainVerified: true,
      signatureVerified: true,
    });
    const [pass] = await events(({ kind }) => kind === 'portal.passed');
    expect(pass).toMatchObject({
      header: { device: 'dock-reader', timeQuality: 'device' },
      payload: { direction: 'in', portal: 'door-1', reads: 6 },
    });
  });

  test('readers’ messages are kept byte for byte, and every tag in them is seen', async () => {
    const fixed = fixtures('zebra').filter((file) => !file.pathname.endsWith('/handheld.json'));
    const files = { impinj: fixtures('impinj'), zebra: fixed };
    for (const file of files.impinj) {
      await publish('shelf-reader', 'shelf-reader', 'shelf-reader/events', file);
    }
    for (const file of files.zebra) await publish('gate-reader', 'gate', 'hall-1/gate/data', file);
    const tags = [
      '300833B2DDD9014000000000',
      '3074257BF7194E4000001A85',
      '3174257BF4499602D2000000',
      'E28011606000020534B2E5A1',
      'E2801160600002054E8D11F1',
      'E2801160600002054E8D11F2',
      'AA0004EF55555555AA21BF43',
      'AA0004EF55555555AA21BF44',
      'AA0004EF55555555AA21BF45',
      '000000000000000000000000',
    ];
    const seen = await events(({ kind }) => kind === 'tag.appeared', tags.length);
    expect(seen.map(({ payload }) => String(payload['epc'])).sort()).toEqual(tags.sort());
    const intake = await runTool({
      part: 'edge',
      command: 'intake export',
      options: { data: join(site.gatewayDir, 'data') },
    });
    for (const file of [...files.impinj, ...files.zebra]) {
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      expect(intake, file.pathname).toContain(sha256);
    }
    const { devices } = await fleet();
    for (const device of ['shelf-reader', 'gate-reader']) {
      const row = devices.find((one) => one.device === device);
      expect(row).toMatchObject({ quarantined: 0, covered: true });
    }
    // However old the bytes are: the reading is kept, and its time is judged.
    const old = seen.find(({ payload }) => payload['epc'] === 'E28011606000020534B2E5A1');
    const claimedMs = Date.UTC(2026, 3, 2, 12, 0, 0, 200);
    const { quality } = judgeTime(claimedMs, Number(old?.header['receivedAt']));
    expect(old?.header['timeQuality']).toBe(quality);
    if (quality === 'implausible') expect(old?.header['claimedAt']).toBe(claimedMs);
  });

  test('a temperature above its limit is an alert', async () => {
    const [sensor] = fixtures('zigbee2mqtt').filter((file) => file.pathname.endsWith('.json'));
    if (sensor === undefined) throw new Error('the Zigbee2MQTT fixture is gone');
    await publish('bridge', 'bridge', 'zigbee2mqtt/cold room', sensor);
    const alert = await eventually(async () => {
      return (await fleet()).alerts.find(({ zone }) => zone === 'cold-store');
    });
    expect(alert).toMatchObject({ type: 'excursion', open: true, gateway: 'lyon-1' });
    expect(alert.text).toContain('27.34 °C');
    const row = (await fleet()).devices.find(({ device }) => device === 'bridge');
    expect(row).toMatchObject({ covered: false, uncoveredReason: 'no-buffer', quarantined: 0 });
  });

  test('Sparkplug births and data by alias are read as they come from the node', async () => {
    const file = (name: string) =>
      new URL(`../devices/sparkplug-b/fixtures/${name}`, import.meta.url);
    const send = (type: string, name: string) =>
      publish('plant-node', 'plant', `spBv1.0/plant/${type}`, file(name), 0);
    await send('NBIRTH/edge-1', 'nbirth.bin');
    await send('DBIRTH/edge-1/cold-1', 'dbirth.bin');
    await send('DDATA/edge-1/cold-1', 'ddata-alias.bin');
    const [started] = await events(
      ({ kind, header }) =>
        kind === 'climate.excursion-started' && header['device'] === 'plant-node',
    );
    expect(started?.payload).toMatchObject({
      zone: 'freezer',
      measure: 'temperature',
      value: 4500,
    });
    const row = await eventually(async () => {
      return (await fleet()).devices.find(({ device }) => device === 'plant-node');
    });
    expect(row).toMatchObject({ covered: false, uncoveredReason: 'qos0', quarantined: 0 });
  });

  test('a PLC of strangers counts and changes state once its certificate is trusted', async () => {
    const pki = join(site.gatewayDir, 'data/pki/conveyor-1');
    const rejected = join(pki, 'rejected');
    const certificate = await eventually(() =>
      Promise.resolve(existsSync(rejected) ? readdirSync(rejected)[0] : undefined),
    );
    const said = (await site.hubEvents()).filter(({ header }) => header['device'] === 'conveyor-1');
    expect(said.filter(({ kind }) => kind !== 'device.fault-raised')).toEqual([]);
    expect(readdirSync(join(pki, 'own/certs'))).toContain('client_certificate.pem');
    renameSync(join(rejected, certificate), join(pki, 'trusted/certs', certificate));
    const counted = await events(
      ({ kind, header }) => kind === 'counter.advanced' && header['device'] === 'conveyor-1',
    );
    expect(counted[0]?.payload).toMatchObject({ counter: 'produced', zone: 'receiving-dock' });
    await plc.tell('state Execute');
    const [changed] = await events(
      ({ kind, payload }) => kind === 'machine.state-changed' && payload['state'] === 'Execute',
    );
    expect(changed?.header).toMatchObject({ device: 'conveyor-1', timeQuality: 'device' });
    const row = await eventually(async () => {
      return (await fleet()).devices.find((one) => one.device === 'conveyor-1' && one.connected);
    });
    expect(row).toMatchObject({ covered: false, uncoveredReason: 'polled' });
  });

  test('a PLC that is trusted at first sight needs no hand', async () => {
    await eventually(async () => {
      return (await fleet()).devices.find((one) => one.device === 'conveyor-2' && one.connected);
    });
    await plc.tell('defects 3');
    const [counted] = await events(
      ({ kind, header }) => kind === 'counter.advanced' && header['device'] === 'conveyor-2',
    );
    expect(counted?.payload).toMatchObject({ counter: 'defects', zone: 'storage' });
  });
});

/** A family's own bytes. */
function fixtures(family: string): URL[] {
  const folder = new URL(`../devices/${family}/fixtures/`, import.meta.url);
  return readdirSync(folder)
    .sort()
    .map((name) => new URL(name, folder));
}
