import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { floorPaths, type FloorActAnswer } from '#contracts/api/floor-api.ts';
import type { FloorTransfer, FloorTransfers } from '#contracts/api/floor-transfers-api.ts';
import type { InTransitPage } from '#contracts/api/in-transit-api.ts';
import type { StockPage } from '#contracts/api/stock-api.ts';
import type { GatewayClient } from './stack/gateway-client.ts';
import { runTool } from './stack/run-tool.ts';
import { eventually, startInstallation, type Installation } from './testing/installation.ts';
import { PageClient } from './testing/page-client.ts';

const { natsServer } = inject('programs');

const zones = `
zones:
  - { id: hall-1, status: available, gateway: lyon-1, site: lyon }
  - { id: hall-2, status: available, gateway: metz-1, site: metz-1 }
`;
const sections = (zone: string) => `
observe: { minReads: 1, absentAfterMs: 1000, moveReads: 1, passWindowMs: 1500 }
posting: { receive: post, move: post, ship: post, confirmReads: 1 }
floor: { peopleFile: keys/people.json }
items: [{ item: bolt, tracking: bulk }]
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

type Site = Pick<Installation, 'api' | 'gatewayProcess'>;
let lyon: Installation;
let metz: Site;

const password = 'correct horse';
/** The same person at both. */
let here: Person;
let there: Person;

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

/** Somebody at the floor page of a gateway, who sends what got no answer again, as the page does. */
class Person {
  readonly #page: PageClient;
  readonly #name: string;
  #acts = 0;

  constructor(name: string, { url }: GatewayClient) {
    this.#name = name;
    this.#page = new PageClient(Number(new URL(url).port));
  }

  async signIn(): Promise<void> {
    const of = { username: 'anna', password };
    await eventually(async () => {
      const { status } = await this.#page.ask('POST', floorPaths.session, of);
      return status === 200 ? true : undefined;
    });
  }

  async act(body: object): Promise<FloorActAnswer> {
    this.#acts += 1;
    const act = { id: `${this.#name}-act-${this.#acts}`, ...body };
    return await eventually(async () => {
      const answer = await this.#page
        .ask('POST', floorPaths.acts, act)
        .catch((): undefined => undefined);
      if (answer === undefined || answer.status === 503) return undefined;
      return (await answer.json()) as FloorActAnswer;
    });
  }

  async transfers(): Promise<readonly FloorTransfer[]> {
    return (await this.#page.get<FloorTransfers>(floorPaths.transfers)).transfers;
  }

  /** The only one that is on its way. */
  async only(): Promise<FloorTransfer> {
    return await eventually(async () => {
      const [of, ...others] = await this.transfers().catch(() => []);
      return others.length === 0 ? of : undefined;
    });
  }

  async isDone(): Promise<void> {
    await eventually(async () => {
      const all = await this.transfers().catch(() => undefined);
      return all?.length === 0 ? true : undefined;
    });
  }
}

const bolts = (quantity: number) => ({ goods: { item: 'bolt', quantity } });
const over = (what: object) => ({ type: 'move', what, zone: 'hall-1', toZone: 'hall-2' });
const into = (what: object, of: object) => ({ type: 'receive', what, zone: 'hall-2', ...of });
const applied = { outcome: 'applied' };

async function stock(item?: string): Promise<Record<string, number>> {
  const of = item === undefined ? '' : `?item=${item}`;
  const { rows } = (await lyon.hub.get(`/api/stock${of}`)) as StockPage;
  const sums: Record<string, number> = {};
  for (const { site, zone, quantity } of rows) {
    sums[`${site} ${zone}`] = (sums[`${site} ${zone}`] ?? 0) + quantity;
  }
  return sums;
}

/** Until the hub has so much in the two halls, and nothing of it between them. */
async function settled(item: string, lyonHas: number, metzHas: number): Promise<void> {
  await eventually(async () => {
    const now = await stock(item).catch((): undefined => undefined);
    const { total } = await inTransit().catch(() => ({ total: -1 }));
    const is = [now?.['lyon hall-1'] ?? 0, now?.['metz-1 hall-2'] ?? 0, total];
    return is.join() === [lyonHas, metzHas, 0].join() ? true : undefined;
  });
}

async function firstItem(): Promise<string | undefined> {
  const { rows } = (await lyon.hub.get('/api/stock')) as StockPage;
  return rows.find(({ item }) => item !== 'bolt')?.item;
}

const inTransit = async () => (await lyon.hub.get('/api/in-transit')) as InTransitPage;

