import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser, fromPublic } from '@nats-io/nkeys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  enrolmentAnswerText,
  enrolmentText,
  tokenPrefix,
  type EnrolmentRequest,
  type EnrolmentToken,
} from '#contracts/enrolment.ts';
import { Fault } from '#contracts/fault.ts';
import { profileOf } from '../../devices/registry.ts';
import { loadConfig } from '../config/load-config.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { verifySignature } from '../identity/verify-signature.ts';
import { testCertificates } from '../testing/test-certificates.ts';
import { enrol } from './enrol.ts';
import { readToken } from './read-token.ts';
import { rotateLogin } from './rotate-login.ts';

let dir = '';
let hub: Identity;
let servers: Server[] = [];
let asked: EnrolmentRequest[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hf-enrol-'));
  hub = createIdentity(join(dir, 'hub')).identity;
  [servers, asked] = [[], []];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await Promise.all(servers.map((server) => once(server, 'close')));
  rmSync(dir, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The wire of a hub, as far as a box sees it. */
function hubAnswer(request: EnrolmentRequest, by = hub, ca?: string): Answer {
  const { signatures: _, ...words } = request;
  const answer = {
    ...(ca !== undefined && { ca }),
    gateway: words.gateway,
    natsServers: ['tls://nats.example:4222'],
    request: createHash('sha256').update(enrolmentText(words)).digest('hex'),
    site: words.site,
    tenant: words.tenant,
    v: 1 as const,
  };
  return { status: 200, body: { answer, signature: by.sign(enrolmentAnswerText(answer)) } };
}

async function serve(
  answer: (request: EnrolmentRequest) => Answer,
  tls?: { cert: string; key: string },
): Promise<string> {
  const handle = async (request: IncomingMessage): Promise<Answer> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as EnrolmentRequest;
    asked.push(body);
    return answer(body);
  };
  const server = tls === undefined ? createHttp() : createHttps(tls);
  servers.push(server);
  server.on('request', (request: IncomingMessage, response) => {
    void handle(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
}

function tokenTo(...hubUrls: string[]): EnrolmentToken {
  return {
    expiresAt: 1,
    gateway: 'lyon-1',
    hubKey: hub.signingPublicKey,
    hubUrls,
    natsServers: ['tls://nats.example:4222'],
    purpose: 'enrol',
    seed: new TextDecoder().decode(createUser().getSeed()),
    site: 'lyon',
    tenant: 'main',
    v: 1,
  };
}

const box = () => join(dir, 'box');
const textOf = (token: EnrolmentToken) =>
  `${tokenPrefix}${Buffer.from(JSON.stringify(token)).toString('base64url')}`;

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const fault = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (fault instanceof Fault) return fault;
  throw new Error('there was no fault', { cause: fault });
}

describe('a token', () => {
  test('is read as it was made, also broken into lines', () => {
    const token = tokenTo('https://hub.example');
    const text = textOf(token);
    expect(readToken(text)).toEqual(token);
    expect(readToken(` ${text.slice(0, 40)}\n  ${text.slice(40)}\r\n`)).toEqual(token);
  });

  test.each([
    ['half of it', (text: string) => text.slice(0, 120)],
    ['another text', () => 'hello'],
    ['an empty text', () => ''],
    ['one with a letter less', (text: string) => text.slice(0, -30) + text.slice(-29)],
  ])('that is %s is refused, and not quoted', (_what, spoil) => {
    const text = textOf(tokenTo('https://hub.example'));
    try {
      readToken(spoil(text));
      expect.unreachable('it was read');
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_INPUT' });
      expect(String(error)).not.toContain(text.slice(10, 60));
    }
  });
});

describe('a box', () => {
  test('proves all keys that it names, and keeps every private one', async () => {
    const token = tokenTo(await serve((request) => hubAnswer(request)));
    const done = await enrol({ dir: box(), token });
    const [request] = asked;
    if (request === undefined) throw new Error('nothing was asked');
    const { signatures, ...words } = request;
    const text = enrolmentText(words);
    expect(verifySignature(words.signingKey, text, signatures.signing)).toBe(true);
    const login = fromPublic(words.nkey);
    expect(login.verify(Buffer.from(text), Buffer.from(signatures.login, 'base64'))).toBe(true);
    expect(done).toMatchObject({ publicNkey: words.nkey, signingPublicKey: words.signingKey });
    const sent = JSON.stringify(asked);
    const keys = ['login.seed', 'signing.pem'].map((name) =>
      readFileSync(join(box(), 'keys', name), 'utf8'),
    );
    for (const secret of [token.seed, ...keys.map((one) => one.split('\n').at(-2) ?? '')]) {
      expect(sent).not.toContain(secret);
    }
    const everything = readdirSync(box(), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(yaml|pem|token|seed)$/.test(name))
      .map((name) => readFileSync(join(box(), name), 'utf8'));
    expect(everything.join('')).not.toContain(token.seed);
  });

  test('has a config without faults, with the hub in it', async () => {
    const token = tokenTo(await serve((request) => hubAnswer(request)));
    const { config } = await enrol({ dir: box(), token });
    const loaded = loadConfig(config, profileOf);
    expect(loaded).toMatchObject({
      ok: true,
      value: {
        gateway: { tenant: 'main', site: 'lyon', id: 'lyon-1' },
        hub: {
          servers: ['tls://nats.example:4222'],
          publicKey: hub.signingPublicKey,
          apiUrls: token.hubUrls,
        },
      },
    });
  });

  test('that was interrupted before the answer goes on with the keys it has', async () => {
    let answers = false;
    const url = await serve((request) =>
      answers ? hubAnswer(request) : { status: 503, body: 'gone' },
    );
    const token = tokenTo(url);
    expect((await faultOf(enrol({ dir: box(), token }))).code).toBe('HUB_UNTRUSTED');
    expect(existsSync(join(box(), 'gateway.yaml'))).toBe(false);
    // As a power cut between two files leaves it.
    rmSync(join(box(), 'keys/signing.pem'));
    answers = true;
    await enrol({ dir: box(), token });
    await enrol({ dir: box(), token });
    const nkeys = new Set(asked.map(({ nkey }) => nkey));
    expect(nkeys.size).toBe(1);
    expect(new Set(asked.slice(1).map(({ signingKey }) => signingKey)).size).toBe(1);
  });

  test('keeps the config of another gateway', async () => {
    const token = tokenTo(await serve((request) => hubAnswer(request)));
    mkdirSync(box());
    writeFileSync(join(box(), 'gateway.yaml'), 'gateway: other\n');
    const fault = await faultOf(enrol({ dir: box(), token }));
    expect(fault.code).toBe('CONFLICT');
    expect(asked).toEqual([]);
    expect(readFileSync(join(box(), 'gateway.yaml'), 'utf8')).toBe('gateway: other\n');
  });

  test('believes no hub but the one whose key the token names', async () => {
    const stranger = createIdentity(join(dir, 'stranger')).identity;
    const url = await serve((request) => hubAnswer(request, stranger));
    const fault = await faultOf(enrol({ dir: box(), token: tokenTo(url) }));
    expect(fault).toMatchObject({ code: 'HUB_UNTRUSTED' });
    expect(existsSync(join(box(), 'gateway.yaml'))).toBe(false);
  });

  test('believes no answer that was one to another request', async () => {
    let first: Answer | undefined;
    const url = await serve((request) => (first ??= hubAnswer(request)));
    await enrol({ dir: box(), token: tokenTo(url) });
    const fault = await faultOf(enrol({ dir: join(dir, 'later'), token: tokenTo(url) }));
    expect(fault.code).toBe('HUB_UNTRUSTED');
  });

  test.each(['TOKEN_USED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'TOKEN_UNKNOWN'] as const)(
    'hears %s in the words of the hub',
    async (code) => {
      const body = { code, message: `because\n${code}`, retryable: false };
      const url = await serve(() => ({ status: 409, body }));
      const fault = await faultOf(enrol({ dir: box(), token: tokenTo(url) }));
      expect(fault.code).toBe(code);
      expect(fault.message).toBe(`${url}: because ${code}`);
    },
  );

  test('tries every address that the token names', async () => {
    const gone = 'http://127.0.0.1:9';
    const url = await serve((request) => hubAnswer(request));
    await enrol({ dir: box(), token: tokenTo(gone, url) });
    const fault = await faultOf(enrol({ dir: join(dir, 'other'), token: tokenTo(gone) }));
    expect(fault.code).toBe('LINK_DOWN');
    expect(fault.message).toContain('http://127.0.0.1:9');
  });

  test('trusts the private CA that comes with the token, and keeps it for NATS', async () => {
    const certificates = join(dir, 'certificates');
    mkdirSync(certificates);
    const make = testCertificates(certificates);
    const ca = make({ commonName: 'private ca', kind: 'ca' });
    const { pem: cert, key } = make({ commonName: 'hub', kind: 'server', by: ca });
    const url = await serve((request) => hubAnswer(request, hub, ca.pem), { cert, key });
    const fault = await faultOf(enrol({ dir: box(), token: tokenTo(url) }));
    expect(fault.code).toBe('LINK_DOWN');
    const token = { ...tokenTo(url), ca: ca.pem };
    const { config } = await enrol({ dir: box(), token });
    expect(readFileSync(join(box(), 'hub-ca.pem'), 'utf8')).toBe(ca.pem);
    const loaded = loadConfig(config, profileOf);
    expect(loaded.ok && loaded.value.hub.tls).toEqual({ caFile: join(box(), 'hub-ca.pem') });
  });
});

test('a login stays as it is where the hub refuses another one', async () => {
  const { config } = await enrol({
    dir: box(),
    token: tokenTo(await serve((request) => hubAnswer(request))),
  });
  const loaded = loadConfig(config, profileOf);
  if (!loaded.ok) throw new Error(loaded.refusal.message);
  const seed = readFileSync(loaded.value.hub.loginSeedFile, 'utf8');
  const body = { code: 'NOT_ALLOWED', message: 'revoked', retryable: false };
  const url = await serve(() => ({ status: 403, body }));
  const fault = await faultOf(rotateLogin(loaded.value, { urls: [url] }));
  expect(fault.code).toBe('NOT_ALLOWED');
  expect(readFileSync(loaded.value.hub.loginSeedFile, 'utf8')).toBe(seed);
});
