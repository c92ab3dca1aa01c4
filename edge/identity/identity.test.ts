import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createAccount, fromPublic } from '@nats-io/nkeys';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault } from '#contracts/fault.ts';
import { createIdentity, loadIdentity } from './identity.ts';
import { keyIdOf, readPublicKey } from './public-key.ts';
import { verifySignature } from './verify-signature.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hf-identity-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function faultOf(act: () => unknown): Fault {
  try {
    act();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an identity', () => {
  test('is written for the owner alone and reads back the same', () => {
    const { identity, files } = createIdentity(join(dir, 'keys'));
    for (const path of [files.loginSeedFile, files.signingKeyFile]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    const again = loadIdentity(files);
    expect(again.toJSON()).toEqual(identity.toJSON());
    expect(again.publicNkey).toMatch(/^U[A-Z2-7]{55}$/);
    expect(Buffer.from(again.signingPublicKey, 'base64')).toHaveLength(32);
    expect(again.keyId).toBe(keyIdOf(Buffer.from(again.signingPublicKey, 'base64')));
    expect(again.keyId).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is never overwritten, not even one half of it', () => {
    const { files } = createIdentity(dir);
    const before = readFileSync(files.signingKeyFile, 'utf8');
    rmSync(files.loginSeedFile);
    expect(faultOf(() => createIdentity(dir)).code).toBe('CONFLICT');
    expect(readFileSync(files.signingKeyFile, 'utf8')).toBe(before);
    expect(() => statSync(files.loginSeedFile)).toThrow(/ENOENT/);
  });

  test.each([
    ['loginSeedFile', 0o640],
    ['loginSeedFile', 0o604],
    ['signingKeyFile', 0o660],
  ] as const)('is refused when %s has mode %o, with the command that helps', (file, mode) => {
    const { files } = createIdentity(dir);
    chmodSync(files[file], mode);
    const fault = faultOf(() => loadIdentity(files));
    expect(fault.code).toBe('IDENTITY_MISSING');
    expect(fault.details['remedy']).toBe(`chmod 600 ${files[file]}`);
  });

  test('is refused when a file is absent', () => {
    const { files } = createIdentity(dir);
    rmSync(files.signingKeyFile);
    const fault = faultOf(() => loadIdentity(files));
    expect(fault.code).toBe('IDENTITY_MISSING');
    expect(fault.details['path']).toBe(files.signingKeyFile);
  });

  test('is refused when a file holds another kind of key, without quoting it', () => {
    const { files } = createIdentity(dir);
    const account = new TextDecoder().decode(createAccount().getSeed());
    writeFileSync(files.loginSeedFile, account);
    const fault = faultOf(() => loadIdentity(files));
    expect(fault.code).toBe('IDENTITY_MISSING');
    expect(inspect(fault)).not.toContain(account);

    const other = createIdentity(join(dir, 'other')).files;
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(other.signingKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(faultOf(() => loadIdentity(other)).code).toBe('IDENTITY_MISSING');
  });

  test('prints as [secret] in logs, dumps and JSON', () => {
    const { identity, files } = createIdentity(dir);
    const seed = readFileSync(files.loginSeedFile, 'utf8').trim();
    const [, body = ''] = readFileSync(files.signingKeyFile, 'utf8').split('\n');
    let logged = '';
    pino({}, { write: (line: string) => (logged += line) }).info({ identity }, 'identity');
    const shown = [JSON.stringify({ identity }), inspect(identity, { showHidden: true }), logged];
    for (const text of shown) {
      expect(text).toContain('[secret]');
      expect(text).not.toContain(seed);
      expect(text).not.toContain(body);
    }
  });

  test('answers a NATS challenge with a signature of its login', () => {
    const { identity } = createIdentity(dir);
    const answer = identity.authenticator()('a nonce');
    expect(answer).toMatchObject({ nkey: identity.publicNkey });
    const { sig } = answer as { sig: string };
    const login = fromPublic(identity.publicNkey);
    const nonce = new TextEncoder().encode('a nonce');
    expect(login.verify(nonce, Buffer.from(sig, 'base64url'))).toBe(true);
  });
});

describe('a signature', () => {
  test('verifies over the same text and key only', () => {
    const one = createIdentity(join(dir, 'one')).identity;
    const two = createIdentity(join(dir, 'two')).identity;
    const signature = one.sign('holdfast-checkpoint-1\n{}');
    expect(signature).toHaveLength(88);
    expect(verifySignature(one.signingPublicKey, 'holdfast-checkpoint-1\n{}', signature)).toBe(
      true,
    );
    expect(verifySignature(one.signingPublicKey, 'holdfast-checkpoint-1\n{ }', signature)).toBe(
      false,
    );
    expect(verifySignature(two.signingPublicKey, 'holdfast-checkpoint-1\n{}', signature)).toBe(
      false,
    );
  });

  test('is false, not an error, where key or signature are garbage', () => {
    const { identity } = createIdentity(dir);
    expect(verifySignature('no key', 'text', identity.sign('text'))).toBe(false);
    expect(verifySignature('', 'text', identity.sign('text'))).toBe(false);
    expect(verifySignature(identity.signingPublicKey, 'text', 'no signature')).toBe(false);
    expect(verifySignature(identity.signingPublicKey, 'text', '')).toBe(false);
  });

  test('agrees with RFC 8032, section 7.1, test 1', () => {
    const hex = (text: string) => Buffer.from(text, 'hex').toString('base64');
    const key = hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    const signature = hex(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
    expect(verifySignature(key, '', signature)).toBe(true);
    expect(readPublicKey(key).asymmetricKeyType).toBe('ed25519');
    expect(faultOf(() => readPublicKey(`${key}=`)).code).toBe('CONFIG_INVALID');
  });
});
