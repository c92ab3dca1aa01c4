import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  floorPaths,
  floorSite,
  type FloorActAnswer,
  type FloorSession,
  type FloorTasks,
} from '#contracts/api/floor-api.ts';
import { floorBanner, type FloorBanner } from '#contracts/api/floor-banner-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { faultsOf } from '#contracts/validate.ts';
import { startMs } from '../observe/testing/test-site.ts';
import { bulkItem } from '../post/testing/stock-rig.ts';
import { tempDir, until } from '../testing/test-parts.ts';
import {
  asked,
  FloorClient,
  leaseFor,
  openFloor,
  password,
  person,
  untilMs,
} from './testing/floor-site.ts';

const hourMs = 3_600_000;
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
const taken = (quantity: number) =>
  asked({ type: 'receive', zone: 'storage', what: { goods: { item: bulkItem, quantity } } });

describe('without a session', () => {
  test('nothing but the page and the way in is open', async () => {
    const { client } = await openFloor();
    const anybody = await client();
    const { page: _, acts, leftActs, stay, ...paths } = floorPaths;
    for (const path of Object.values(paths)) {
      const answer = await anybody.ask('GET', path);
      expect([path, answer.status, await codeOf(answer)]).toEqual([path, 401, 'NOT_SIGNED_IN']);
    }
    for (const path of [acts, leftActs, stay]) {
      expect((await anybody.ask('POST', path, taken(1))).status).toBe(401);
    }
    expect((await anybody.ask('DELETE', floorPaths.session)).status).toBe(401);
    anybody.cookie = `holdfast-floor=${'a'.repeat(43)}`;
    expect((await anybody.ask('GET', floorPaths.tasks)).status).toBe(401);
  });
});

describe('a session', () => {
  test('is a cookie that no script reads and no other site sends', async () => {
    const { client } = await openFloor();
    const mia = await client();
    const answer = await mia.signIn('Mia');
    expect(answer.headers.get('set-cookie')).toMatch(
      /^holdfast-floor=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await answer.json()).toMatchObject({ person: 'p-mia', name: 'mia Berg' });
    expect((await mia.ask('DELETE', floorPaths.session)).status).toBe(204);
    expect(mia.cookie).toBe('holdfast-floor=');
  });

  test('behind TLS, is bound to the host, and the public name is the one that counts', async () => {
    const { client } = await openFloor({ publicOrigin: 'https://floor.example' });
    const mia = await client();
    const body = { username: 'mia', password };
    const answer = await mia.ask('POST', floorPaths.session, body, {
      origin: 'https://floor.example',
    });
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-holdfast-floor=.*; Secure$/);
  });

  test('ends when it is signed out, and the token opens nothing any more', async () => {
    const { client } = await openFloor();
    const mia = await client('mia');
    const { cookie } = mia;
    await mia.ask('DELETE', floorPaths.session);
    mia.cookie = cookie;
    expect((await mia.ask('GET', floorPaths.session)).status).toBe(401);
  });

  test('ends an hour after its last use, and twelve hours after it began', async () => {
    const { client, clock } = await openFloor();
    const [mia, ole] = [await client('mia'), await client('ole')];
    const stay = async () => (await mia.ask('POST', floorPaths.stay)).status;
    clock.advance(hourMs - 1);
    expect(await stay()).toBe(200);
    clock.advance(1);
    expect((await ole.ask('GET', floorPaths.session)).status).toBe(401);
    for (let hour = 1; hour < 12; hour += 1) {
      expect(await stay()).toBe(200);
      clock.advance(hourMs - 1);
    }
    clock.advance(12);
    expect(await stay()).toBe(401);
  });

  test('is not kept alive by a page that asks by itself', async () => {
    const { client, clock } = await openFloor();
    const [mia, ole] = [await client('mia'), await client('ole')];
    const { banner, session, site, tasks, documents, devices, doors } = floorPaths;
    for (let minute = 0; minute < 59; minute += 1) {
      clock.advance(60_000);
      for (const path of [banner, session, site, tasks, documents, devices, doors]) {
        expect((await mia.ask('GET', path)).status).toBe(200);
      }
    }
    const { expiresAt } = await mia.get<FloorSession>(session);
    expect(expiresAt).toBe(startMs + hourMs);
    await ole.get(floorPaths.stock);
    clock.advance(60_000);
    expect((await mia.ask('GET', banner)).status).toBe(401);
    expect((await ole.ask('GET', banner)).status).toBe(200);
  });

  test('ends when the password becomes another one', async () => {
    const { client, clock, setPeople } = await openFloor();
    const mia = await client('mia');
    const other = person('mia').passwordHash.replace(/.{6}$/, 'AAAAAA');
    setPeople([person('mia', { passwordHash: other })]);
    await until(async () => (await mia.ask('GET', floorPaths.session)).status === 401);
    expect(clock.nowMs()).toBe(startMs);
  });
});

