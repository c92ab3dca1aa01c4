import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { InTransitPage } from '#contracts/api/in-transit-api.ts';
import type { StockPage } from '#contracts/api/stock-api.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';

const { natsServer } = inject('programs');

const zones = `
zones:
  - { id: hall-1, status: available, gateway: lyon-1, site: lyon }
  - { id: hall-2, status: available, gateway: metz-1, site: metz-1 }
`;
const sections = (zone: string) => `
observe: { minReads: 1, absentAfterMs: 1000, moveReads: 1, passWindowMs: 1500 }
posting: { receive: post, move: post, ship: post, confirmReads: 1 }
${zones}
portals:
  - { id: door, zone: ${zone} }
devices:
  - id: gate
    profile: impinj-r700
    antennas:
      - { antenna: 1, portal: door, side: outside }
      - { antenna: 2, portal: door, side: inside }
    mqtt: { username: gate, passwordFile: keys/gate.password }
    buffers: true
    silentAfterMs: 600000
`;

let lyon: Installation;

/** The readers at the two doors; one that is away may still bring what it saw. */
const readers: MqttClient[] = [];

async function startReader(port: number, password: string): Promise<MqttClient> {
  const options = { host: '127.0.0.1', port, username: 'gate', password, clientId: 'gate' };
  const client = await mqtt.connectAsync(options);
  readers.push(client);
  return client;
}

/** A tag goes in through the door of a gateway. */
async function passIn(client: MqttClient | undefined, epcHex: string, overMs = 0): Promise<void> {
  // It takes three seconds, as the reader has it, which sends it all at the end.
  for (const [antennaPort, agoMs] of [
    [1, 3400],
    [1, 2500],
    [2, 1300],
    [2, 400],
  ] as const) {
    const event = {
      eventType: 'tagInventory',
      timestamp: new Date(Date.now() - overMs - agoMs).toISOString(),
      tagInventoryEvent: { epcHex, antennaPort, peakRssiCdbm: -5000 },
    };
    await client?.publishAsync('gate/events', JSON.stringify(event), { qos: 1 });
  }
}

const throughLyon = (epc: string) => passIn(readers[0], epc, 5000);
const throughMetz = (epc: string) => passIn(readers[1], epc);

async function stock(): Promise<Record<string, number>> {
  const { rows } = (await lyon.hub.get('/api/stock')) as StockPage;
  return Object.fromEntries(rows.map(({ site, zone, quantity }) => [`${site} ${zone}`, quantity]));
}

const inTransit = async () => (await lyon.hub.get('/api/in-transit')) as InTransitPage;

/** By account, over all journals. */
async function balances(): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { kind, payload } of await lyon.hubEvents()) {
    if (!kind.startsWith('stock.') || payload['lines'] === undefined) continue;
    for (const { account, quantity } of payload['lines'] as {
      account: { type: string; zone?: string; lane?: string };
      quantity: number;
    }[]) {
      const key = account.zone ?? account.lane ?? account.type;
      sums[key] = (sums[key] ?? 0) + quantity;
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

describe.skipIf(natsServer === '')('things between two gateways (needs nats-server)', () => {
  beforeAll(async () => {
    lyon = await startInstallation(sections('hall-1'));
    const metz = await lyon.addGateway('metz-1', sections('hall-2'));
    await startReader(lyon.mqttPort, lyon.passwordOf('gate'));
    await startReader(metz.mqttPort, metz.passwords.get('gate') ?? '');
  }, 60_000);
  afterAll(async () => {
    for (const reader of readers) await reader.endAsync();
    await lyon.stop();
  });

  test('that only readers saw are once in the books, also when the hub was away meanwhile', async () => {
    const [first, second] = ['3074257BF7194E4000001A85', '3074257BF7194E4000001A86'] as const;
    await throughLyon(first);
    await throughLyon(second);
    await eventually(async () => ((await stock())['lyon hall-1'] === 2 ? true : undefined));
    // It is taken in elsewhere, and nobody has said that it left.
    await throughMetz(first);
    await eventually(async () => {
      const now = await stock();
      return now['lyon hall-1'] === 1 && now['metz-1 hall-2'] === 1 ? true : undefined;
    });
    await lyon.hubProcess.stop();
    await throughMetz(second);
    await lyon.hubProcess.start();
    await eventually(async () => {
      const now = await stock().catch((): Record<string, number> => ({}));
      return now['metz-1 hall-2'] === 2 && now['lyon hall-1'] === undefined ? true : undefined;
    });
    await eventually(async () => ((await inTransit()).total === 0 ? true : undefined));
    expect(await balances()).toEqual({ supplier: -2, 'hall-2': 2 });
  }, 60_000);
});
