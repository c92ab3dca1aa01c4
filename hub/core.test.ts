import { rmSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, createInbox } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { inboxPrefix, subjectOf, upStreamName } from '#contracts/subjects.ts';
import type { SignedReceipt } from '#contracts/uplink.ts';
import type { HubCore } from './core.ts';
import { appeared, JournalFixture, posted } from './intake/testing/journal-fixture.ts';
import { registerGateway } from './intake/register-gateway.ts';
import { NatsServer } from './intake/testing/nats-server.ts';
import {
  committedOf,
  fingerprint,
  freeOutageId,
  newCore,
  openTestStore,
  register,
  takeOutageId,
  tenant,
  until,
} from './intake/testing/test-hub.ts';
import { rebuildProjections } from './projections/rebuild.ts';

const { natsServer } = inject('programs');

let nats: NatsServer;
let hub: Awaited<ReturnType<typeof openTestStore>>;
let core: HubCore;
let client: NatsConnection;

beforeEach(async () => {
  nats = await new NatsServer().start();
  hub = await openTestStore();
  core = newCore(hub.store, nats.url);
  client = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
});

afterEach(async () => {
  await client.close();
  await core.stop();
  await hub.close();
  await nats.stop();
});

async function hello(journal: JournalFixture): Promise<SignedReceipt['receipt']> {
  const { address } = journal;
  for (;;) {
    try {
      const reply = await client.request(subjectOf(address, 'hello'), journal.hello(), {
        noMux: true,
        reply: createInbox(inboxPrefix(address)),
        timeout: 2_000,
      });
      return (JSON.parse(reply.string()) as SignedReceipt).receipt;
    } catch {
      // Nobody answers yet.
    }
  }
}

/** As a gateway does: published until the stream has it. */
async function send(journal: JournalFixture, first: number, last: number): Promise<void> {
  const js = jetstream(client, { timeout: 1_000 });
  for (;;) {
    try {
      await js.publish(subjectOf(journal.address, 'up'), journal.batch(first, last));
      return;
    } catch {
      // No stream yet, or no server.
    }
  }
}

async function committed(journal: JournalFixture, seq: number): Promise<void> {
  await until(async () => (await committedOf(hub.store, journal.address.gateway)) >= seq);
}

function dayOf(journal: JournalFixture, events: number): JournalFixture {
  for (let n = 0; n < events; n += 1) {
    if (n % 3 === 0) journal.add(posted(`item-${n % 7}`, 1 + (n % 4)));
    else journal.add(appeared(`30${(n % 50).toString(16).toUpperCase().padStart(22, '0')}`));
  }
  return journal;
}