/** By account, over all journals: of one item, or of all. */
async function balances(of?: string): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { kind, payload } of await lyon.hubEvents()) {
    if (!kind.startsWith('stock.') || payload['lines'] === undefined) continue;
    for (const { account, item, quantity } of payload['lines'] as {
      account: { type: string; zone?: string; lane?: string };
      item: string;
      quantity: number;
    }[]) {
      if (of !== undefined && item !== of) continue;
      const key = account.zone ?? account.lane ?? account.type;
      sums[key] = (sums[key] ?? 0) + quantity;
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

describe.skipIf(natsServer === '')('things between two gateways (needs nats-server)', () => {
  beforeAll(async () => {
    lyon = await startInstallation(sections('hall-1'));
    const other = await lyon.addGateway('metz-1', sections('hall-2'));
    metz = other;
    await startReader(lyon.mqttPort, lyon.passwordOf('gate'));
    await startReader(other.mqttPort, other.passwords.get('gate') ?? '');
    const secret = join(lyon.hubDir, 'anna.password');
    writeFileSync(secret, `${password}\n`, { mode: 0o600 });
    await runTool({
      part: 'hub',
      command: 'person add',
      options: {
        username: 'anna',
        name: 'Anna Berg',
        role: 'supervisor',
        sites: 'lyon,metz-1',
        'password-file': secret,
        config: join(lyon.hubDir, 'hub.yaml'),
      },
    });
    here = new Person('lyon', lyon.api);
    there = new Person('metz', metz.api);
    await here.signIn();
    await there.signIn();
  }, 90_000);
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

  test('that persons send leave, are on their way, and arrive, as many as came', async () => {
    expect(await here.act({ type: 'receive', what: bolts(30), zone: 'hall-1' })).toMatchObject(
      applied,
    );
    expect(await here.act(over(bolts(12)))).toMatchObject(applied);
    const { transfer } = await there.only();
    expect(await there.act(into(bolts(13), { transfer }))).toMatchObject({
      refusal: { code: 'over-document' },
    });
    expect(await there.act(into(bolts(10), { transfer }))).toMatchObject(applied);
    // Two of them never came: they are still on their way, for both.
    await eventually(async () => ((await inTransit()).lanes[0]?.onTheWay === 2 ? true : undefined));
    const sent = await here.only();
    expect(sent).toMatchObject({ isOwn: true, other: 'metz-1' });
    expect((await there.only()).lines).toMatchObject([{ quantity: 12, left: 2 }]);
    expect(await balances('bolt')).toEqual({
      supplier: -30,
      'hall-1': 18,
      'lyon-1>metz-1': 2,
      'hall-2': 10,
    });
    // They had never been on the lorry.
    expect(
      await here.act({
        type: 'receive',
        what: bolts(2),
        zone: 'hall-1',
        transfer: sent.transfer,
      }),
    ).toMatchObject(applied);
    await settled('bolt', 20, 10);
    await here.isDone();
    await there.isDone();
  }, 60_000);

  test('that are in a unit go as one', async () => {
    const unit = 'lpn:cart-7';
    await here.act({ type: 'pack', parent: unit, zone: 'hall-1', goods: [bolts(5).goods] });
    expect(await here.act(over({ unit }))).toMatchObject(applied);
    const { transfer } = await there.only();
    expect(await there.act(into({ unit }, { transfer }))).toMatchObject(applied);
    await settled('bolt', 15, 15);
    await here.isDone();
    await there.isDone();
  }, 60_000);

  test('that are sent and received while the hub is away are settled when it is back', async () => {
    await lyon.hubProcess.stop();
    expect(await here.act(over(bolts(4)))).toMatchObject(applied);
    expect(await there.act(into(bolts(4), { from: 'lyon-1' }))).toMatchObject(applied);
    await lyon.hubProcess.start();
    await settled('bolt', 11, 19);
    await here.isDone();
    await there.isDone();
  }, 60_000);

  test('that are read there before the word of their leaving came are taken out of the lane', async () => {
    const third = '3074257BF7194E4000001A87';
    const item = (await firstItem()) ?? '';
    await throughLyon(third);
    await settled(item, 1, 2);
    await lyon.hubProcess.stop();
    const serial = { goods: { item, quantity: 1, serials: [third] } };
    expect(await here.act(over(serial))).toMatchObject(applied);
    await lyon.gatewayProcess.stop();
    await lyon.hubProcess.start();
    await throughMetz(third);
    await eventually(async () => {
      return (await stock(item).catch(() => undefined))?.['metz-1 hall-2'] === 3 ? true : undefined;
    });
    await lyon.gatewayProcess.start();
    await settled(item, 0, 3);
    await here.isDone();
    await there.isDone();
    expect(await balances(item)).toEqual({ supplier: -3, 'hall-2': 3 });
  }, 90_000);

  test('are counted once, whoever is killed in the middle of it', async () => {
    for (const round of [1, 2, 3]) {
      const gone = here.act(over(bolts(1)));
      lyon.gatewayProcess.kill();
      if (round === 2) lyon.hubProcess.kill();
      expect(await gone).toMatchObject(applied);
      const { transfer } = await there.only();
      const come = there.act(into(bolts(1), { transfer }));
      metz.gatewayProcess.kill();
      if (round === 3) lyon.hubProcess.kill();
      expect(await come).toMatchObject(applied);
      await settled('bolt', 11 - round, 19 + round);
      await here.isDone();
      await there.isDone();
    }
    expect(await balances('bolt')).toEqual({ supplier: -30, 'hall-1': 8, 'hall-2': 22 });
  }, 180_000);
});
