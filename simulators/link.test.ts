import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Link } from './link.ts';

/** Answers every chunk with the same bytes. */
const echo = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
let link: Link;
const sockets: Socket[] = [];

beforeEach(async () => {
  if (!echo.listening) await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  link = new Link({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  await link.start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await link.stop();
});

function dial(): Socket {
  const socket = connect({ host: '127.0.0.1', port: link.port });
  socket.setEncoding('utf8').on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

/** Ends with a reset too, which \`once\` would throw. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function answer(socket: Socket, bytes: number): Promise<string> {
  let text = '';
  while (text.length < bytes) text += String((await once(socket, 'data'))[0]);
  return text;
}

test('carries bytes both ways', async () => {
  const socket = dial();
  socket.write('hello');
  expect(await answer(socket, 5)).toBe('hello');
});

test('a refusing cut ends connections and refuses new ones until it is healed', async () => {
  const before = dial();
  before.write('a');
  await answer(before, 1);
  link.cut('refuse');
  await closed(before);
  const during = dial();
  await closed(during);
  link.heal();
  const after = dial();
  after.write('b');
  expect(await answer(after, 1)).toBe('b');
});

test('a black hole lets connections stand, delivers nothing, and everything once it is healed', async () => {
  const before = dial();
  before.write('a');
  await answer(before, 1);
  link.cut('black-hole');
  let heard = '';
  before.on('data', (text: string) => (heard += text));
  before.write('late');
  const during = dial();
  await once(during, 'connect');
  during.write('new');
  // The echo server answers within this turn or two, were it to hear anything.
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toBe('');
  expect(before.destroyed || during.destroyed).toBe(false);
  link.heal();
  expect(await answer(during, 3)).toBe('new');
  while (heard.length < 4) await once(before, 'data');
  expect(heard).toBe('late');
});

test('delays what passes, in order', async () => {
  const socket = dial();
  await once(socket, 'connect');
  link.delay(40);
  const start = performance.now();
  for (const letter of 'abcdef') {
    socket.write(letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await answer(socket, 6)).toBe('abcdef');
  expect(performance.now() - start).toBeGreaterThanOrEqual(75);
});

test('a large transfer against a slow reader arrives whole', async () => {
  const socket = dial();
  const text = 'x'.repeat(4_000_000);
  socket.write(text);
  socket.pause();
  await once(socket, 'drain');
  socket.resume();
  expect((await answer(socket, text.length)).length).toBe(text.length);
});