describe('another site', () => {
  test.each([
    ['without our header', { [csrfHeader]: undefined }],
    ['with another origin', { origin: 'https://evil.example' }],
    [
      'with a name that was bound to our address',
      { origin: 'http://evil.example', host: 'evil.example' },
    ],
    ['as the browser itself says', { 'sec-fetch-site': 'cross-site' }],
  ])('cannot act: %s', async (_, changes) => {
    const { client } = await openFloor();
    const mia = await client('mia');
    const { origin, cookie } = mia;
    const base = { [csrfHeader]: '1', origin, cookie, 'content-type': 'application/json' };
    const headers = Object.fromEntries(
      Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>;
    // `fetch` would not send another Host.
    const status = await new Promise((resolve) => {
      const asking = request(origin + floorPaths.acts, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asking.end(JSON.stringify(taken(1)));
    });
    expect(status).toBe(403);
    expect(await mia.get(floorPaths.stock)).toMatchObject({ rows: [] });
  });
});

describe('signing in', () => {
  test('says neither which of name and password is wrong, nor logs what was typed', async () => {
    const { client, said } = await openFloor();
    const anybody = await client();
    const answers = [await anybody.signIn('mia', 'wrong one'), await anybody.signIn('nobody')];
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(bodies[0]).toEqual(bodies[1]);
    expect(bodies[0]).toMatchObject({ code: 'SIGN_IN_FAILED' });
    const log = JSON.stringify(said);
    for (const secret of ['wrong one', 'nobody', password]) expect(log).not.toContain(secret);
  });

  test('after ten failures costs a wait, for that name from that address alone', async () => {
    const { client, clock } = await openFloor();
    const anybody = await client();
    const guesses = Array.from({ length: 10 }, () => anybody.signIn('mia', 'a guess'));
    for (const answer of await Promise.all(guesses)) expect(answer.status).toBe(401);
    const limited = await anybody.signIn('mia');
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await anybody.signIn('ole')).status).toBe(200);
    clock.advance(1000);
    expect((await anybody.signIn('mia')).status).toBe(200);
  });

  test.each([
    ['goes by what a trusted proxy says of the address', ['127.0.0.0/8'], 200],
    ['goes by what nobody else says of it', ['10.0.0.0/8'], 429],
    ['goes by what nobody says of it by default', undefined, 429],
  ])('after ten failures %s', async (_, trustedProxies, status) => {
    const { client } = await openFloor(trustedProxies && { trustedProxies });
    const anybody = await client();
    const tries = (of: string, secret: string) => {
      const from = { 'x-forwarded-for': `203.0.113.9, ${of}` };
      return anybody.ask('POST', floorPaths.session, { username: 'mia', password: secret }, from);
    };
    const guesses = Array.from({ length: 10 }, () => tries('10.1.0.1', 'a guess'));
    for (const answer of await Promise.all(guesses)) expect(answer.status).toBe(401);
    expect((await tries('10.1.0.1', password)).status).toBe(429);
    expect((await tries('10.1.0.2', password)).status).toBe(status);
  });

  test('ends with the credential, and so does the session that it opened', async () => {
    const people = [person('mia', { credentialUntilMs: startMs + 1000 })];
    const { client, clock } = await openFloor({ people });
    const mia = await client('mia');
    const { expiresAt } = await mia.get<FloorSession>(floorPaths.session);
    expect(expiresAt).toBe(startMs + 1000);
    clock.advance(1000);
    expect((await mia.ask('POST', floorPaths.acts, taken(1))).status).toBe(401);
    const late = await mia.signIn('mia');
    expect(await late.json()).toMatchObject({
      code: 'SIGN_IN_FAILED',
      message: 'your credential has run out: let your supervisor renew it, then sign in again',
    });
  });

  test('goes on by the former list while the new one cannot be read', async () => {
    const { client, peopleFile, said, setPeople } = await openFloor();
    await client('mia');
    writeFileSync(peopleFile, '{"v":1', { mode: 0o600 });
    await until(() => said.some(({ msg }) => msg === 'people.unreadable'));
    await client('mia');
    setPeople([person('ole')]);
    await until(async () => (await (await client()).signIn('mia')).status === 401);
    await client('ole');
  });
});

