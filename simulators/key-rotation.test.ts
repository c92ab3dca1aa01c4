import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runTool } from './stack/run-tool.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');

const sections = `
zones:
  - { id: storage, status: available }
devices:
  - id: shelf
    profile: impinj-r700
    zone: storage
    mqtt: { username: shelf, passwordFile: keys/shelf.password }
    buffers: true
    silentAfterMs: 600000
`;

let site: Installation;

async function sendTag(serial: number): Promise<void> {
  const client = await mqtt.connectAsync({
    host: '127.0.0.1',
    port: site.mqttPort,
    username: 'shelf',
    password: site.passwordOf('shelf'),
  });
  const epcHex = `3074257BF71000${serial.toString(16).toUpperCase().padStart(10, '0')}`;
  const event = { eventType: 'tagInventory', tagInventoryEvent: { epcHex, antennaPort: 1 } };
  for (let read = 0; read < 5; read += 1) {
    await client.publishAsync('shelf/events', JSON.stringify(event), { qos: 1 });
  }
  await client.endAsync();
}

async function allCommitted(): Promise<boolean> {
  const status = await site.api.status();
  return (
    status !== undefined && status.intakeBacklog === 0 && status.committed === status.journalled
  );
}

async function hubKey(): Promise<string> {
  const options = { config: join(site.hubDir, 'hub.yaml') };
  const printed = await runTool({ part: 'hub', command: 'gateway list', options });
  return (JSON.parse(printed) as { signingKey: string }).signingKey;
}

describe.skipIf(natsServer === '')('the key that signs the journal (needs nats-server)', () => {
  beforeAll(async () => {
    site = await startInstallation(sections);
  }, 120_000);
  afterAll(async () => {
    await site.stop();
  });

  test.each(['with the hub there', 'with the hub away and the gateway killed'])(
    'is rotated %s: the hub follows, and nothing is lost or refused',
    async (when) => {
      const file = join(site.gatewayDir, 'keys/signing.pem');
      const config = join(site.gatewayDir, 'gateway.yaml');
      const [former, known] = [readFileSync(file, 'utf8'), await hubKey()];
      const isAway = when.includes('away');
      if (isAway) {
        site.natsProcess.kill();
        await site.natsProcess.stop();
      }
      const printed = await runTool({ part: 'edge', command: 'rotate-key', options: { config } });
      const { nextKeyId } = JSON.parse(printed) as { nextKeyId: string };
      await sendTag(isAway ? 1 : 2);
      if (isAway) {
        expect(readFileSync(file, 'utf8')).toBe(former);
        await new Promise<void>((gone) => site.gatewayProcess.kill(gone));
        await site.gatewayProcess.whenReady();
        await site.natsProcess.start();
      }
      await eventually(async () => readFileSync(file, 'utf8') !== former || undefined);
      expect(existsSync(`${file}.next`)).toBe(false);
      expect(await hubKey()).not.toBe(known);
      await sendTag(isAway ? 3 : 4);
      await eventually(async () => (await allCommitted()) || undefined);
      const events = await site.hubEvents();
      const rotations = events.filter(({ payload }) => payload['keyId'] === nextKeyId);
      expect(rotations).toMatchObject([{ kind: 'gateway.key-rotated', state: 'applied' }]);
      const data = join(site.gatewayDir, 'data');
      const verified = await runTool({
        part: 'edge',
        command: 'journal verify',
        options: { data },
      });
      expect(JSON.parse(verified)).toMatchObject({ chain: 'ok' });
      const fleet = (await site.hub.get('/api/fleet')) as { gateways: unknown[] };
      expect(fleet.gateways).toMatchObject([{ quarantinedAtHub: 0 }]);
    },
    120_000,
  );

  test('is followed by a hub from a backup of before its rotation, without a person', async () => {
    const config = join(site.gatewayDir, 'gateway.yaml');
    const [data, backup] = [join(site.hubDir, 'data'), join(site.hubDir, 'backup')];
    const restart = async (between: () => void) => {
      site.hubProcess.kill();
      await site.hubProcess.stop();
      between();
      await site.hubProcess.start();
    };
    const former = await hubKey();
    await restart(() => cpSync(data, backup, { recursive: true }));
    const printed = await runTool({ part: 'edge', command: 'rotate-key', options: { config } });
    const { nextKeyId } = JSON.parse(printed) as { nextKeyId: string };
    const next = join(site.gatewayDir, 'keys/signing.pem.next');
    await eventually(async () => !existsSync(next) || undefined);
    await sendTag(5);
    await eventually(async () => (await allCommitted()) || undefined);
    await restart(() => {
      rmSync(data, { recursive: true });
      cpSync(backup, data, { recursive: true });
    });
    expect(await hubKey()).toBe(former);
    await eventually(async () => {
      const events = await site.hubEvents();
      const rotated = events.some(({ payload }) => payload['keyId'] === nextKeyId);
      return (rotated && (await hubKey()) !== former && (await allCommitted())) || undefined;
    });
  }, 120_000);
});
