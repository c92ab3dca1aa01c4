import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FakeClock, tempDir } from '../testing/test-parts.ts';
import { feedEventsOf } from './feed-event.ts';
import { createFileSink } from './file-sink.ts';
import { createMqttSink } from './mqtt-sink.ts';
import { createWebhookSink } from './webhook-sink.ts';

function eventsOf(...seqs: number[]) {
  const lines = seqs.map((seq) => {
    const header = { epoch: 1, gateway: 'gw-1', kind: 'stock.moved', seq };
    return `${JSON.stringify(header)}\n{"é":"${seq}"}\n`;
  });
  return feedEventsOf({ lines });
}

const never = new AbortController().signal;

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function startReceiver(answers: (number | 'hangs')[] = [], retryAfter = '7') {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') });
      const answer = answers.shift() ?? 204;
      if (answer === 'hangs') return;
      response.writeHead(answer, { 'retry-after': retryAfter, location: '/elsewhere' }).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { requests, url: `http://127.0.0.1:${port}/events` };
}

describe('an event', () => {
  test('carries its id, and header and payload in the words of the journal', () => {
    const lines = ['{"epoch":2,"gateway":"gw-1","kind":"a.b","seq":7}\n#', 'ab\n'];
    const [event] = feedEventsOf({ lines });
    expect(event).toMatchObject({ id: 'gw-1/2/7', kind: 'a.b', seq: 7 });
    expect(JSON.parse(event?.text ?? '')).toEqual({
      id: 'gw-1/2/7',
      header: { epoch: 2, gateway: 'gw-1', kind: 'a.b', seq: 7 },
      payloadSha256: 'ab',
    });
  });
});

describe('a webhook', () => {
  test('is signed as Standard Webhooks has it, with the event id as idempotency key', async () => {
    const { requests, url } = await startReceiver();
    const key = randomBytes(24);
    const secret = `whsec_${key.toString('base64')}`;
    const sink = createWebhookSink({ url, secret, clock: new FakeClock(1_800_000_000_500) });
    await sink.deliver(eventsOf(5), never);
    const [request] = requests;
    const { headers, body }: Request = request ?? { headers: {}, body: '' };
    expect(headers['idempotency-key']).toBe('gw-1/1/5');
    expect(headers['webhook-id']).toBe('gw-1/1/5');
    expect(headers['webhook-timestamp']).toBe('1800000000');
    const signed = createHmac('sha256', key).update(`gw-1/1/5.1800000000.${body}`);
    expect(headers['webhook-signature']).toBe(`v1,${signed.digest('base64')}`);
    expect(JSON.parse(body)).toEqual({
      events: [
        {
          id: 'gw-1/1/5',
          header: { epoch: 1, gateway: 'gw-1', kind: 'stock.moved', seq: 5 },
          payload: { é: '5' },
        },
      ],
    });
  });

  test('of several events is named by the first and the last', async () => {
    const { requests, url } = await startReceiver();
    const clock = new FakeClock();
    const sink = createWebhookSink({ url, secret: 'a secret', batchEvents: 10, clock });
    await sink.deliver(eventsOf(5, 6, 9), never);
    expect(requests[0]?.headers['idempotency-key']).toBe('gw-1/1/5..9');
    expect((JSON.parse(requests[0]?.body ?? '') as { events: [] }).events).toHaveLength(3);
  });

  test.each([302, 400, 409, 410, 500, 503] as const)(
    'answered %i was not taken',
    async (answer) => {
      const { requests, url } = await startReceiver([answer]);
      const sink = createWebhookSink({ url, secret: 'a secret', clock: new FakeClock() });
      await expect(sink.deliver(eventsOf(5), never)).rejects.toMatchObject({
        code: 'LINK_DOWN',
        details: { status: answer, retryAfterMs: 7000 },
      });
      expect(requests).toHaveLength(1);
      await sink.deliver(eventsOf(5), never);
    },
  );

  test.each([
    ['7', 7000],
    ['Fri, 15 Jan 2027 08:00:30 GMT', 30_000],
    ['Fri, 15 Jan 2027 08:55:00 GMT', 300_000],
    ['Fri, 15 Jan 2027 07:59:00 GMT', 0],
    ['soon', 0],
    ['', 0],
  ])('asked to wait %j is called again after %i ms', async (retryAfter, retryAfterMs) => {
    const { url } = await startReceiver([503], retryAfter);
    const clock = new FakeClock(Date.UTC(2027, 0, 15, 8));
    const sink = createWebhookSink({ url, secret: 'a secret', clock });
    await expect(sink.deliver(eventsOf(5), never)).rejects.toMatchObject({
      details: { status: 503, retryAfterMs },
    });
  });

  test('that is not answered, or that nobody takes, fails', async () => {
    const { url } = await startReceiver(['hangs']);
    const clock = new FakeClock();
    const sink = createWebhookSink({ url, secret: 'a secret', timeoutMs: 100, clock });
    await expect(sink.deliver(eventsOf(5), never)).rejects.toMatchObject({ code: 'LINK_DOWN' });
    const nobody = createWebhookSink({ url: 'http://127.0.0.1:1/', secret: 'a secret', clock });
    await expect(nobody.deliver(eventsOf(5), never)).rejects.toMatchObject({ code: 'LINK_DOWN' });
  });
});

