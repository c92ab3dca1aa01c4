import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  enrolmentAnswerText,
  enrolmentText,
  loginText,
  tokenPrefix,
  type EnrolmentRequest,
  type EnrolmentToken,
  type LoginStatement,
} from '#contracts/enrolment.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { hubKeyOf, type HubKey } from '../intake/hub-key.ts';
import { parseVerifyKey } from '../intake/wire-crypto.ts';
import { openHubStore } from '../open-hub-store.ts';
import type { Store } from '../store/store.ts';
import { rereadingCa } from './enrol-address.ts';
import { createEnrolment, type Enrolment } from './enrolment.ts';
import { listTokens, makeToken, revokeToken, tokenIdOf, tokenState } from './enrolment-tokens.ts';
import { revokeGateway } from './revoke-gateway.ts';

const hourMs = 3_600_000;
const clock = { now: 0, nowMs: () => clock.now, monotonicMs: () => clock.now };

/** A box with its two keys. */
interface Box {
  readonly login: KeyPair;
  readonly signing: KeyObject;
  readonly signingKey: string;
}

function newBox(): Box {
  const { privateKey: signing, publicKey } = generateKeyPairSync('ed25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const signingKey = Buffer.from(x, 'base64url').toString('base64');
  return { login: createUser(), signing, signingKey };
}

let dir = '';
let store: Store;
let key: HubKey;
let enrolment: Enrolment;
let grants = 0;
let lines: string[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-enrolment-'));
  [clock.now, grants, lines] = [1_700_000_000_000, 0, []];
  const log = pino({}, { write: (line) => void lines.push(line) });
  store = await openHubStore({ file: join(dir, 'hub.sqlite'), clock, log });
  key = hubKeyOf(generateKeyPairSync('ed25519').privateKey);
  enrolment = createEnrolment({
    store,
    tenant: 'main',
    key,
    natsServers: ['tls://hub.example:4222'],
    registered: () => Promise.resolve(),
    grant: () => Promise.resolve({ next: (grants += 1) > 100 ? 'by hand' : null }),
    clock,
    log,
  });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

async function tokenFor(
  gateway = 'gw-1',
  purpose: EnrolmentToken['purpose'] = 'enrol',
): Promise<EnrolmentToken> {
  const words = {
    gateway,
    hubKey: key.publicKey,
    hubUrls: ['https://hub.example'],
    natsServers: ['tls://hub.example:4222'],
    purpose,
    site: 'berlin',
    tenant: 'main',
  };
  const made = await makeToken(store, clock, words, hourMs);
  if (!made.ok) throw new Error(made.refusal.message);
  const text = Buffer.from(made.value.token.slice(tokenPrefix.length), 'base64url');
  return JSON.parse(text.toString()) as EnrolmentToken;
}

const byNkey = (pair: KeyPair, text: string) =>
  Buffer.from(pair.sign(Buffer.from(text))).toString('base64');
const bySigningKey = (of: Box, text: string) =>
  sign(null, Buffer.from(text), of.signing).toString('base64');

function requestOf(
  token: EnrolmentToken,
  box: Box,
  signers: Partial<{ token: KeyPair; login: KeyPair; signing: Box }> = {},
): EnrolmentRequest {
  const seed = fromSeed(Buffer.from(token.seed));
  const words = {
    gateway: token.gateway,
    nkey: box.login.getPublicKey(),
    signingKey: box.signingKey,
    site: token.site,
    tenant: token.tenant,
    token: tokenIdOf(seed.getPublicKey()),
    v: 1 as const,
  };
  const text = enrolmentText(words);
  const signatures = {
    token: byNkey(signers.token ?? seed, text),
    login: byNkey(signers.login ?? box.login, text),
    signing: bySigningKey(signers.signing ?? box, text),
  };
  return { ...words, signatures };
}

function statementOf(box: Box, login: KeyPair, next: KeyPair | null): LoginStatement {
  const words = {
    gateway: 'gw-1',
    login: login.getPublicKey(),
    next: next?.getPublicKey() ?? null,
    site: 'berlin',
    tenant: 'main',
    v: 1 as const,
  };
  const text = loginText(words);
  const signatures = {
    login: byNkey(login, text),
    signing: bySigningKey(box, text),
    ...(next !== null && { next: byNkey(next, text) }),
  };
  return { ...words, signatures };
}

const codeOf = (result: { ok: boolean; refusal?: { code: string } }) =>
  result.ok ? 'ok' : result.refusal?.code;
const gatewayRow = () =>
  store.read.selectFrom('gateway').selectAll().where('gateway', '=', 'gw-1').executeTakeFirst();

describe('a token', () => {
  test('lets the box in that holds it and its keys, and the answer is the hub’s own', async () => {
    const [token, box] = [await tokenFor(), newBox()];
    const done = await enrolment.enrol(requestOf(token, box));
    if (!done.ok) throw new Error(done.refusal.message);
    const { answer, signature } = done.value;
    const hub = parseVerifyKey(token.hubKey);
    expect(hub.ok && hub.value.verify(enrolmentAnswerText(answer), signature)).toBe(true);
    expect(await gatewayRow()).toMatchObject({
      nkey_public: box.login.getPublicKey(),
      signing_key: box.signingKey,
    });
    expect(grants).toBe(1);
  });

  test('is kept as a public key, and is in no log', async () => {
    const [token, box] = [await tokenFor(), newBox()];
    await enrolment.enrol(requestOf(token, box));
    const kept = JSON.stringify(await listTokens(store)) + lines.join('');
    expect(kept).not.toContain(token.seed);
    expect(lines.join('')).toContain('"msg":"enrol.enrolled"');
  });

  test('serves one box once; the same box may ask again, also after it expired', async () => {
    const [token, box] = [await tokenFor(), newBox()];
    expect(codeOf(await enrolment.enrol(requestOf(token, box)))).toBe('ok');
    clock.now += 2 * hourMs;
    expect(codeOf(await enrolment.enrol(requestOf(token, box)))).toBe('ok');
    expect(codeOf(await enrolment.enrol(requestOf(token, newBox())))).toBe('TOKEN_USED');
    expect((await gatewayRow())?.signing_key).toBe(box.signingKey);
  });

  test('of two boxes that come at once lets one in', async () => {
    const token = await tokenFor();
    const boxes = [newBox(), newBox(), newBox()];
    const codes = await Promise.all(
      boxes.map(async (box) => codeOf(await enrolment.enrol(requestOf(token, box)))),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(codes.filter((code) => code === 'TOKEN_USED')).toHaveLength(2);
  });

  test('is useless once it expired or was revoked', async () => {
    const expired = await tokenFor('gw-1');
    clock.now += hourMs;
    expect(codeOf(await enrolment.enrol(requestOf(expired, newBox())))).toBe('TOKEN_EXPIRED');
    const revoked = await tokenFor('gw-1');
    const id = tokenIdOf(fromSeed(Buffer.from(revoked.seed)).getPublicKey());
    expect(codeOf(await revokeToken(store, clock, id))).toBe('ok');
    expect(codeOf(await revokeToken(store, clock, id))).toBe('NOT_FOUND');
    expect(codeOf(await enrolment.enrol(requestOf(revoked, newBox())))).toBe('TOKEN_REVOKED');
    expect(await gatewayRow()).toBeUndefined();
    const states = (await listTokens(store)).map((one) => tokenState(one, clock.now));
    expect(states).toEqual(['expired', 'revoked']);
  });

  test('of another hub is unknown here', async () => {
    const token = { ...(await tokenFor()), seed: new TextDecoder().decode(createUser().getSeed()) };
    expect(codeOf(await enrolment.enrol(requestOf(token, newBox())))).toBe('TOKEN_UNKNOWN');
    const tenant = { ...(await tokenFor()), tenant: 'other' };
    expect(codeOf(await enrolment.enrol(requestOf(tenant, newBox())))).toBe('TOKEN_UNKNOWN');
  });

  test.each([
    ['the token', { token: createUser() }],
    ['the login', { login: createUser() }],
    ['the signing key', { signing: newBox() }],
  ])('is of no use to whom %s is not', async (_what, signers) => {
    const token = await tokenFor();
    const refused = await enrolment.enrol(requestOf(token, newBox(), signers));
    expect(codeOf(refused)).toBe('SIGNATURE_INVALID');
    expect(await gatewayRow()).toBeUndefined();
  });

  test('is good for the name that it was made for only', async () => {
    const token = { ...(await tokenFor('gw-1')), gateway: 'gw-2' };
    expect(codeOf(await enrolment.enrol(requestOf(token, newBox())))).toBe('SIGNATURE_INVALID');
  });

  test('for a name that is taken is made for a replacement only', async () => {
    await enrolment.enrol(requestOf(await tokenFor(), newBox()));
    await expect(tokenFor('gw-1')).rejects.toThrow(/registered already/);
    await expect(tokenFor('gw-9', 'replace')).rejects.toThrow(/no gateway gw-9/);
  });

  test('for a replacement puts other keys in place of the old ones, which are kept', async () => {
    const [first, second] = [newBox(), newBox()];
    await enrolment.enrol(requestOf(await tokenFor(), first));
    const token = await tokenFor('gw-1', 'replace');
    expect(codeOf(await enrolment.enrol(requestOf(token, second)))).toBe('ok');
    expect(await gatewayRow()).toMatchObject({ signing_key: second.signingKey });
    const former = await store.read.selectFrom('gateway_former_key').selectAll().execute();
    expect(former).toMatchObject([{ gateway: 'gw-1', signing_key: first.signingKey }]);
  });
});

describe('a login', () => {
  let box: Box;
  beforeEach(async () => {
    box = newBox();
    await enrolment.enrol(requestOf(await tokenFor(), box));
  });

  test('changes in two steps, with both valid between them', async () => {
    const next = createUser();
    const [former, later] = [box.login.getPublicKey(), next.getPublicKey()];
    expect(codeOf(await enrolment.login(statementOf(box, box.login, next)))).toBe('ok');
    expect(await gatewayRow()).toMatchObject({ nkey_public: former, nkey_next: later });
    expect(codeOf(await enrolment.login(statementOf(box, next, null)))).toBe('ok');
    expect(await gatewayRow()).toMatchObject({ nkey_public: later, nkey_next: null });
    // An old statement that somebody kept brings the old login back to nobody.
    expect(codeOf(await enrolment.login(statementOf(box, box.login, next)))).toBe('NOT_ALLOWED');
  });

  test('that was put in place before a power cut can be followed by another one', async () => {
    const [second, third] = [createUser(), createUser()];
    await enrolment.login(statementOf(box, box.login, second));
    expect(codeOf(await enrolment.login(statementOf(box, second, third)))).toBe('ok');
    expect(await gatewayRow()).toMatchObject({
      nkey_public: second.getPublicKey(),
      nkey_next: third.getPublicKey(),
    });
  });

  test('is changed by who holds signing key, former and next login, and nobody else', async () => {
    const next = createUser();
    const other = newBox();
    expect(codeOf(await enrolment.login(statementOf(other, box.login, next)))).toBe(
      'SIGNATURE_INVALID',
    );
    expect(codeOf(await enrolment.login(statementOf(box, other.login, next)))).toBe('NOT_ALLOWED');
    const forged = statementOf(box, box.login, next);
    const signatures = { ...forged.signatures, next: forged.signatures.login };
    expect(codeOf(await enrolment.login({ ...forged, signatures }))).toBe('SIGNATURE_INVALID');
    expect(await gatewayRow()).toMatchObject({ nkey_next: null });
  });

  test('of another gateway is not taken', async () => {
    const other = newBox();
    await enrolment.enrol(requestOf(await tokenFor('gw-2'), other));
    expect(codeOf(await enrolment.login(statementOf(box, box.login, other.login)))).toBe(
      'CONFLICT',
    );
  });

  test('is not changed by a gateway that was revoked, whose tokens are void too', async () => {
    const token = await tokenFor('gw-1', 'replace');
    await revokeGateway(store, clock, { site: 'berlin', gateway: 'gw-1' });
    const refused = await enrolment.login(statementOf(box, box.login, createUser()));
    expect(codeOf(refused)).toBe('NOT_ALLOWED');
    expect(codeOf(await enrolment.enrol(requestOf(token, box)))).toBe('TOKEN_REVOKED');
    const nobody = { site: 'paris', gateway: 'gw-1' };
    expect(codeOf(await revokeGateway(store, clock, nobody))).toBe('NOT_FOUND');
  });
});

test('a CA that is renewed in its file is in the next answer; one that cannot be read is not', async () => {
  const file = join(dir, 'ca.pem');
  const certificate = (name: string) => {
    const subject = ['-subj', `/CN=${name}`, '-keyout', join(dir, 'ca.key'), '-out', file];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    execFileSync('openssl', ['req', '-x509', ...key, '-days', '9', ...subject], {
      stdio: 'ignore',
    });
    return readFileSync(file, 'utf8');
  };
  const first = certificate('first');
  const config = { enrolment: { caFile: file }, http: {}, nats: { servers: [] } } as unknown;
  const log = pino({}, { write: (line) => void lines.push(line) });
  const ca = rereadingCa(config as HubConfig, first, log);
  expect(await ca()).toBe(first);
  const second = certificate('second');
  expect(second).not.toBe(first);
  expect(await ca()).toBe(second);
  writeFileSync(file, 'half a file');
  expect(await ca()).toBe(second);
  expect(lines.join('')).toContain('enrol.ca-unreadable');
});