describe.skipIf(natsServer === '')('the hub core (needs nats-server)', () => {
  test('takes events of a gateway that said hello and tells it so with a signed receipt', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 30);
    await core.start();
    await register(core, journal);
    expect(await hello(journal)).toMatchObject({ state: 'open', committed: 0, secured: 0 });
    const receipts: SignedReceipt['receipt'][] = [];
    client.subscribe(subjectOf(journal.address, 'receipt'), {
      callback: (_, message) => {
        receipts.push((JSON.parse(message.string()) as SignedReceipt).receipt);
      },
    });
    await send(journal, 1, 20);
    await send(journal, 21, 30);
    await until(() => receipts.at(-1)?.committed === 30);
    expect(receipts.at(-1)).toMatchObject({ headHash: journal.headHash, state: 'open', epoch: 1 });
    const numbers = receipts.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    const page = await core.queries.stock({});
    expect(page.totalQuantity).toBe(25);
  });

  test('shows a gateway that another process registered at once, as never seen, and says so', async () => {
    await core.start();
    const told: string[] = [];
    core.changes.listen(({ topic, sites }) => told.push(`${topic} ${sites.join()}`));
    const { address, signingKey } = new JournalFixture('north', 'gw-1');
    const { gateway, site } = address;
    const of = { gateway, nkeyPublic: `U${'A'.repeat(55)}`, signingKey, site };
    const clock = { nowMs: () => 7, monotonicMs: () => 7 };
    expect(await registerGateway(hub.store, clock, of)).toMatchObject({ ok: true });
    await until(() => told.includes('fleet north'));
    expect(core.gateways()).toMatchObject([{ gateway: 'gw-1', lane: undefined, now: undefined }]);
  });

  test('starts while NATS is away and takes up work when it comes', async () => {
    await nats.kill();
    await core.start();
    expect(core.status().nats).toBe('away');
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 5);
    await register(core, journal);
    await nats.start();
    await hello(journal);
    await send(journal, 1, 5);
    await committed(journal, 5);
    expect(core.status()).toMatchObject({ nats: 'connected', intake: 'consuming' });
  });

  test('loses nothing when the server is killed and its store is gone', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 40);
    await core.start();
    await register(core, journal);
    await hello(journal);
    await send(journal, 1, 20);
    await committed(journal, 20);
    await nats.kill();
    rmSync(nats.storeFolder, { recursive: true, force: true });
    await nats.start();
    // The gateway asks where to go on, and sends that.
    const { committed: from } = await hello(journal);
    expect(from).toBe(20);
    await send(journal, 21, 40);
    await committed(journal, 40);
    expect((await core.queries.stock({})).totalQuantity).toBe(35);
  });

  test('makes a deleted stream anew', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 20);
    await core.start();
    await register(core, journal);
    await hello(journal);
    await send(journal, 1, 10);
    await committed(journal, 10);
    await (await jetstreamManager(client)).streams.delete(upStreamName(tenant));
    await send(journal, 11, 20);
    await committed(journal, 20);
  });

  test('purges from the stream what is committed', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 20);
    await core.start();
    await register(core, journal);
    await hello(journal);
    await send(journal, 1, 20);
    await committed(journal, 20);
    const jsm = await jetstreamManager(client);
    await until(async () => {
      const { state } = await jsm.streams.info(upStreamName(tenant));
      return state.messages === 0 && state.last_seq > 0;
    });
  });

  test('asks for a replay where events are missing, and goes on when they come', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 30);
    await core.start();
    await register(core, journal);
    await hello(journal);
    const states: string[] = [];
    client.subscribe(subjectOf(journal.address, 'receipt'), {
      callback: (_, message) => {
        const { receipt } = JSON.parse(message.string()) as SignedReceipt;
        states.push(`${receipt.state} ${receipt.committed}`);
      },
    });
    await client.flush();
    await send(journal, 21, 30);
    await until(() => states.includes('replay 0'));
    await send(journal, 1, 30);
    await committed(journal, 30);
  });

  test('a fork halts the lane of one gateway, and no other', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 10);
    const clone = dayOf(new JournalFixture('north', 'gw-1'), 10).add(appeared('DEAD'));
    const other = dayOf(new JournalFixture('south', 'gw-2'), 10);
    journal.add(appeared('BEEF'));
    dayOf(clone, 5);
    await core.start();
    await register(core, journal, other);
    await hello(journal);
    await hello(other);
    await send(journal, 1, 11);
    await committed(journal, 11);
    await send(clone, 12, 15);
    await send(other, 1, 10);
    await committed(other, 10);
    expect(await hello(journal)).toMatchObject({ state: 'halted', committed: 11, credit: 0 });
    expect((await core.queries.fleet()).gateways).toMatchObject([
      { gateway: 'gw-1', state: 'halted' },
      { gateway: 'gw-2', state: 'silent' },
    ]);
    expect(core.status().halted).toEqual([{ site: 'north', gateway: 'gw-1', state: 'halted' }]);
    const kept = await hub.store.read.selectFrom('lane_quarantine').selectAll().execute();
    expect(kept).toMatchObject([{ gateway: 'gw-1', reason: 'fork' }]);
  });

  test('a lane that the hub itself fails on is stuck alone, visibly, until it works', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
    core = newCore(hub.store, nats.url, log);
    const said = (event: string) => lines.filter((line) => line.includes(`"${event}"`));
    const row = async () => (await core.queries.fleet()).gateways[0];
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 20);
    journal.add({ kind: 'device.silent', device: 'reader-1', payload: { allowedMs: 9 } });
    const other = dayOf(new JournalFixture('south', 'gw-2'), 40);
    await takeOutageId(hub.store, 'gw-1/1/21');
    await core.start();
    await register(core, journal, other);
    await hello(journal);
    await hello(other);
    await send(journal, 1, 10);
    await send(journal, 11, 21);
    await until(() => core.status().halted.length === 1);
    const stuck = { code: 'INTERNAL', seq: 11 };
    expect(await row()).toMatchObject({ committedSeq: 10, stuck });
    // Every try fails, and a gateway that goes on sending is no reason to log or to wait for it.
    for (let first = 1; first <= 40; first += 10) {
      await send(journal, 11, 21);
      await send(other, first, first + 9);
      await committed(other, first + 9);
    }
    expect(said('lane.stuck')).toHaveLength(1);
    expect(said('lane.stuck')[0]).toContain('UNIQUE constraint failed: outage.id');

    await freeOutageId(hub.store, 'gw-1/1/21');
    await until(async () => {
      await send(journal, 11, 21);
      return (await committedOf(hub.store, 'gw-1')) === 21;
    });
    await until(() => said('lane.unstuck').length === 1);
    expect(core.status().halted).toEqual([]);
    expect(await row()).toMatchObject({ committedSeq: 21, stuck: null });
    expect(said('lane.stuck')).toHaveLength(1);
  });

  test('a second hub on the same store goes on where the first ended', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 30);
    await core.start();
    await register(core, journal);
    await hello(journal);
    await send(journal, 1, 10);
    await committed(journal, 10);
    await core.stop();
    await send(journal, 5, 20);
    core = newCore(hub.store, nats.url);
    await core.start();
    await committed(journal, 20);
    const before = await fingerprint(hub.store);
    expect(await rebuildProjections(hub.store)).toBe(20);
    expect(await fingerprint(hub.store)).toBe(before);
  });

  test('shows what a gateway says of itself now, whatever waits on the ordered lane', async () => {
    const journal = dayOf(new JournalFixture('north', 'gw-1'), 10);
    await core.start();
    await register(core, journal);
    await hello(journal);
    const { text } = journal.facts({ atMs: Date.now(), number: 1, uplink: 'draining' });
    client.publish(subjectOf(journal.address, 'now'), text);
    await until(async () => (await core.queries.fleet()).gateways[0]?.state === 'draining');
    const { completeness } = await core.queries.stock({});
    expect(completeness.behind).toMatchObject([{ gateway: 'gw-1', waitingEvents: 10 }]);
  });

  test('answers a gateway that is not registered with why', async () => {
    const stranger = new JournalFixture('north', 'gw-9');
    await core.start();
    expect(await hello(stranger)).toMatchObject({ state: 'halted', reason: /not registered/ });
  });
});
