import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fleet } from '#contracts/api/fleet-api.ts';
import { outagesPage } from '#contracts/api/outages-api.ts';
import { problem } from '#contracts/api/problem-api.ts';
import { gatewayQuarantine } from '#contracts/api/quarantine-api.ts';
import { apiPaths } from '#contracts/api/routes-api.ts';
import { movementsPage, stockPage } from '#contracts/api/stock-api.ts';
import { Fault } from '#contracts/fault.ts';
import { validate } from '#contracts/validate.ts';
import {
  hostileText,
  metricsToken,
  startApi,
  stockAnswer,
  unsafeHeaders,
  type TestApi,
} from './testing/start-api.ts';

let api: TestApi;
let cookie: string;
beforeAll(async () => {
  api = await startApi();
  cookie = await api.signIn();
});
afterAll(() => api.stop());

const get = (url: string) => api.app.inject({ method: 'GET', url, headers: { cookie } });
const movements = `${apiPaths.movements}?site=berlin&zone=dock&status=receiving&owner=own&item=1`;

describe('a read', () => {
  test.each([
    [apiPaths.stock, stockPage],
    [movements, movementsPage],
    [apiPaths.fleet, fleet],
    [`${apiPaths.fleetQuarantine}?gateway=gw-1`, gatewayQuarantine],
    [apiPaths.outages, outagesPage],
  ])('of %s answers in its schema', async (url, schema) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(200);
    expect(validate(schema, answer.json()).ok).toBe(true);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('hands the query on as numbers and words', async () => {
    const stock = vi.spyOn(api.queries, 'stock');
    await get(
      `${apiPaths.stock}?site=berlin&item=0614&sort=quantity&order=desc&offset=50&limit=25`,
    );
    expect(stock).toHaveBeenCalledWith({
      site: 'berlin',
      item: '0614',
      sort: 'quantity',
      order: 'desc',
      offset: 50,
      limit: 25,
    });
  });

  test('says unknown as null, never as zero', async () => {
    const answer = await get(apiPaths.stock);
    expect(answer.body).toContain('"waitingEvents":null,"lastHeardAt":null');
  });

  test('gives text of devices as JSON text, unchanged and as nothing else', async () => {
    const answer = await get(apiPaths.stock);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.json()).toEqual(stockAnswer);
    expect(stockAnswer.rows[0]?.item).toBe(hostileText);
  });

  test('of an event passes the position on, and says when there is none', async () => {
    const event = vi.spyOn(api.queries, 'event');
    const answer = await get('/api/events/gw-1/2/77');
    expect(event).toHaveBeenCalledWith({ gateway: 'gw-1', epoch: 2, seq: 77 });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'NOT_FOUND',
      message: 'the hub holds no event gw-1/2/77',
    });
  });
});

