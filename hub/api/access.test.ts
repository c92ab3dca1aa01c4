import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { problem } from '#contracts/api/problem-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { csrfHeader } from '#contracts/api/session-api.ts';
import { validate } from '#contracts/validate.ts';
import { actions } from '../access/policy.ts';
import {
  metricsToken,
  password,
  startApi,
  unsafeHeaders,
  username,
  type TestApi,
} from './testing/start-api.ts';

let api: TestApi;
const start = async () => {
  api = await startApi();
};
const stop = () => api.stop();

const signInWith = (payload: object, headers: Record<string, string> = unsafeHeaders) =>
  api.app.inject({ method: 'POST', url: apiPaths.session, headers, payload });
const whoAmI = (cookie: string) =>
  api.app.inject({ method: 'GET', url: apiPaths.session, headers: { cookie } });

describe('every route', () => {
  beforeAll(start);
  afterAll(stop);
  // What gateways send proves itself by the keys that signed it.
  const signed: readonly string[] = [apiPaths.enrol, apiPaths.login, apiPaths.restore];
  const posts = [apiPaths.session, ...signed].map((path) => `POST ${path}`);
  const open = new Set([`GET ${apiPaths.openapi}`, ...posts, `GET ${apiPaths.health}`]);
  // What is only done there, and what is done as well.
  const deeds: readonly string[] = [
    apiPaths.configPushCancel,
    apiPaths.sitePerson,
    apiPaths.sitePersonRevoke,
  ];
  const asWell = [
    apiPaths.configPushes,
    apiPaths.configVersions,
    apiPaths.session,
    apiPaths.sitePeople,
  ];
  const all = [
    ...Object.values(apiPaths)
      .filter((path) => ![...signed, ...deeds].includes(path))
      .map((path) => `GET ${path}`),
    ...[...signed, ...deeds, ...asWell].map((path) => `POST ${path}`),
    `DELETE ${apiPaths.session}`,
  ];

  test('is on the list that these tests go through', () => {
    const printed = api.app.printRoutes({ commonPrefix: false });
    const methods = [...printed.matchAll(/\(([^)]*)\)/g)].flatMap(([, list = '']) =>
      list.split(', '),
    );
    expect(methods.filter((method) => method !== 'HEAD')).toHaveLength(all.length);
  });

  test.each(all.filter((route) => !open.has(route)))('%s needs a sign-in', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const url = path.replace(':gateway', 'gw-1').replace(/:\w+/g, '1');
    const answer = await api.app.inject({
      method: method as 'GET',
      url,
      headers: { ...unsafeHeaders, cookie: `holdfast-session=${'A'.repeat(43)}` },
    });
    expect(answer.statusCode).toBe(401);
    expect(validate(problem, answer.json()).ok).toBe(true);
    expect(answer.json()).toMatchObject({ code: 'NOT_SIGNED_IN', retryable: false });
  });

  test('without a word on who may use it keeps the server from starting', () => {
    const fresh = () => api.app.route({ method: 'GET', url: '/api/new', handler: () => '' });
    expect(fresh).toThrow(/route/);
  });

  test('metrics open with their own token alone', async () => {
    const get = (authorization: string) =>
      api.app.inject({ method: 'GET', url: apiPaths.metrics, headers: { authorization } });
    expect((await get(`Bearer ${metricsToken}x`)).statusCode).toBe(401);
    const answer = await get(`Bearer ${metricsToken}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('holdfast_hub_http_request_seconds_count');
  });
});

describe('a session', () => {
  beforeEach(start);
  afterEach(stop);
  test('begins with the right password and ends at sign-out, in the store', async () => {
    const cookie = await api.signIn();
    expect((await whoAmI(cookie)).json()).toEqual({
      username,
      role: 'administrator',
      expiresAt: api.time.nowMs + 30 * 60_000,
      may: [...actions],
    });
    const out = await api.app.inject({
      method: 'DELETE',
      url: apiPaths.session,
      headers: { ...unsafeHeaders, cookie },
    });
    expect(out.statusCode).toBe(204);
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  test('lives in a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await signInWith({ username, password });
    expect(answer.headers['set-cookie']).toMatch(
      /^holdfast-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(answer.body).not.toContain(answer.cookies[0]?.value);
  });

  test('behind https lives in a __Host- cookie that is Secure', async () => {
    const secure = await startApi({ publicUrl: 'https://hub.example' });
    const answer = await secure.app.inject({
      method: 'POST',
      url: apiPaths.session,
      headers: { ...unsafeHeaders, origin: 'https://hub.example' },
      payload: { username, password },
    });
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-holdfast=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    await secure.stop();
  });

  test('is never the one that the caller brought along', async () => {
    const planted = await api.signIn();
    const own = await api.signIn({ cookie: planted });
    expect(own).not.toBe(planted);
    expect((await whoAmI(planted)).statusCode).toBe(401);
    expect((await whoAmI(own)).statusCode).toBe(200);
  });

  test('ends after half an hour without use', async () => {
    const cookie = await api.signIn();
    api.time.nowMs += 29 * 60_000;
    expect((await whoAmI(cookie)).statusCode).toBe(200);
    api.time.nowMs += 30 * 60_000 - 1;
    expect((await whoAmI(cookie)).statusCode).toBe(200);
    api.time.nowMs += 30 * 60_000;
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  test('ends after twelve hours, however busy', async () => {
    const cookie = await api.signIn();
    const endMs = api.time.nowMs + 12 * 3_600_000;
    for (; api.time.nowMs < endMs; api.time.nowMs += 20 * 60_000) {
      expect((await whoAmI(cookie)).statusCode).toBe(200);
    }
    expect((await whoAmI(cookie)).statusCode).toBe(401);
  });

  test('ends when the password is reset', async () => {
    const cookie = await api.signIn();
    await api.people.resetPassword(username, 'another');
    expect((await whoAmI(cookie)).statusCode).toBe(401);
    expect((await signInWith({ username, password })).statusCode).toBe(401);
    expect((await signInWith({ username, password: 'another' })).statusCode).toBe(200);
  });

  test('is not found for what was never a token', async () => {
    const tokens = ['', 'x', '../../etc/passwd', 'A'.repeat(43), 'A'.repeat(4000), "' or 1=1 --"];
    for (const token of tokens) {
      const answer = await whoAmI(`holdfast-session=${encodeURIComponent(token)}`);
      expect(answer.statusCode).toBe(401);
    }
  });
});

describe('signing in', () => {
  beforeEach(start);
  afterEach(stop);
  test('does not say whether the name or the password was wrong', async () => {
    const wrongPassword = await signInWith({ username, password: 'wrong' });
    const wrongName = await signInWith({ username: 'nobody', password });
    expect(wrongPassword.statusCode).toBe(401);
    expect(wrongName.json()).toEqual(wrongPassword.json());
    expect(wrongName.headers['set-cookie']).toBeUndefined();
  });

  test('is slowed down for who guesses, and for nobody else', async () => {
    const guess = (remoteAddress: string, secret: string) =>
      api.app.inject({
        method: 'POST',
        url: apiPaths.session,
        headers: unsafeHeaders,
        payload: { username, password: secret },
        remoteAddress,
      });
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect((await guess('192.0.2.1', 'wrong')).statusCode).toBe(401);
      api.time.nowMs += 1;
      if (attempt === 4) api.time.nowMs += 1000;
    }
    const refused = await guess('192.0.2.1', password);
    expect(refused.json()).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', retryable: true });
    expect(refused.headers['retry-after']).toBe('2');
    expect((await guess('192.0.2.2', password)).statusCode).toBe(200);
    api.time.nowMs += 2000;
    expect((await guess('192.0.2.1', password)).statusCode).toBe(200);
  });

  test('counts the address of the connection, whatever a header says, unless a proxy is trusted', async () => {
    const attempt = (to: TestApi, forwarded: string) =>
      to.app.inject({
        method: 'POST',
        url: apiPaths.session,
        headers: { ...unsafeHeaders, 'x-forwarded-for': forwarded },
        payload: { username, password: 'wrong' },
        remoteAddress: '10.0.0.5',
      });
    const trusting = await startApi({ trustedProxies: ['10.0.0.0/8'] });
    for (let from = 1; from <= 5; from += 1) {
      expect((await attempt(api, `192.0.2.${from}`)).statusCode).toBe(401);
      expect((await attempt(trusting, `192.0.2.${from}`)).statusCode).toBe(401);
    }
    expect((await attempt(api, '192.0.2.6')).statusCode).toBe(429);
    expect((await attempt(trusting, '192.0.2.6')).statusCode).toBe(401);
    await trusting.stop();
  });

  test('is logged with who and from where, and never with a secret', async () => {
    const cookie = await api.signIn();
    await signInWith({ username, password: 'wrong-secret' });
    await signInWith({ username: 'typed-my-password-here', password: 'wrong-secret' });
    await signInWith({ username, password: 'x'.repeat(300) });
    const text = api.lines.join('');
    expect(text).toContain(
      '"username":"administrator","address":"127.0.0.1","msg":"access.signed-in"',
    );
    expect(text).toContain(
      '"username":"administrator","address":"127.0.0.1","msg":"access.sign-in-refused"',
    );
    const token = cookie.split('=')[1] ?? '';
    for (const secret of [password, 'wrong-secret', 'typed-my-password', 'xxxx', token]) {
      expect(text).not.toContain(secret);
    }
  });

  test('keeps no password that could be read back', async () => {
    const person = await api.people.find(username);
    expect(person?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=\d{5,},t=[2-9],p=1\$/);
  });
});

describe('a request from another site', () => {
  beforeAll(start);
  afterAll(stop);
  const post = (headers: Record<string, string>) => signInWith({ username, password }, headers);

  test.each([
    ['without the header', {}],
    ['from another site', { ...unsafeHeaders, 'sec-fetch-site': 'cross-site' }],
    ['from a sibling domain', { ...unsafeHeaders, 'sec-fetch-site': 'same-site' }],
    ['from another origin', { ...unsafeHeaders, origin: 'https://evil.example' }],
    ['from an opaque origin', { ...unsafeHeaders, origin: 'null' }],
    [
      'from a name rebound to this host',
      { ...unsafeHeaders, origin: 'http://evil.example', host: 'evil.example' },
    ],
  ])('is refused %s', async (_what, headers) => {
    const answer = await post(headers);
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'CROSS_SITE_REQUEST' });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('is refused also for sign-out', async () => {
    const cookie = await api.signIn();
    const out = await api.app.inject({
      method: 'DELETE',
      url: apiPaths.session,
      headers: { cookie },
    });
    expect(out.statusCode).toBe(403);
    expect((await whoAmI(cookie)).statusCode).toBe(200);
  });

  test('is told from the page that the hub itself served', async () => {
    const headers = {
      [csrfHeader]: '1',
      'sec-fetch-site': 'same-origin',
      origin: 'http://127.0.0.1:8080',
      host: '127.0.0.1:8080',
    };
    expect((await post(headers)).statusCode).toBe(200);
  });

  test('gets no leave to read or to send, whatever it asks', async () => {
    const answer = await api.app.inject({
      method: 'OPTIONS',
      url: apiPaths.stock,
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
    });
    const allowed = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
    expect(allowed).toEqual([]);
  });
});