describe('a file', () => {
  const linesOf = (folder: string, name = 'events.ndjson') =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { id: string }).id);

  test('has a line for each event, for whoever may read the folder', async () => {
    const folder = tempDir();
    chmodSync(folder, 0o750);
    const sink = createFileSink({ folder });
    await sink.deliver(eventsOf(1, 2), never);
    await sink.deliver(eventsOf(3), never);
    await sink.close();
    expect(linesOf(folder)).toEqual(['gw-1/1/1', 'gw-1/1/2', 'gw-1/1/3']);
    expect(statSync(join(folder, 'events.ndjson')).mode & 0o777).toBe(0o640);
  });

  test('goes on after half a line that a kill left', async () => {
    const folder = tempDir();
    const first = createFileSink({ folder });
    await first.deliver(eventsOf(1), never);
    await first.close();
    appendFileSync(join(folder, 'events.ndjson'), `{"id":"gw-1/1/2","x":"${'y'.repeat(100_000)}`);
    const second = createFileSink({ folder });
    await second.deliver(eventsOf(2), never);
    await second.close();
    expect(linesOf(folder)).toEqual(['gw-1/1/1', 'gw-1/1/2']);
  });

  test('that is long enough is closed under the ids of its first and its last event', async () => {
    const folder = tempDir();
    const sink = createFileSink({ folder, rotateBytes: 150 });
    for (const seq of [1, 2, 3, 4, 5]) await sink.deliver(eventsOf(seq), never);
    await sink.close();
    const names = readdirSync(folder).sort();
    expect(names).toEqual([
      'events-gw-1-1-1--gw-1-1-2.ndjson',
      'events-gw-1-1-3--gw-1-1-4.ndjson',
      'events.ndjson',
    ]);
    expect(names.flatMap((name) => linesOf(folder, name))).toEqual(
      [1, 2, 3, 4, 5].map((seq) => `gw-1/1/${seq}`),
    );
  });

  test('that was closed is never replaced, however often its last events come again', async () => {
    const folder = tempDir();
    const left = createFileSink({ folder });
    await left.deliver(eventsOf(1, 2, 3), never);
    await left.close();
    // Each time the kill comes after the file was closed, and before the cursor was written.
    for (let kill = 0; kill < 3; kill += 1) {
      const sink = createFileSink({ folder, rotateBytes: 150 });
      await sink.deliver(eventsOf(4, 5), never);
      await sink.close();
    }
    const names = readdirSync(folder).sort();
    expect(names).toEqual([
      'events-gw-1-1-1--gw-1-1-5.ndjson',
      'events-gw-1-1-4--gw-1-1-5.2.ndjson',
      'events-gw-1-1-4--gw-1-1-5.ndjson',
    ]);
    expect(linesOf(folder, names[0])).toEqual([1, 2, 3, 4, 5].map((seq) => `gw-1/1/${seq}`));
  });

  test('goes on as long as there is no closed file to take away, however little it may keep', async () => {
    const folder = tempDir();
    const sink = createFileSink({ folder, rotateBytes: 250, keepBytes: 100 });
    for (const seq of [1, 2, 3]) await sink.deliver(eventsOf(seq), never);
    expect(readdirSync(folder)).toEqual(['events-gw-1-1-1--gw-1-1-3.ndjson']);
    await expect(sink.deliver(eventsOf(5), never)).rejects.toMatchObject({ code: 'STORE_FULL' });
    rmSync(join(folder, 'events-gw-1-1-1--gw-1-1-3.ndjson'));
    await sink.deliver(eventsOf(5), never);
    await sink.close();
  });

  test('waits while the folder holds as much as it may, until files are taken', async () => {
    const folder = tempDir();
    const sink = createFileSink({ folder, rotateBytes: 100, keepBytes: 250 });
    await sink.deliver(eventsOf(1), never);
    await sink.deliver(eventsOf(2), never);
    await expect(sink.deliver(eventsOf(3), never)).rejects.toMatchObject({ code: 'STORE_FULL' });
    for (const name of readdirSync(folder)) {
      if (name !== 'events.ndjson') rmSync(join(folder, name));
    }
    await sink.deliver(eventsOf(3), never);
    await sink.close();
  });
});