describe('an error', () => {
  test('of a query names every fault with path, value and message', async () => {
    const answer = await get(`${apiPaths.stock}?site=Berlin&limit=9999&zoen=dock`);
    expect(answer.statusCode).toBe(400);
    expect(validate(problem, answer.json()).ok).toBe(true);
    expect(answer.json()).toMatchObject({
      code: 'BAD_INPUT',
      retryable: false,
      faults: [
        { path: 'site', value: 'Berlin' },
        { path: 'limit', value: 9999, message: 'use a whole number from 1 to 500' },
        { path: 'zoen', value: 'dock', message: 'write "zone" if you meant that, else remove it' },
      ],
    });
  });

  test.each([
    `${apiPaths.outages}?limit=501`,
    `${apiPaths.outages}?cursor=last`,
    `${apiPaths.outages}?cursor=ended_7_`,
    `${movements}&cursor=seven_1`,
    `${apiPaths.stock}?limit=ten`,
    `${apiPaths.stock}?limit=1e999`,
    `${apiPaths.stock}?limit=1&limit=2`,
    `${apiPaths.stock}?__proto__[x]=1`,
    `${apiPaths.stock}?site=${encodeURIComponent("x' or 1=1 --")}`,
    apiPaths.movements,
    '/api/events/gw-1/0/1',
    '/api/events/gw-1/1/-1',
    '/api/events/GW/1/1',
    `/api/events/gw-1/1/${'9'.repeat(30)}`,
    '/api/%',
  ])('of %s is bad input', async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(400);
    expect(validate(problem, answer.json()).ok).toBe(true);
  });

  test.each([
    ['no JSON', '{"username":', 'BAD_INPUT', 400],
    ['another type', '[]', 'BAD_INPUT', 400],
    ['an unknown key', '{"username":"a","password":"b","role":"x"}', 'BAD_INPUT', 400],
    ['a poisoned prototype', '{"__proto__":{"role":"x"},"username":"a"}', 'BAD_INPUT', 400],
    [
      'a poisoned constructor',
      '{"constructor":{"prototype":{"role":"x"}},"username":"a"}',
      'BAD_INPUT',
      400,
    ],
    ['too much', `{"username":"${'a'.repeat(70_000)}"}`, 'BODY_TOO_LARGE', 413],
  ])('of a body with %s is told', async (_what, payload, code, status) => {
    const headers = { ...unsafeHeaders, 'content-type': 'application/json' };
    const url = apiPaths.session;
    const answer = await api.app.inject({ method: 'POST', url, headers, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
    expect(validate(problem, answer.json()).ok).toBe(true);
  });

  test('never repeats a password that did not fit', async () => {
    const payload = { username: 'a', password: 'p'.repeat(300) };
    const url = apiPaths.session;
    const headers = unsafeHeaders;
    const answer = await api.app.inject({ method: 'POST', url, headers, payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain('ppp');
  });

  test('inside the hub tells the client a code and nothing of the inside', async () => {
    vi.spyOn(api.queries, 'fleet').mockRejectedValueOnce(new Error('secret in /var/lib/x.sqlite'));
    const answer = await get(apiPaths.fleet);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      code: 'INTERNAL',
      message: 'the hub failed at this; its log says why',
      retryable: false,
    });
    expect(api.lines.join('')).toContain('secret in /var/lib/x.sqlite');
  });

  test('that may pass says so', async () => {
    vi.spyOn(api.queries, 'fleet').mockRejectedValueOnce(new Fault('UNAVAILABLE', 'busy: pid 7'));
    const answer = await get(apiPaths.fleet);
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(answer.body).not.toContain('pid 7');
  });

  test('of an address that leads nowhere is a problem too', async () => {
    const answer = await get('/api/nothing');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('health', () => {
  const health = () => api.app.inject({ method: 'GET', url: apiPaths.health });

  test('is open to everybody and tells a few words', async () => {
    const well = { status: 'ok', store: 'ok', nats: 'connected', lanes: 'ok' };
    expect((await health()).json()).toEqual(well);
  });

  test('without NATS the hub still works, in part', async () => {
    api.health.nats = 'away';
    const answer = await health();
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'degraded', nats: 'away' });
    api.health.nats = 'connected';
  });

  test('with a full disk it says so', async () => {
    api.health.store = 'full';
    expect((await health()).json()).toMatchObject({ status: 'degraded', store: 'full' });
    api.health.store = 'ok';
  });

  test('with a lane that waits for somebody it says so, and names it to who may know', async () => {
    const stuck = { site: 'berlin', gateway: 'gw-1', state: 'stuck' } as const;
    const words = { status: 'degraded', store: 'ok', nats: 'connected' };
    api.health.halted = [stuck];
    expect((await health()).json()).toEqual({ ...words, lanes: 'stuck' });
    api.health.halted = [stuck, { ...stuck, gateway: 'gw-2', state: 'halted' }];
    expect((await health()).json()).toEqual({ ...words, lanes: 'halted' });
    const whole = { ...words, lanes: 'halted', halted: api.health.halted };
    for (const headers of [
      { authorization: `Bearer ${metricsToken}` },
      { cookie: await api.signIn() },
    ]) {
      const answer = await api.app.inject({ method: 'GET', url: apiPaths.health, headers });
      expect(answer.json()).toEqual(whole);
    }
    const headers = { authorization: 'Bearer of-another', cookie: 'holdfast_session=forged' };
    const stranger = await api.app.inject({ method: 'GET', url: apiPaths.health, headers });
    expect(stranger.json()).toEqual({ ...words, lanes: 'halted' });
    api.health.halted = [];
  });
});

describe('headers', () => {
  test('of every answer let nothing foreign run, frame or sniff', async () => {
    const answers = [await get(apiPaths.stock), await get('/api/nothing'), await get('/')];
    for (const { headers } of answers) {
      expect({
        csp: headers['content-security-policy'],
        options: headers['x-content-type-options'],
        frame: headers['x-frame-options'],
        referrer: headers['referrer-policy'],
        opener: headers['cross-origin-opener-policy'],
        resource: headers['cross-origin-resource-policy'],
        transport: headers['strict-transport-security'],
      }).toMatchInlineSnapshot(`
        {
          "csp": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
          "frame": "DENY",
          "opener": "same-origin",
          "options": "nosniff",
          "referrer": "no-referrer",
          "resource": "same-origin",
          "transport": undefined,
        }
      `);
    }
  });
});

describe('the OpenAPI description', () => {
  interface Described {
    readonly openapi: string;
    readonly paths: Record<string, Record<string, Operation>>;
    readonly components: { schemas: Record<string, object>; securitySchemes: object };
  }
  interface Operation {
    readonly summary?: string;
    readonly security: object[];
    readonly parameters?: { name: string; in: string; schema: object }[];
    readonly responses: Record<string, { content?: object }>;
  }
  const described = async () => (await get(apiPaths.openapi)).json<Described>();

  test('covers every route, each with summary, rights and answers', async () => {
    const { openapi, paths } = await described();
    expect(openapi).toBe('3.1.0');
    const wanted = Object.values(apiPaths).map((path) => path.replace(/:(\w+)/g, '{$1}'));
    expect(Object.keys(paths).sort()).toEqual(wanted.sort());
    expect(Object.keys(paths[apiPaths.session] ?? {}).sort()).toEqual(['delete', 'get', 'post']);
    for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
      expect(operation.summary).toBeTruthy();
      expect(operation.security).toBeInstanceOf(Array);
      expect(Object.keys(operation.responses)).not.toHaveLength(0);
    }
    expect(paths[apiPaths.session]?.['post']?.security).toEqual([]);
    expect(paths[apiPaths.stock]?.['get']?.security).toEqual([{ session: [] }]);
  });

  test('is open to whoever wants to write a client, and says how to change something', async () => {
    const answer = await api.app.inject({ url: apiPaths.openapi });
    expect(answer.statusCode).toBe(200);
    const { info, paths } = answer.json<Described & { info: { description: string } }>();
    expect(info.description).toContain('x-holdfast-request');
    expect(info.description).toContain('POST /api/session');
    const needs = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { parameters = [] }]) => ({
        route: `${method} ${path}`,
        changes: method !== 'get',
        header: parameters.some(({ name, in: where }) => {
          return name === 'x-holdfast-request' && where === 'header';
        }),
      })),
    );
    expect(needs.filter(({ changes }) => changes).length).toBeGreaterThan(3);
    expect(needs.filter(({ changes, header }) => changes !== header)).toEqual([]);
  });

  test('leads nowhere that it does not describe', async () => {
    const description = await described();
    const text = JSON.stringify(description);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    expect(references.length).toBeGreaterThan(5);
    expect(new Set(references)).toEqual(new Set(['#/components/schemas/Problem']));
    expect(Object.keys(description.components.schemas)).toEqual(['Problem']);
  });

  test('names the parameters of path and query', async () => {
    const { paths } = await described();
    const event = paths['/api/events/{gateway}/{epoch}/{seq}']?.['get'];
    const inPath = event?.parameters?.filter((parameter) => parameter.in === 'path');
    expect(inPath?.map((parameter) => parameter.name)).toEqual(['gateway', 'epoch', 'seq']);
    const stock = paths[apiPaths.stock]?.['get']?.parameters?.map((parameter) => parameter.name);
    expect(stock).toContain('limit');
  });
});

