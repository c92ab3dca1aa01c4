import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection, createInbox } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { inboxPrefix, subjectOf } from '#contracts/subjects.ts';
import type { SignedReceipt } from '#contracts/uplink.ts';
import { rebuildProjections } from '../projections/rebuild.ts';
import { IntakeRig } from './testing/intake-rig.ts';
import { appeared, JournalFixture, posted } from './testing/journal-fixture.ts';
import { NatsServer } from './testing/nats-server.ts';
import { committedOf, fingerprint, openTestStore, until } from './testing/test-hub.ts';

const { natsServer } = inject('programs');

const events = 9_000;
const batchEvents = 100;
const kills = 3;

let nats: NatsServer;
let hub: Awaited<ReturnType<typeof openTestStore>>;
let client: NatsConnection;
let child: ChildProcess | undefined;

beforeEach(async () => {
  nats = await new NatsServer().start();
  hub = await openTestStore();
  client = await connect({ servers: nats.url });
});

afterEach(async () => {
  await kill();
  await client.close();
  await hub.close();
  await nats.stop();
});

function startHub(): void {
  const main = new URL('testing/hub-child.ts', import.meta.url).pathname;
  const args = [main, join(hub.folder, 'hub.db'), nats.url, join(hub.folder, 'key.pem')];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Sends from what the hub says is committed, within its credit, as a gateway does. */
async function drain(journal: JournalFixture, done: () => boolean): Promise<void> {
  const { address } = journal;
  const js = jetstream(client, { timeout: 2_000 });
  while (!done()) {
    try {
      const reply = await client.request(subjectOf(address, 'hello'), journal.hello(), {
        noMux: true,
        reply: createInbox(inboxPrefix(address)),
        timeout: 500,
      });
      const { committed, credit } = (JSON.parse(reply.string()) as SignedReceipt).receipt;
      const last = Math.min(committed + credit, journal.seq);
      for (let first = committed + 1; first <= last && !done(); first += batchEvents) {
        const batch = journal.batch(first, Math.min(first + batchEvents - 1, last));
        await js.publish(subjectOf(address, 'up'), batch);
      }
    } catch {
      await sleep(20);
    }
  }
}

test.skipIf(natsServer === '')(
  'a hub killed again and again in the middle of a backlog ends with equal tables (needs nats-server)',
  async () => {
    const journal = new JournalFixture('north', 'gw-1');
    for (let n = 0; n < events; n += 1) {
      journal.add(n % 3 === 0 ? posted(`item-${n % 97}`, 1) : appeared(`A${n % 10}B${n % 7}`));
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    writeFileSync(join(hub.folder, 'key.pem'), pem, { mode: 0o600 });
    const rig = await new IntakeRig(hub.store).welcome(journal);

    let finished = false;
    const draining = drain(journal, () => finished);
    startHub();
    for (let round = 1; round <= kills; round += 1) {
      const reach = Math.floor((events * round) / (kills + 1));
      await until(async () => (await committedOf(hub.store, 'gw-1')) >= reach);
      await kill();
      startHub();
    }
    await until(async () => (await committedOf(hub.store, 'gw-1')) === events);
    finished = true;
    await draining;
    await kill();

    const [{ count, last } = { count: 0, last: 0 }] = await hub.store.read
      .selectFrom('journal_event')
      .select((row) => [row.fn.countAll().as('count'), row.fn.max('seq').as('last')])
      .execute();
    expect({ count, last }).toEqual({ count: events, last: events });
    const killed = await fingerprint(hub.store);
    await rebuildProjections(hub.store);
    expect(await fingerprint(hub.store)).toBe(killed);

    // A hub that nobody killed holds the same stock.
    const calm = await openTestStore();
    const untouched = await new IntakeRig(calm.store).welcome(journal);
    for (let first = 1; first <= events; first += batchEvents) {
      await untouched.apply(journal, journal.batch(first, first + batchEvents - 1));
    }
    expect(await fingerprint(calm.store)).toBe(killed);
    await calm.close();
    rig.receipts.stop();
  },
);
