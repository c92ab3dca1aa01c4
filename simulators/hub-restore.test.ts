import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { SupervisedProcess } from './stack/supervised-process.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');

const sections = `
observe: { minReads: 1, absentAfterMs: 600000, moveReads: 1, passWindowMs: 3000 }
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

/** Kills it, does something with its files while nobody has them open, and waits for it. */
async function meanwhile(process: SupervisedProcess, what: () => void): Promise<void> {
  let isDone = false;
  process.kill(() => {
    what();
    isDone = true;
  });
  await eventually(async () => isDone || undefined);
  await process.whenReady();
}

/** Waits until the hub has said that it holds everything. @returns how many events that is. */
async function settled({ api }: Installation, atLeast: number): Promise<number> {
  return await eventually(async () => {
    const status = await api.status();
    if (status === undefined || status.intakeBacklog > 0) return undefined;
    const isWhole = status.journalled >= atLeast && status.committed === status.journalled;
    return isWhole ? status.journalled : undefined;
  });
}

test.skipIf(natsServer === '').each([
  ['and the stream still has it', false],
  ['and nats-server lost its store as well', true],
])(
  'a hub put back from an older backup is sent what it lost, %s, each event once (needs nats-server)',
  { timeout: 180_000 },
  async (_, streamIsLost) => {
    const site = await startInstallation(sections);
    onTestFinished(() => site.stop());
    const client = await mqtt.connectAsync({
      host: '127.0.0.1',
      port: site.mqttPort,
      username: 'shelf',
      password: site.passwordOf('shelf'),
      clientId: 'shelf',
    });
    onTestFinished(() => void client.end(true));
    let tags = 0;
    const see = async (count: number) => {
      for (const end = tags + count; tags < end; tags += 1) {
        const epcHex = `3074257BF71000${tags.toString(16).toUpperCase().padStart(10, '0')}`;
        const event = { eventType: 'tagInventory', tagInventoryEvent: { epcHex, antennaPort: 1 } };
        await client.publishAsync('shelf', JSON.stringify(event), { qos: 1 });
      }
    };

    await see(40);
    const before = await settled(site, 40);
    const data = join(site.hubDir, 'data');
    const backup = join(site.hubDir, 'backup');
    const store = join(site.hubDir, 'nats');
    await meanwhile(site.hubProcess, () => cpSync(data, backup, { recursive: true }));
    await see(60);
    const after = await settled(site, before + 60);

    if (streamIsLost) await meanwhile(site.natsProcess, () => rmSync(store, { recursive: true }));
    await meanwhile(site.hubProcess, () => {
      rmSync(data, { recursive: true });
      cpSync(backup, data, { recursive: true });
    });
    await see(5);
    const last = await settled(site, after + 5);
    const events = await eventually(async () => {
      const held = await site.hubEvents();
      return held.length >= last ? held : undefined;
    });
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ kind }) => kind === 'tag.appeared')).toHaveLength(tags);
    expect(new Set(events.map(({ state }) => state))).toEqual(new Set(['applied']));
  },
);