describe('the console', () => {
  let served: TestApi;
  beforeAll(async () => {
    const folder = join(api.folder, 'dist');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Holdfast</title>');
    await writeFile(join(folder, 'favicon.svg'), '<svg/>');
    await writeFile(join(folder, 'assets', 'app-4f2a.js'), 'export {};');
    await writeFile(join(api.folder, 'outside.txt'), 'not for the web');
    served = await startApi({ consoleDir: folder });
  });
  afterAll(() => served.stop());
  const open = (url: string) => served.app.inject({ method: 'GET', url });

  test.each(['/', '/stock?site=berlin', '/fleet/berlin'])('%s opens the page', async (url) => {
    const answer = await open(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-cache');
    expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
  });

  test('files that carry their hash are kept for good, others asked for anew', async () => {
    const script = await open('/assets/app-4f2a.js');
    expect(script.headers['content-type']).toMatch(/^(text|application)\/javascript/);
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await open('/favicon.svg')).headers['cache-control']).toBe('no-cache');
  });

  test.each([
    '/assets/app-0000.js',
    '/../outside.txt',
    '/..%2foutside.txt',
    '/assets/..%2f..%2foutside.txt',
    '/%2e%2e/outside.txt',
    '/api/nothing',
    '/metrics/more',
  ])('%s leads nowhere', async (url) => {
    const answer = await open(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain('not for the web');
  });

  test('that was not built is said in the log, and the API works', async () => {
    expect(api.lines.join('')).toContain('"msg":"console.missing"');
    expect((await get('/')).statusCode).toBe(404);
  });
});