describe('a person whose rights ended meanwhile', () => {
  test('is signed out; what they did since then is kept, marked, and to be reviewed', async () => {
    const { client, clock, setPeople } = await openFloor();
    const [mia, ole] = [await client('mia'), await client('ole')];
    await mia.act(taken(1));
    clock.advance(60_000);
    const revokedAtMs = clock.nowMs();
    clock.advance(60_000);
    const { act } = await mia.act({ ...taken(2), atMs: startMs });
    setPeople([person('mia', { revokedAtMs }), person('ole')]);
    await until(async () => (await mia.ask('GET', floorPaths.session)).status === 401);
    const refused = await mia.signIn('mia');
    expect(await refused.json()).toMatchObject({
      message: 'your rights at this site have ended: ask your supervisor',
    });
    let tasks: FloorTasks['tasks'] = [];
    await until(async () => {
      ({ tasks } = await ole.get<FloorTasks>(floorPaths.tasks));
      return tasks.length > 0;
    });
    expect(tasks).toMatchObject([{ task: 'review-act', act }]);
    expect(await ole.get(floorPaths.stock)).toMatchObject({ rows: [{ quantity: 3 }] });
  });

  test('is reviewed also where they were let in again before the gateway heard of it', async () => {
    const { client, clock, setPeople } = await openFloor();
    const [mia, ole] = [await client('mia'), await client('ole')];
    clock.advance(60_000);
    const fromMs = clock.nowMs();
    const { act } = await mia.act(taken(2));
    clock.advance(60_000);
    const toMs = clock.nowMs();
    const lease = leaseFor('p-mia', { id: 'lease-2', validFromMs: toMs });
    setPeople([person('mia', { lease, revokedBefore: [{ fromMs, toMs }] }), person('ole')]);
    let tasks: FloorTasks['tasks'] = [];
    await until(async () => {
      ({ tasks } = await ole.get<FloorTasks>(floorPaths.tasks));
      return tasks.length > 0;
    });
    expect(tasks).toMatchObject([{ task: 'review-act', act }]);
    expect(await mia.act(taken(1))).toMatchObject({ outcome: 'applied', tasks: [] });
  });

  test('left acts on a device: whoever is there brings them, to be reviewed and never applied', async () => {
    const { client, clock, setPeople } = await openFloor();
    const ole = await client('ole');
    const left = taken(4);
    const bring = async () =>
      await ole.ask('POST', floorPaths.leftActs, { person: 'p-mia', act: left });
    expect(await (await bring()).json()).toEqual({ act: left.id, outcome: 'waits-for-author' });
    setPeople([person('mia', { credentialUntilMs: startMs }), person('ole')]);
    clock.advance(60_000);
    expect(await (await bring()).json()).toMatchObject({ outcome: 'waits-for-author' });
    setPeople([person('mia', { revokedAtMs: clock.nowMs() }), person('ole')]);
    await until(async () => {
      const { outcome } = (await (await bring()).json()) as { outcome: string };
      return outcome === 'kept-for-review';
    });
    expect((await bring()).status).toBe(200);
    expect(await ole.get(floorPaths.tasks)).toMatchObject({
      tasks: [{ task: 'review-act', act: left.id, item: bulkItem, zone: 'storage' }],
    });
    expect(await ole.get(floorPaths.stock)).toMatchObject({ rows: [] });
  });

  test('stays out after a restart', async () => {
    const first = await openFloor();
    const mia = await first.client('mia');
    await mia.act(taken(1));
    await first.close();
    const people = [person('mia', { revokedAtMs: startMs }), person('ole')];
    const { client } = await openFloor({ dir: first.dir, people });
    expect((await (await client()).signIn('mia')).status).toBe(401);
    const ole = await client('ole');
    await until(async () => (await ole.get<FloorTasks>(floorPaths.tasks)).tasks.length === 1);
  });
});

