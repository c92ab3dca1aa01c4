import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpDevice, type HttpDeviceOptions } from './http-device.ts';

interface Post {
  readonly text: string;
}

let server: Server;
let url: string;
let answers: number[];
let posts: { body: string; authorization: string | undefined }[];

beforeEach(async () => {
  answers = [];
  posts = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization } = request.headers;
      posts.push({ body: Buffer.concat(chunks).toString(), authorization });
      const status = answers.shift() ?? 200;
      // A status of 0: the gateway dies before it answers.
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/scans`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function startDevice(changes: Partial<HttpDeviceOptions<Post & { payload: Uint8Array }>> = {}) {
  const acknowledged: string[] = [];
  const dropped: string[] = [];
  const device = new HttpDevice<Post & { payload: Uint8Array }>({
    access: { url, token: 'secret' },
    buffers: true,
    retryMs: 1,
    losesAnswer: () => false,
    onAcknowledged: ({ text }) => acknowledged.push(text),
    onDropped: ({ text }) => dropped.push(text),
    ...changes,
  });
  device.start();
  const send = (text: string) => device.send({ text, payload: Buffer.from(text) });
  return { device, acknowledged, dropped, send };
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await setImmediate();
}

test('posts in order under its token, and is acknowledged by a 2xx', async () => {
  const { device, acknowledged, send } = startDevice();
  for (const text of ['a', 'b', 'c']) send(text);
  await until(() => device.waiting === 0);
  expect(acknowledged).toEqual(['a', 'b', 'c']);
  expect(posts.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
  expect(posts[0]?.authorization).toBe('Bearer secret');
});

test('posts the same bytes again until a 2xx comes, and nothing overtakes', async () => {
  answers = [503, 0, 400, 202];
  const { device, acknowledged, send } = startDevice();
  send('a');
  send('b');
  await until(() => device.waiting === 0);
  expect(acknowledged).toEqual(['a', 'b']);
  expect(posts.map(({ body }) => body)).toEqual(['a', 'a', 'a', 'a', 'b']);
});

test('an answer that it never hears makes it post again', async () => {
  const lost = [true, false];
  const { device, acknowledged, send } = startDevice({ losesAnswer: () => lost.shift() ?? false });
  send('a');
  await until(() => device.waiting === 0);
  expect(device.posts).toBe(2);
  expect(acknowledged).toEqual(['a']);
});

test('without a buffer it tries once', async () => {
  answers = [503];
  const { device, acknowledged, dropped, send } = startDevice({ buffers: false });
  send('a');
  send('b');
  await until(() => device.waiting === 0);
  expect(dropped).toEqual(['a']);
  expect(acknowledged).toEqual(['b']);
});

test('what has no answer when it stops is kept', async () => {
  answers = [503];
  const { device, acknowledged, send } = startDevice({ retryMs: 60_000 });
  send('a');
  await until(() => posts.length === 1);
  await device.stop();
  expect(acknowledged).toEqual([]);
  expect(device.waiting).toBe(1);
  device.start();
  await until(() => device.waiting === 0);
  expect(acknowledged).toEqual(['a']);
});
