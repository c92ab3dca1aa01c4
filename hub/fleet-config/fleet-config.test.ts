import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { encodeCanonical } from '#contracts/canonical.ts';
import {
  downlinkRequestText,
  type ConfigReport,
  type DownlinkAnswer,
  type DownlinkOutcome,
  type DownlinkPull,
} from '#contracts/downlink.ts';
import { inboxPrefix, subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import { parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { HubCore } from '../core.ts';
import type { DownlinkAuthor } from '../downlink/append-downlink.ts';
import { NatsServer } from '../intake/testing/nats-server.ts';
import { newCore, newHubKey, quiet, realClock, tenant, until } from '../intake/testing/test-hub.ts';
import { openHubStore } from '../open-hub-store.ts';
import type { GatewayView } from '../projections/gateway-view.ts';
import type { Store } from '../store/store.ts';
import { checkConfigText } from './check-config-text.ts';
import { createFleetConfig, type FleetConfigService } from './fleet-config.ts';
import { PushRunner } from './push-runner.ts';

const { natsServer } = inject('programs');
const text = 'zones: [{ id: dock, status: receiving, gateway: gw-1 }]\n';
const hashes = { mine: 'a'.repeat(64), other: 'b'.repeat(64) };

let nats: NatsServer;
let store: Store;
let core: HubCore;
let runner: PushRunner;
let fleet: FleetConfigService;
let author: DownlinkAuthor;
/** Gateways whose health the test takes away. */
const ill = new Set<string>();
const open: { close(): Promise<void> }[] = [];

async function startHub(): Promise<void> {
  const key = newHubKey();
  core = newCore(store, nats.url, quiet, key);
  author = { tenant, key, clock: realClock };
  runner = new PushRunner({
    store,
    author,
    gateways: () => core.gateways().map((one) => ({ ...one, now: healthy(one) })),
    away: () => (core.status().nats === 'connected' ? undefined : 'no connection to NATS'),
    sent: () => core.nudge(),
    changed: () => undefined,
    log: quiet,
  });
  fleet = createFleetConfig(store, realClock, runner);
  await core.start();
  runner.start();
  await until(() => core.status().nats === 'connected');
}

function healthy({ gateway }: GatewayView): GatewayView['now'] {
  const health = { uplink: 'live', intake: 'open' };
  return {
    facts: { health },
    silent: ill.has(gateway),
    devices: [],
  } as unknown as GatewayView['now'];
}

async function stopHub(): Promise<void> {
  await runner.stop();
  await core.stop();
}

/** A gateway by hand: pulls when it is told to, and says what the test has it say. */
async function gatewayAt(name: string) {
  const address: GatewayAddress = {
    tenant,
    site: parseSiteId('berlin'),
    gateway: parseGatewayId(name),
  };
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const registration = { site: 'berlin', gateway: name, nkeyPublic: `U${name}` };
  await core.registerGateway({ ...registration, signingKey: raw.toString('base64') });
  const connection = await connect({ servers: nats.url, inboxPrefix: inboxPrefix(address) });
  open.push(connection);
  let number = 0;
  const state = {
    settled: 0,
    hash: hashes.mine,
    owner: 'hub' as 'hub' | 'file',
    override: undefined as ConfigReport['override'],
  };

  async function pull(outcomes: DownlinkOutcome[] = [], key: KeyObject = privateKey) {
    number += 1;
    const { hash, override, owner, settled } = state;
    const request: DownlinkPull = {
      ...address,
      number,
      outcomes,
      report: { config: { appliedAtMs: 1, hash, owner, ...(override && { override }) } },
      settled,
      type: 'pull',
      v: 1,
    };
    const signature = sign(null, Buffer.from(downlinkRequestText(request)), key).toString('base64');
    const subject = subjectOf(address, 'downlink');
    const message = encodeCanonical({ request, signature });
    const reply = await connection.request(subject, message, { timeout: 1_000 });
    return reply.json<{ answer: DownlinkAnswer }>().answer;
  }

  /** Waits for the next entry and settles it. */
  async function settle(of: Partial<DownlinkOutcome> = {}): Promise<number> {
    let seq = 0;
    await until(async () => {
      seq = (await pull()).entry?.entry.seq ?? 0;
      return seq > 0;
    });
    state.settled = seq;
    const outcome = {
      atMs: 5,
      kind: 'config',
      result: 'applied',
      seq,
      inForce: hashes.mine,
    } as const;
    await pull([{ ...outcome, ...of }]);
    return seq;
  }
  return { pull, settle, state, address };
}

async function pushed(gateways: string[], waveSize = 1): Promise<number> {
  const added = await fleet.add({ text, note: 'test', author: 'me' });
  if (!added.ok) throw new Error(added.refusal.message);
  const { version } = added.value;
  const push = await fleet.push({ version, gateways, waveSize, author: 'me' });
  if (!push.ok) throw new Error(push.refusal.message);
  return push.value;
}

async function shown(push: number) {
  const { pushes } = await fleet.pushes();
  const found = pushes.find((one) => one.push === push);
  if (found === undefined) throw new Error('no such push');
  return { ...found, states: found.gateways.map(({ state }) => state) };
}

async function startAll(): Promise<void> {
  ill.clear();
  nats = await new NatsServer().start();
  store = await openHubStore({ file: `${nats.folder}/hub.db`, log: quiet, clock: realClock });
  await startHub();
}

async function stopAll(): Promise<void> {
  for (const one of open.splice(0)) await one.close();
  await stopHub();
  await store.close();
  await nats.stop();
}

describe.skipIf(natsServer === '')('a push in waves (needs nats-server)', () => {
  beforeEach(startAll);
  afterEach(stopAll);

  test('goes on to the next gateway when the one before has it and is healthy', async () => {
    const [first, second] = [await gatewayAt('gw-1'), await gatewayAt('gw-2')];
    ill.add('gw-1');
    const push = await pushed(['gw-1', 'gw-2']);
    await first.settle();
    await until(async () => (await shown(push)).reason === 'waits for gw-1, which is silent');
    expect((await shown(push)).states).toEqual(['applied', 'waiting']);
    expect((await second.pull()).entry).toBeNull();
    ill.clear();
    await second.settle();
    await until(async () => (await shown(push)).state === 'done');
    expect((await shown(push)).states).toEqual(['applied', 'applied']);
  });

  test('stops at a refusal: who comes later never gets it, and the faults are there', async () => {
    const [first, second] = [await gatewayAt('gw-1'), await gatewayAt('gw-2')];
    const push = await pushed(['gw-1', 'gw-2']);
    const faults = [{ line: 2, message: 'is none', path: '/zones/0', remedy: 'Write one.' }];
    const of = { result: 'refused', code: 'CONFIG_INVALID', text: 'one fault', faults } as const;
    await first.settle(of);
    await until(async () => (await shown(push)).state === 'stopped');
    expect(await shown(push)).toMatchObject({
      reason: 'gw-1 refused it: one fault',
      states: ['refused', 'left-out'],
      gateways: [{ faults }, {}],
    });
    expect((await second.pull()).entry).toBeNull();
    const [standing] = (await fleet.fleet()).gateways;
    expect(standing).toMatchObject({ standing: 'refused', wantedVersion: 1, refused: { faults } });
  });

  test('goes on after the hub was gone, and gives nobody anything twice', async () => {
    const [first, second] = [await gatewayAt('gw-1'), await gatewayAt('gw-2')];
    const push = await pushed(['gw-1', 'gw-2']);
    await first.settle();
    await stopHub();
    await startHub();
    expect(await second.settle()).toBe(1);
    await until(async () => (await shown(push)).state === 'done');
    expect((await first.pull()).entry).toBeNull();
  });

  test('that is cancelled begins no further wave, and is over', async () => {
    const [first, second] = [await gatewayAt('gw-1'), await gatewayAt('gw-2')];
    const push = await pushed(['gw-1', 'gw-2']);
    const again = await fleet.push({ version: 1, gateways: ['gw-2'], waveSize: 1, author: 'me' });
    expect(again).toMatchObject({ ok: false, refusal: { code: 'CONFLICT' } });
    expect(await fleet.cancel(push, 'me')).toMatchObject({ ok: true });
    expect(await fleet.cancel(push, 'me')).toMatchObject({ ok: false });
    await first.pull();
    expect(await shown(push)).toMatchObject({ state: 'cancelled', reason: 'cancelled by me' });
    expect((await second.pull()).entry).toBeNull();
  });

  test('what is in force and is not what the version made is drift; a file that owns says so', async () => {
    const gateway = await gatewayAt('gw-1');
    const standing = async () => (await fleet.fleet()).gateways[0];
    expect(await standing()).toMatchObject({ standing: 'unknown' });
    await gateway.pull();
    expect(await standing()).toMatchObject({ standing: 'none', owner: 'hub' });
    await pushed(['gw-1']);
    await until(async () => (await standing())?.standing === 'on-the-way');
    await gateway.settle();
    expect(await standing()).toMatchObject({ standing: 'in-step', inForceVersion: 1 });
    gateway.state.hash = hashes.other;
    await gateway.pull();
    expect(await standing()).toMatchObject({ standing: 'drift', inForceVersion: null });
    gateway.state.owner = 'file';
    await gateway.pull();
    expect(await standing()).toMatchObject({ standing: 'file' });
  });

  test('a local override is shown as one, with who and why, and what waits for its end', async () => {
    const gateway = await gatewayAt('gw-1');
    const standing = async () => (await fleet.fleet()).gateways[0];
    const override = { by: 'eng-7', reason: 'the hub is wrong', sinceMs: 5, untilMs: 9 };
    const push = await pushed(['gw-1']);
    gateway.state.override = override;
    gateway.state.hash = hashes.other;
    await gateway.settle({ result: 'deferred' });
    expect(await standing()).toMatchObject({
      standing: 'override',
      override: { by: 'eng-7', reason: 'the hub is wrong', since: 5, until: 9, deferredVersion: 1 },
    });
    await until(async () => {
      return (await shown(push)).reason === 'waits for gw-1 to end its local override';
    });
    expect((await shown(push)).states).toEqual(['deferred']);
    gateway.state.override = undefined;
    gateway.state.hash = hashes.mine;
    const seq = gateway.state.settled;
    await gateway.pull([{ atMs: 6, kind: 'config', result: 'applied', seq, inForce: hashes.mine }]);
    expect(await standing()).toMatchObject({ standing: 'in-step', override: null });
    await until(async () => (await shown(push)).state === 'done');
  });

  test('nobody speaks for a gateway without its key, and an old word changes nothing', async () => {
    const gateway = await gatewayAt('gw-1');
    const { privateKey } = generateKeyPairSync('ed25519');
    await expect(gateway.pull([], privateKey)).rejects.toBeInstanceOf(Error);
    await gateway.pull();
    const newest = await gateway.pull();
    expect(newest.number).toBeGreaterThan(1);
  });
});

describe.skipIf(natsServer === '')('zones of a site (needs nats-server)', () => {
  beforeEach(startAll);
  afterEach(stopAll);

  test('have one gateway each: a push that would give one to two is refused by their names', async () => {
    const [first] = [await gatewayAt('gw-1'), await gatewayAt('gw-2')];
    const push = async (of: string, gateways: string[]) => {
      const added = await fleet.add({ text: of, note: 'test', author: 'me' });
      if (!added.ok) throw new Error(added.refusal.message);
      const { version } = added.value;
      return await fleet.push({ version, gateways, waveSize: 1, author: 'me' });
    };
    const both = 'items: []\nzones:\n  - { id: a, status: receiving }\n';
    const refused = await push(both, ['gw-1', 'gw-2']);
    expect(refused).toMatchObject({
      ok: false,
      refusal: { code: 'CONFIG_INVALID', details: { faults: [{ path: '/zones/0', line: 3 }] } },
    });
    expect(refused.ok ? '' : refused.refusal.message).toContain(
      'zone a of site berlin would be owned by gw-1 and gw-2',
    );
    expect(await push(both, ['gw-1'])).toMatchObject({ ok: true });
    await first.settle();
    expect(await push(both, ['gw-2'])).toMatchObject({ ok: false });
    const named =
      'zones: [{ id: a, status: receiving, gateway: gw-1 }, { id: b, status: picking }]';
    expect(await push(named, ['gw-2'])).toMatchObject({ ok: true });
    expect(await push('items: []', ['gw-1'])).toMatchObject({ ok: true });
  });
});

test.each([
  ['nonsense: 1', '/nonsense', 1],
  ['items: 3', '/items', 1],
  ['observe: []', '/observe', 1],
  ['zones:\n  - { id: a, status: receiving }\n  - { status: picking }', '/zones/1', 3],
  ['zones:\n  - id: a\n  - id: a', '/zones/1/id', 3],
  ['device: []', '/device', 1],
])('a text that no gateway would take is not kept: %j', (of, path, line) => {
  const checked = checkConfigText(of);
  expect(checked).toMatchObject({ refusal: { details: { faults: [{ path, line }] } } });
  expect(checked.ok ? '' : checked.refusal.message).toContain(`line ${line}`);
});

test('sections of a gateway may stand in a text, and what stands in a section is for the gateway', () => {
  const of = 'gateway: { id: gw-1 }\nzones:\n  - { id: a, what: ever }\nitems: []\nobserve: {}\n';
  expect(checkConfigText(of)).toMatchObject({ ok: true });
});

test.each(['zones: [', '', 'words', '- 1'])(
  'a text that is no configuration is not kept: %j',
  (bad) => {
    expect(checkConfigText(bad)).toMatchObject({ ok: false });
  },
);
