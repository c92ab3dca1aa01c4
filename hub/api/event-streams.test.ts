import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { streamMessage, type StreamMessage } from '#contracts/api/stream-api.ts';
import { validate } from '#contracts/validate.ts';
import { startApi, unsafeHeaders, type TestApi } from './testing/start-api.ts';

let api: TestApi;
let cookie: string;
beforeEach(async () => {
  api = await startApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  cookie = await api.signIn();
});
afterEach(async () => {
  vi.useRealTimers();
  await api.stop();
});

/** A stream as a browser would read it. */
async function openStream() {
  const { port } = api.app.server.address() as AddressInfo;
  const asked = request({ host: '127.0.0.1', port, path: apiPaths.stream, headers: { cookie } });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const messages: StreamMessage[] = [];
  let unread = '';
  answer.setEncoding('utf8');
  answer.on('data', (text: string) => {
    const blocks = (unread + text).split('\n\n');
    unread = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, data] = /^data: (.*)$/m.exec(block) ?? [];
      if (data !== undefined) messages.push(JSON.parse(data) as StreamMessage);
    }
  });
  // Being cut off shows as an error first; what counts here is the end.
  answer.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    answer.on('close', resolve);
  });
  return { answer, messages, closed };
}

test('a stream begins with a tick and tells what changed where', async () => {
  const { answer, messages } = await openStream();
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
  api.announce({ topic: 'stock', sites: ['berlin'] });
  await vi.waitFor(() => expect(messages.map((message) => message.topic)).toContain('stock'));
  expect(messages.map((message) => message.topic)).toEqual(['tick', 'stock']);
  expect(messages.every((message) => validate(streamMessage, message).ok)).toBe(true);
  answer.destroy();
});

test('a stream ends when its session is ended, and others go on', async () => {
  const first = await openStream();
  const others = await api.signIn();
  const firstCookie = cookie;
  cookie = others;
  const second = await openStream();
  await api.app.inject({
    method: 'DELETE',
    url: apiPaths.session,
    headers: { ...unsafeHeaders, cookie: firstCookie },
  });
  await first.closed;
  api.announce({ topic: 'fleet', sites: [] });
  await vi.waitFor(() => expect(second.messages.at(-1)?.topic).toBe('fleet'));
  second.answer.destroy();
});

test('a stream ends by itself when its session runs out, and ticks until then', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await api.stop();
  api = await startApi();
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  cookie = await api.signIn();
  const { messages, closed } = await openStream();
  await vi.advanceTimersByTimeAsync(5000);
  await vi.waitFor(() => expect(messages).toHaveLength(2));
  expect(messages.at(-1)?.topic).toBe('tick');
  api.time.nowMs += 30 * 60_000;
  await vi.advanceTimersByTimeAsync(5000);
  await closed;
});

test('a session holds a bounded number of streams', async () => {
  const open = await Promise.all(Array.from({ length: 10 }, openStream));
  const { answer } = await openStream();
  expect(answer.statusCode).toBe(503);
  for (const stream of open) stream.answer.destroy();
});

test('a client that does not read is cut off, not buffered for', async () => {
  const { answer, closed } = await openStream();
  answer.pause();
  answer.socket.pause();
  const sites = Array.from({ length: 2000 }, (_, index) => `site-${index}`);
  await vi.waitFor(
    () => {
      api.time.nowMs += 1000;
      api.announce({ topic: 'stock', sites });
      expect(api.lines.join('')).toContain('"msg":"stream.too-slow"');
    },
    { timeout: 15_000, interval: 2 },
  );
  answer.socket.resume();
  answer.resume();
  await closed;
}, 20_000);

test('stopping the hub ends its streams', async () => {
  const { closed } = await openStream();
  await api.app.close();
  await closed;
});
