import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { createUser, type KeyPair } from '@nats-io/nkeys';
import {
  connect,
  nkeyAuthenticator,
  RequestError,
  type Authenticator,
  type NatsConnection,
} from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import { inboxPrefix, subjectOf, upStreamName, type GatewayAddress } from '#contracts/subjects.ts';
import { natsConfigText } from './nats-config.ts';
import { openRawNats, type RawNats } from './testing/raw-nats.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { startNats } from './testing/nats-process.ts';

const { natsServer } = inject('programs');

const tenant = parseTenantId('main');
const at = (site: string, gateway: string): GatewayAddress => ({
  tenant,
  site: parseSiteId(site),
  gateway: parseGatewayId(gateway),
});
const hubKey = createUser();
// A shared site, a shared prefix of names, and another site.
const gatewayAt = (site: string, gateway: string) => ({
  address: at(site, gateway),
  key: createUser(),
});
const berlin = gatewayAt('berlin', 'gw-1');
const neighbour = gatewayAt('berlin', 'gw-10');
const gateways = [berlin, neighbour, gatewayAt('hamburg', 'gw-2')];

let folder: string;
let port: number;
let nats: Awaited<ReturnType<typeof startNats>>;
const open: NatsConnection[] = [];
const clients: RawNats[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-rights-'));
  port = await freePort();
  const file = join(folder, 'nats-server.conf');
  const text = natsConfigText({
    tenant,
    host: '127.0.0.1',
    port,
    storeDir: join(folder, 'store of "nats"'),
    storeBytes: 64 * 1024 * 1024,
    hubNkey: hubKey.getPublicKey(),
    gateways: gateways.map(({ address, key }) => ({ address, nkey: key.getPublicKey() })),
  });
  await writeFile(file, text);
  nats = await startNats(file);
});
afterAll(async () => {
  await nats.stop();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});

async function dial(authenticator: Authenticator | undefined, prefix = '_INBOX') {
  const connection = await connect({
    servers: `nats://127.0.0.1:${port}`,
    reconnect: false,
    inboxPrefix: prefix,
    ...(authenticator && { authenticator }),
  });
  open.push(connection);
  return connection;
}
const asHub = () => dial(nkeyAuthenticator(hubKey.getSeed()));
const asGateway = ({ address, key }: typeof berlin) =>
  dial(nkeyAuthenticator(key.getSeed()), inboxPrefix(address));

async function raw(key: KeyPair): Promise<RawNats> {
  const client = await openRawNats(port, key);
  clients.push(client);
  return client;
}

const refused = /^-ERR 'Permissions Violation for /;

async function mayPublish(client: RawNats, subject: string): Promise<boolean> {
  const complaints = await client.complaintsAbout(`PUB ${subject} 0\r\n`);
  expect(complaints.every((complaint) => refused.test(complaint))).toBe(true);
  return complaints.length === 0;
}

async function mayListen(client: RawNats, subject: string): Promise<boolean> {
  const complaints = await client.complaintsAbout(`SUB ${subject} 7\r\nUNSUB 7`);
  expect(complaints.every((complaint) => refused.test(complaint))).toBe(true);
  return complaints.length === 0;
}

const lanes = ['up', 'now', 'hello', 'receipt', 'evidence', 'downlink', 'nudge'] as const;
const down: readonly string[] = ['receipt', 'evidence', 'nudge'];