async function startBroker() {
  const aedes = await Aedes.createBroker();
  const got: [topic: string, id: string, qos: number][] = [];
  aedes.authenticate = (_, username, password, done) =>
    done(null, username === 'feed' && password?.toString() === 'a password');
  aedes.authorizePublish = (_, { topic, payload, qos }, done) => {
    got.push([topic, (JSON.parse(payload.toString()) as { id: string }).id, qos]);
    done(null);
  };
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await new Promise<void>((resolve) => aedes.close(resolve));
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { aedes, cut, got, url: `mqtt://127.0.0.1:${port}` };
}

describe('an MQTT broker', () => {
  const options = { topic: 'wms/events', username: 'feed', clientId: 'feed', timeoutMs: 5000 };

  test('gets each event once the one before is acknowledged, and again after a cut', async () => {
    const { cut, got, url } = await startBroker();
    const sink = createMqttSink({ ...options, url, password: 'a password' });
    onTestFinished(() => sink.close());
    await sink.deliver(eventsOf(1, 2, 3), never);
    const said = [1, 2, 3].map((seq) => ['wms/events/stock.moved', `gw-1/1/${seq}`, 1]);
    expect(got).toEqual(said);
    cut();
    const again = async (): Promise<void> =>
      await sink.deliver(eventsOf(4), never).catch(async () => await again());
    await again();
    expect(got.at(-1)?.[1]).toBe('gw-1/1/4');
  });

  test('that acknowledges nothing has taken nothing', async () => {
    const { aedes, url } = await startBroker();
    aedes.authorizePublish = () => {};
    const sink = createMqttSink({ ...options, url, password: 'a password', timeoutMs: 300 });
    onTestFinished(() => sink.close());
    await expect(sink.deliver(eventsOf(1), never)).rejects.toMatchObject({ code: 'LINK_DOWN' });
  });

  test('that does not know the user takes nothing', async () => {
    const { got, url } = await startBroker();
    const sink = createMqttSink({ ...options, url, password: 'another' });
    onTestFinished(() => sink.close());
    await expect(sink.deliver(eventsOf(1), never)).rejects.toMatchObject({ code: 'LINK_DOWN' });
    expect(got).toEqual([]);
  });
});
