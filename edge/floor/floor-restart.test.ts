import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { floorPaths, type FloorStock } from '#contracts/api/floor-api.ts';
import { bulkItem } from '../post/testing/stock-rig.ts';
import { asked, openFloor, person, type FloorClient } from './testing/floor-site.ts';

const screws = (quantity: number) => ({ goods: { item: bulkItem, quantity } });
const received = () => asked({ type: 'receive', zone: 'storage', what: screws(4) });

/** Who was signed in before goes on with the same cookie. */
async function goesOn(floor: Awaited<ReturnType<typeof openFloor>>, before: FloorClient) {
  const client = await floor.client();
  client.cookie = before.cookie;
  return client;
}

test('a restart of the gateway signs nobody out, and the file lets nobody in', async () => {
  const first = await openFloor();
  const mia = await first.client('mia');
  const file = join(first.dir, 'floor-sessions.json');
  // Kept before it was answered: the gateway may be killed at any time.
  expect(readFileSync(file, 'utf8')).toContain('"p-mia"');
  await first.close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const text = readFileSync(file, 'utf8');
  const token = mia.cookie.split('=')[1] ?? '';
  expect(token).not.toBe('');
  expect(text).not.toContain(token);
  expect(text).not.toContain('argon2');
  const again = await goesOn(await openFloor({ dir: first.dir }), mia);
  expect(await again.get(floorPaths.session)).toMatchObject({ person: 'p-mia' });
});

test('who signed out, was revoked or has another password meanwhile stays out', async () => {
  const first = await openFloor({ people: [person('mia'), person('ole'), person('cem')] });
  const [mia, ole, cem] = [
    await first.client('mia'),
    await first.client('ole'),
    await first.client('cem'),
  ];
  const miaCookie = mia.cookie;
  await mia.ask('DELETE', floorPaths.session);
  await first.close();
  const passwordHash = `${person('cem').passwordHash.slice(0, -4)}AAAA`;
  const people = [
    person('mia'),
    person('ole', { revokedAtMs: first.clock.nowMs() }),
    person('cem', { passwordHash }),
  ];
  const second = await openFloor({ dir: first.dir, people });
  for (const cookie of [miaCookie, ole.cookie, cem.cookie]) {
    const client = await second.client();
    client.cookie = cookie;
    expect((await client.ask('GET', floorPaths.session)).status).toBe(401);
  }
});

test('a count that has begun stays blind over a restart', async () => {
  const first = await openFloor();
  const mia = await first.client('mia');
  await mia.act(received());
  await mia.get(floorPaths.countSheet, { zone: 'storage' });
  await first.close();
  const again = await goesOn(await openFloor({ dir: first.dir }), mia);
  const stock = await again.get<FloorStock>(floorPaths.stock, { zone: 'storage' });
  expect(stock.rows).toMatchObject([{ item: bulkItem, quantity: null }]);
});

test('a file that makes no sense asks everybody to sign in again', async () => {
  const first = await openFloor();
  const mia = await first.client('mia');
  await first.close();
  writeFileSync(join(first.dir, 'floor-sessions.json'), '{"v":1,"sessions":[{}]}');
  const second = await openFloor({ dir: first.dir });
  const again = await goesOn(second, mia);
  expect((await again.ask('GET', floorPaths.session)).status).toBe(401);
  expect(second.said.map(({ msg }) => msg)).toContain('floor.sessions-unreadable');
  expect((await again.signIn('mia')).status).toBe(200);
});

test('an act id that was used for another act is a conflict, also after a restart', async () => {
  const first = await openFloor();
  const mia = await first.client('mia');
  const act = received();
  await mia.act(act);
  await first.close();
  const again = await goesOn(await openFloor({ dir: first.dir }), mia);
  const other = await again.ask('POST', floorPaths.acts, { ...act, what: screws(5) });
  expect(other.status).toBe(409);
  const at = new Date(first.clock.nowMs()).toISOString();
  const message = `the act id "${act.id}" was used for another act at ${at}: make a new one`;
  expect(await other.json()).toMatchObject({ code: 'CONFLICT', message });
  expect(await again.act(act)).toMatchObject({ outcome: 'applied', repeated: true });
});

test('a repeated act is answered as the first time, also after a restart', async () => {
  const first = await openFloor();
  const mia = await first.client('mia');
  const act = received();
  const found = [{ item: bulkItem, quantity: 1 }];
  const count = asked({ type: 'count', zone: 'storage', found });
  const beyond = asked({ type: 'move', zone: 'receiving', toZone: 'shipping', what: screws(9) });
  const answers = [await mia.act(act), await mia.act(beyond), await mia.act(count)];
  expect(answers.map(({ events }) => events.length)).toEqual([1, 1, 2]);
  expect(answers[2]).toMatchObject({ count: { result: 'recount' }, tasks: [{ task: 'recount' }] });
  await mia.act(received());
  await first.close();
  const again = await goesOn(await openFloor({ dir: first.dir }), mia);
  for (const [index, one] of [act, beyond, count].entries()) {
    expect(await again.act(one)).toEqual({ ...answers[index], repeated: true });
  }
});