describe.skipIf(natsServer === '')('on a real nats-server', () => {
  test('nobody connects without a key, or with a foreign one', async () => {
    await expect(dial(undefined)).rejects.toThrow(/Authorization/);
    const stranger = nkeyAuthenticator(createUser().getSeed());
    await expect(dial(stranger)).rejects.toThrow(/Authorization/);
  });

  test('a gateway speaks on its own lanes and hears what is meant for it, and no others', async () => {
    for (const gateway of gateways) {
      const client = await raw(gateway.key);
      for (const other of gateways) {
        const own = other === gateway;
        for (const lane of lanes) {
          const subject = subjectOf(other.address, lane);
          const what = `${gateway.address.gateway} on ${subject}`;
          const publishes = await mayPublish(client, subject);
          expect(`${what}: ${publishes}`).toBe(`${what}: ${own && !down.includes(lane)}`);
          const listens = await mayListen(client, subject);
          expect(`${what}: ${listens}`).toBe(`${what}: ${own && down.includes(lane)}`);
        }
        const inbox = `${inboxPrefix(other.address)}.>`;
        expect(await mayListen(client, inbox)).toBe(own);
      }
    }
  });

  test.each([
    '>',
    '*.>',
    'hf.>',
    'hf.1.main.>',
    'hf.1.main.berlin.>',
    'hf.1.main.berlin.*.receipt',
    'hf.1.main.berlin.gw-1.>',
    '_INBOX.>',
    '$JS.API.>',
    '$SYS.>',
  ])('a gateway cannot listen to %s', async (subject) => {
    expect(await mayListen(await raw(berlin.key), subject)).toBe(false);
  });

  test.each([
    '$JS.API.STREAM.DELETE.HF1_main_UP',
    '$JS.API.STREAM.PURGE.HF1_main_UP',
    '$JS.API.STREAM.MSG.GET.HF1_main_UP',
    '$JS.API.CONSUMER.CREATE.HF1_main_UP',
    '$JS.ACK.HF1_main_UP.hub.1.1.1.1.1',
    '$SYS.REQ.SERVER.PING',
    'hf.1.other.berlin.gw-1.up',
    'hf.1.main.berlin.gw-1.config',
    '_INBOX.anybody',
  ])('a gateway cannot publish to %s', async (subject) => {
    expect(await mayPublish(await raw(berlin.key), subject)).toBe(false);
  });

  test('batches go up into the stream and are acknowledged at a private inbox', async () => {
    const hub = await asHub();
    const manager = await jetstreamManager(hub);
    const name = upStreamName(tenant);
    await manager.streams.add({
      name,
      subjects: ['hf.1.main.*.*.up'],
      retention: RetentionPolicy.Limits,
    });
    const gateway = await asGateway(berlin);
    const stored = await jetstream(gateway).publish(subjectOf(berlin.address, 'up'), 'batch');
    expect(stored).toMatchObject({ stream: name, seq: 1 });
    await manager.streams.purge(name);
    await manager.streams.delete(name);
  });

  test('a hello is answered to who asked, by the hub alone', async () => {
    const hub = await asHub();
    hub.subscribe('hf.1.main.*.*.hello', {
      callback: (_error, message) => void message.respond('receipt'),
    });
    await hub.flush();
    const gateway = await asGateway(berlin);
    const answer = await gateway.request(subjectOf(berlin.address, 'hello'), 'hello');
    expect(answer.string()).toBe('receipt');
    const other = await asGateway(neighbour);
    const asking = other.request(subjectOf(berlin.address, 'hello'), 'hello');
    await expect(asking).rejects.toBeInstanceOf(RequestError);
  });

  test('a gateway answers what the hub asks it, once, at the inbox that came with it', async () => {
    const gateway = await asGateway(berlin);
    const subject = subjectOf(berlin.address, 'evidence');
    gateway.subscribe(subject, { callback: (_error, message) => void message.respond('answer') });
    await gateway.flush();
    const hub = await asHub();
    expect((await hub.request(subject, 'question')).string()).toBe('answer');
    const other = await asGateway(neighbour);
    await expect(other.request(subject, 'question')).rejects.toBeInstanceOf(RequestError);
  });

  test('the hub hears every lane and speaks receipts, but cannot speak for a gateway', async () => {
    const hub = await raw(hubKey);
    for (const lane of lanes) {
      const subject = subjectOf(berlin.address, lane);
      expect(await mayListen(hub, subject)).toBe(true);
      expect(await mayPublish(hub, subject)).toBe(down.includes(lane));
    }
    expect(await mayPublish(hub, `${inboxPrefix(berlin.address)}.unasked`)).toBe(false);
  });
});
