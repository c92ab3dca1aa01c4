import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { defaultTenant, parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { AlertFact } from '#contracts/now-lane.ts';
import { inboxPrefix, subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import { systemClock } from '../clock.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { signedBy } from '../identity/public-key.ts';
import type { CurrentFacts } from './now-lane.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { ReceiptFile } from './receipt-file.ts';
import { createNatsProcess, type NatsProcess } from './testing/nats-process.ts';
import { SmallHub } from './testing/small-hub.ts';
import { natsDial } from './dial.ts';
import type { LinkChange } from './link-change.ts';
import { createUplink, type Uplink, type UplinkOptions } from './uplink.ts';

const address: GatewayAddress = {
  tenant: defaultTenant,
  site: parseSiteId('hamburg'),
  gateway: parseGatewayId('hh-1'),
};
const neighbour: GatewayAddress = { ...address, gateway: parseGatewayId('hh-2') };

const calmFacts: CurrentFacts = {
  health: {
    intake: 'open',
    intakeBacklog: 0,
    quarantined: 0,
    readsPerMinute: 0,
    roomBytes: 1,
    startedAt: 1,
    version: '0',
  },
  devices: [],
  alerts: [],
};

let dir = '';
let hubIdentity: Identity;
let identity: Identity;
let otherIdentity: Identity;
let nats: NatsProcess;
let hub: SmallHub;
let journal: MemoryJournal;
let uplinks: Uplink[] = [];
let changes: LinkChange[] = [];
let logged: Record<string, unknown>[] = [];

async function startNats(maxPayloadBytes?: number): Promise<void> {
  const gateways = [
    { address, nkey: identity.publicNkey },
    { address: neighbour, nkey: otherIdentity.publicNkey },
  ];
  nats = await createNatsProcess(hubIdentity.publicNkey, gateways, maxPayloadBytes);
  await nats.start();
}

function newHub(): SmallHub {
  const next = new SmallHub(nats.url, hubIdentity, {
    address,
    publicKey: identity.signingPublicKey,
  });
  return next;
}

function dialTo(servers: readonly string[], as = identity) {
  return natsDial({ address, hub: { servers }, identity: as, clock: systemClock });
}

function startUplink(change: Partial<UplinkOptions> = {}): Uplink {
  const uplink = createUplink({
    address,
    isSignedByHub: signedBy(hubIdentity.signingPublicKey),
    dial: dialTo([nats.url]),
    identity,
    journal,
    facts: () => calmFacts,
    intake: { uplinkChanged: (entry) => void changes.push(entry) },
    clock: systemClock,
    random: Math.random,
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(parsed(line)) }),
    settings: { dialRetryMs: 20, dialRetryMaxMs: 100, helloRetryMs: 20, helloRetryMaxMs: 100 },
    ...change,
  });
  uplinks.push(uplink);
  uplink.start();
  return uplink;
}

function parsed(line: string): Record<string, unknown> {
  return JSON.parse(line) as Record<string, unknown>;
}

/** What an operator reads of trouble. */
function complaints() {
  return logged
    .filter(({ level }) => Number(level) >= 40)
    .map(({ msg, reason }) => ({ msg, reason }));
}

function sent(): string[] {
  return journal.events.map(({ header, payload }) => `${header}\n${payload}`);
}

async function hubHoldsAll(timeoutMs = 15_000): Promise<void> {
  await vi.waitFor(() => expect(hub.events.length).toBe(journal.events.length), {
    timeout: timeoutMs,
    interval: 10,
  });
  expect(hub.events).toEqual(sent());
  expect(hub.faults).toEqual([]);
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 10 });

const { natsServer } = inject('programs');