test('a lease that has run out refuses acts, and looking goes on', async () => {
  const [ole] = [person('ole')];
  const lease = ole.lease && { ...ole.lease, validUntilMs: startMs + 1000 };
  const { client, clock } = await openFloor({ people: [{ ...ole, ...(lease && { lease }) }] });
  const one = await client('ole');
  clock.advance(1001);
  const answer: FloorActAnswer = await one.act(taken(1));
  expect(answer).toMatchObject({ outcome: 'refused', refusal: { code: 'lease-expired' } });
  expect(await one.get(floorPaths.session)).toMatchObject({ lease: null, may: [] });
  expect(untilMs).toBeGreaterThan(clock.nowMs());
});

test('the banner says since when the hub is away, and what waits for it', async () => {
  const { client, state } = await openFloor();
  const mia = await client('mia');
  const banner = await mia.get<FloorBanner>(floorPaths.banner);
  expect(faultsOf(floorBanner, banner)).toEqual([]);
  expect(banner).toMatchObject({
    hub: { state: 'away', sinceMs: startMs - 60_000 },
    queuedEvents: 1,
    room: { bytes: 4000, days: null },
    journal: 'open',
    override: null,
  });
  const override = { by: 'p-ole', reason: 'reader 3 is broken', sinceMs: 1, untilMs: 2 };
  state.override = { ...override, deferred: true, hash: 'ab'.repeat(32) };
  const overridden = await mia.get<FloorBanner>(floorPaths.banner);
  expect(faultsOf(floorBanner, overridden)).toEqual([]);
  expect(overridden.override).toEqual({ ...override, deferred: true });
  const site = await mia.get(floorPaths.site);
  expect(faultsOf(floorSite, site)).toEqual([]);
  expect(site).toMatchObject({ site: 'leeds', recountBy: 'other', onDocumentOnly: [] });
});

test('the page’s files are served as they are, and nothing beside them', async () => {
  const dir = tempDir();
  const pageFolder = join(dir, 'page');
  mkdirSync(join(pageFolder, 'assets'), { recursive: true });
  writeFileSync(join(pageFolder, 'index.html'), '<p>floor</p>');
  writeFileSync(join(pageFolder, 'assets/main-1a2b.js'), '1');
  writeFileSync(join(dir, 'people.js'), 'secret');
  const { client } = await openFloor({ pageFolder });
  const { origin } = await client();
  const read = async (path: string) => await fetch(origin + path);
  const page = await read('/floor');
  expect(await page.text()).toBe('<p>floor</p>');
  expect(page.url).toBe(`${origin}/floor/`);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect(page.headers.get('cache-control')).toBe('no-cache');
  const script = await read('/floor/assets/main-1a2b.js');
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect(script.headers.get('cache-control')).toContain('immutable');
  for (const path of ['/floor/..%2fpeople.js', '/floor/%2e%2e/people.js', '/floor/none.js']) {
    expect((await read(path)).status).toBe(404);
  }
  expect(new FloorClient(1).cookie).toBe('');
});