describe.skipIf(natsServer === '')('the uplink against a real nats-server', () => {
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'hf-uplink-'));
    hubIdentity = createIdentity(join(dir, 'hub')).identity;
    identity = createIdentity(join(dir, 'gateway')).identity;
    otherIdentity = createIdentity(join(dir, 'neighbour')).identity;
    journal = new MemoryJournal(address);
    [uplinks, changes, logged] = [[], [], []];
    await startNats();
    hub = newHub();
  });
  afterEach(async () => {
    nats.thaw();
    await Promise.all(uplinks.map((uplink) => uplink.stop()));
    await hub.stop();
    await nats.end();
    rmSync(dir, { recursive: true, force: true });
  });

  test('brings a journal to the hub, byte for byte, and follows it as it grows', async () => {
    await hub.start();
    journal.append(1_234);
    const uplink = startUplink();
    await hubHoldsAll();
    for (let commit = 0; commit < 50; commit += 1) journal.append(3);
    await hubHoldsAll();
    await until(() => expect(uplink.status().committedSeq).toBe(1_384));
    expect(uplink.status()).toMatchObject({ state: 'live', connected: true, securedSeq: 0 });
    // A trickle is gathered: 50 commits are far fewer messages.
    expect(hub.batchSizes.length).toBeLessThan(20);
    expect(journal.largestRead).toBeLessThanOrEqual(500);
  });

  test('started anew while the hub is away, it knows what waits, and follows the hub then', async () => {
    const receipts = () => new ReceiptFile(join(dir, 'receipt.json'), pino({ level: 'silent' }));
    await hub.start();
    journal.append(500);
    const first = startUplink({ receipts: receipts() });
    await until(() => expect(first.status().committedSeq).toBe(500));
    await first.stop();
    await nats.kill();
    journal.append(4);
    const away = { dialRetryMs: 20, dialRetryMaxMs: 50, lostAfterMs: 100 };
    const second = startUplink({ receipts: receipts(), settings: away });
    expect(second.status()).toMatchObject({ state: 'away', committedSeq: 500 });
    await until(() => expect(changes.at(-1)).toMatchObject({ live: false, keptEvents: 4 }));
    // A hub that was set back meanwhile is given everything again.
    hub.restore(200);
    await nats.start();
    await hub.start();
    await hubHoldsAll();
    await until(() => expect(second.status().committedSeq).toBe(504));
  });

  test('starts while nobody is there, and delivers once somebody is', async () => {
    await nats.kill();
    journal.append(700);
    const uplink = startUplink({
      settings: { dialRetryMs: 20, dialRetryMaxMs: 50, lostAfterMs: 100 },
    });
    await until(() => expect(changes).toHaveLength(1));
    expect(changes[0]).toEqual({ live: false, committedSeq: 0, keptEvents: 700 });
    expect(uplink.status()).toMatchObject({ state: 'away', connected: false });
    await nats.start();
    await hub.start();
    await hubHoldsAll();
    expect(changes[1]).toMatchObject({ live: true, keptEvents: 700 });
    expect(changes[1]?.sinceMs).toBeTypeOf('number');
  });

  test('goes over WebSocket where nothing else gets out', async () => {
    await hub.start();
    journal.append(600);
    const shut = nats.url.replace(/\d+$/, '1');
    const servers = [shut, nats.webSocketUrl];
    const uplink = startUplink({ dial: dialTo(servers) });
    await hubHoldsAll();
    await until(() => expect(uplink.status()).toMatchObject({ state: 'live', committedSeq: 600 }));
  });

  test('stops while it dials, and leaves no connection behind', async () => {
    const uplink = startUplink();
    await uplink.stop();
    expect(uplink.status().connected).toBe(false);
    journal.append(10);
    await hub.start();
    await vi.waitFor(() => expect(hub.hellos).toEqual([]));
    expect(hub.facts).toEqual([]);
  });

  test('loses nothing when the server is killed again and again under load', async () => {
    await hub.start();
    startUplink();
    for (let round = 0; round < 4; round += 1) {
      journal.append(4_000);
      await until(() => expect(hub.events.length).toBeGreaterThan(round * 4_000 + 500));
      await nats.kill();
      journal.append(300);
      await nats.start();
      const { events, hashes, number, faults } = hub;
      await hub.stop();
      hub = Object.assign(newHub(), { events, hashes, number });
      hub.faults.push(...faults);
      await hub.start();
    }
    await hubHoldsAll(20_000);
  });

  test('sends again from what is committed when the stream lost all it had', async () => {
    await hub.start();
    hub.mute = true;
    hub.forgets = true;
    journal.append(2_000);
    const uplink = startUplink();
    await until(() => expect(logged.some(({ msg }) => msg === 'uplink.rewound')).toBe(true));
    await nats.kill();
    nats.wipe();
    await nats.start();
    await hub.stop();
    const { hashes } = hub;
    hub = Object.assign(newHub(), { hashes });
    await hub.start();
    await hubHoldsAll();
    await until(() => expect(uplink.status().committedSeq).toBe(2_000));
  });

  test('gets through although the stream takes its batches for repeats', async () => {
    // A purge empties the stream but not its memory of message ids.
    hub.forgets = true;
    await hub.start();
    journal.append(900);
    startUplink({ settings: { stallMs: 300, stallMaxMs: 600, keepAliveMs: 200 } });
    await until(() => expect(logged.some(({ reason }) => reason === 'stalled')).toBe(true));
    await hub.purge();
    hub.forgets = false;
    await hubHoldsAll();
  });

  test('sends again what a hub lost that was restored from a backup', async () => {
    await hub.start();
    journal.append(3_000);
    const uplink = startUplink({ settings: { keepAliveMs: 100 } });
    await hubHoldsAll();
    await until(() => expect(uplink.status().committedSeq).toBe(3_000));
    hub.restore(1_100);
    await hubHoldsAll();
    expect(logged).toContainEqual(
      expect.objectContaining({ msg: 'uplink.rewound', reason: 'hub-went-back', afterSeq: 1_100 }),
    );
  });

  test('keeps within the credit that the hub gives', async () => {
    [hub.credit, hub.forgets, hub.mute] = [120, true, true];
    await hub.start();
    journal.append(1_000);
    startUplink({ settings: { keepAliveMs: 50, stallMs: 300, stallMaxMs: 300 } });
    await until(() => expect(hub.highestSeen).toBe(120));
    await until(() => expect(hub.hellos.length).toBeGreaterThan(4));
    expect(hub.highestSeen).toBe(120);
    [hub.credit, hub.forgets, hub.mute] = [5_000, false, false];
    await hubHoldsAll();
  });

  test('halts when the hub holds another history, and goes on when that is mended', async () => {
    await hub.start();
    const other = new MemoryJournal(address);
    other.append(10, 'other ');
    journal.append(10);
    hub.hashes = Array.from({ length: 11 }, (_, seq) => other.hashAt(seq) ?? '');
    hub.events = other.events.map(({ header, payload }) => `${header}\n${payload}`);
    const uplink = startUplink({ settings: { haltedHelloMs: 200 } });
    await until(() => expect(uplink.status().state).toBe('halted'));
    expect(logged.map(({ msg }) => msg)).not.toContain('uplink.live');
    expect(changes).toEqual([]);
    journal.append(5);
    const heard = hub.facts.length;
    await until(() => expect(hub.facts.length).toBeGreaterThan(heard));
    expect(hub.facts.at(-1)?.health.uplink).toBe('halted');
    expect(hub.batchSizes).toEqual([]);
    expect(uplink.status().reason).toContain('another hash');
    [hub.hashes, hub.events] = [[journal.hashAt(0) ?? ''], []];
    await hubHoldsAll();
    await until(() => expect(uplink.status().state).toBe('live'));
    expect(changes).toMatchObject([{ live: true }]);
  });

  test('believes no receipt that the hub did not sign', async () => {
    await hub.start();
    journal.append(10);
    const uplink = startUplink({
      isSignedByHub: signedBy(otherIdentity.signingPublicKey),
    });
    await until(() => expect(uplink.status().reason).toContain('not signed'));
    expect(uplink.status()).toMatchObject({ state: 'away', committedSeq: 0, connected: true });
    expect(hub.batchSizes).toEqual([]);
  });

  test('waits for the stream, and for room in it', async () => {
    await hub.start({ stream: false });
    journal.append(2_000, '', 200);
    const uplink = startUplink({ settings: { sendRetryMs: 20, sendRetryMaxMs: 100 } });
    await until(() => expect(uplink.status().reason).toBe('there is no stream for this tenant'));
    hub.forgets = true;
    await hub.openStream(100_000);
    await until(() => expect(uplink.status().reason).toContain('the stream is full'));
    expect(uplink.status().state).toBe('draining');
    hub.forgets = false;
    const purging = setInterval(() => void hub.purge(), 50);
    try {
      await hubHoldsAll();
    } finally {
      clearInterval(purging);
    }
  });

  test('makes batches smaller where the server takes less', async () => {
    await nats.end();
    await startNats(64 * 1024);
    hub = newHub();
    await hub.start();
    journal.append(500, '', 1_000);
    startUplink();
    await hubHoldsAll();
    expect(Math.max(...hub.batchSizes)).toBeLessThan(150);
  });

  test('shows an alert at the hub at once, also while a backlog drains', async () => {
    [hub.credit, hub.forgets, hub.mute] = [500, true, true];
    await hub.start();
    journal.append(20_000);
    let alerts: AlertFact[] = [];
    const uplink = startUplink({
      facts: () => ({ ...calmFacts, alerts }),
      settings: { stallMs: 200, stallMaxMs: 200, keepAliveMs: 100 },
    });
    await until(() => expect(hub.highestSeen).toBe(500));
    alerts = [{ id: 'excursion/z1', open: true, openedAt: 1, text: 'too warm', type: 'excursion' }];
    uplink.factsChanged();
    await until(() => expect(hub.facts.at(-1)?.alerts).toEqual(alerts));
    expect(hub.facts.at(-1)?.health).toMatchObject({ uplink: 'draining', backlogEvents: 20_000 });
    [hub.credit, hub.forgets, hub.mute] = [5_000, false, false];
    await hubHoldsAll();
  });

  test('notices a link that is dead without being closed', async () => {
    await hub.start();
    journal.append(10);
    const uplink = startUplink({
      settings: { keepAliveMs: 100, helloTimeoutMs: 300, lostAfterMs: 1500 },
    });
    await hubHoldsAll();
    await until(() => expect(uplink.status().committedSeq).toBe(10));
    await until(() => expect(changes).toHaveLength(1));
    nats.freeze();
    await until(() => expect(changes).toHaveLength(2));
    expect(changes[1]).toMatchObject({ live: false, committedSeq: 10, keptEvents: 0 });
    expect(changes[1]?.sinceMs).toBe(uplink.status().lastContactMs);
    journal.append(4);
    nats.thaw();
    await until(() => expect(changes).toHaveLength(3));
    expect(changes[2]).toMatchObject({ live: true, sinceMs: changes[1]?.sinceMs });
    await hubHoldsAll();
  });

  test('may speak for its own gateway only, and hear only its own receipts', async () => {
    await hub.start();
    const connection = await connect({
      servers: [nats.url],
      authenticator: identity.authenticator(),
      inboxPrefix: inboxPrefix(address),
      reconnect: false,
    });
    try {
      const js = jetstream(connection);
      await expect(js.publish(subjectOf(address, 'up'), 'x')).resolves.toMatchObject({ seq: 1 });
      await expect(js.publish(subjectOf(neighbour, 'up'), 'x')).rejects.toThrow(/[Pp]ermissions/);
      for (const lane of ['now', 'hello', 'receipt'] as const) {
        await expect(connection.request(subjectOf(neighbour, lane), 'x')).rejects.toThrow(
          /[Pp]ermissions/,
        );
      }
      await expect(connection.request(subjectOf(address, 'receipt'), 'x')).rejects.toThrow(
        /[Pp]ermissions/,
      );
      for (const subject of [
        subjectOf(neighbour, 'receipt'),
        `${inboxPrefix(neighbour)}.>`,
        '_INBOX.>',
        'hf.>',
      ]) {
        const subscription = connection.subscribe(subject, { callback: () => undefined });
        await expect(subscription.closed).resolves.toBeInstanceOf(Error);
      }
    } finally {
      await connection.close();
    }
  });

  test('is refused without a login that the server knows, and says so once', async () => {
    const stranger = createIdentity(join(dir, 'stranger')).identity;
    const uplink = startUplink({ identity: stranger, dial: dialTo([nats.url], stranger) });
    const reason = "the server does not accept this gateway's login";
    await until(() => expect(uplink.status().reason).toBe(reason));
    await until(() => expect(logged.length).toBeGreaterThan(5));
    expect(complaints()).toEqual([{ msg: 'uplink.dial-failed', reason }]);
    expect(uplink.status()).toMatchObject({ state: 'away', reason });
  });

  test('says once what the server refuses to a login of another gateway', async () => {
    const uplink = startUplink({
      identity: otherIdentity,
      dial: dialTo([nats.url], otherIdentity),
      settings: { helloRetryMs: 20, helloRetryMaxMs: 20 },
    });
    const refusals = () => logged.filter(({ msg }) => msg === 'uplink.refused-by-server');
    await until(() => expect(refusals().length).toBeGreaterThan(20));
    const what = (of: string) =>
      `the server does not permit ${of}: is this gateway's login known there?`;
    const expected = [
      `subscription to ${subjectOf(address, 'receipt')}`,
      `subscription to ${subjectOf(address, 'evidence')}`,
      `subscription to ${subjectOf(address, 'nudge')}`,
      `subscription to ${inboxPrefix(address)}.>`,
      `publish to ${subjectOf(address, 'hello')}`,
      `publish to ${subjectOf(address, 'now')}`,
    ].map((of) => ({ msg: 'uplink.refused-by-server', reason: what(of) }));
    const said = complaints();
    expect(said.length).toBeGreaterThanOrEqual(3);
    expect(expected.slice(0, said.length)).toEqual(expect.arrayContaining(said));
    const { reason } = uplink.status();
    expect(expected.map((one) => one.reason)).toContain(reason);
  });
});
