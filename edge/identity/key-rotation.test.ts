import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyRotationText } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import { parseGatewayId, parseSiteId, parseTenantId } from '#contracts/ids.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { createTestLog, tempDir } from '../testing/test-parts.ts';
import { createIdentity, loadIdentity } from './identity.ts';
import { KeyRotation } from './key-rotation.ts';
import { verifySignature } from './verify-signature.ts';

const address = {
  tenant: parseTenantId('main'),
  site: parseSiteId('north'),
  gateway: parseGatewayId('gw-1'),
};

function setUp() {
  const { files } = createIdentity(join(tempDir(), 'keys'));
  const said: Extract<IntakeBody, { type: 'key-rotated' }>[] = [];
  const disk = { isFull: false };
  const append = async (body: IntakeBody) => {
    if (disk.isFull) throw new Fault('UNAVAILABLE', 'the disk has no room');
    if (body.type === 'key-rotated') said.push(body);
    await Promise.resolve();
  };
  /** Another process with what is on disk. */
  const start = () => {
    const identity = loadIdentity(files);
    const { signingKeyFile } = files;
    const { log } = createTestLog();
    return {
      identity,
      rotation: new KeyRotation({ address, append, identity, log, signingKeyFile }),
    };
  };
  return { disk, files, said, start, nextFile: `${files.signingKeyFile}.next` };
}

test('the next key is made here, named by both, and signs once the hub knows it', async () => {
  const { files, nextFile, said, start } = setUp();
  const { identity, rotation } = start();
  const before = identity.signingPublicKey;
  const begun = await rotation.begin();
  expect(statSync(nextFile).mode & 0o777).toBe(0o600);
  const [named] = said;
  expect(begun).toMatchObject({ value: { keyId: identity.keyId, nextKeyId: named?.keyId } });
  const { fromKey = '', key = '', proof = '', signature = '' } = named ?? {};
  expect(fromKey).toBe(before);
  const text = keyRotationText({ ...address, fromKey, key });
  expect([verifySignature(fromKey, text, signature), verifySignature(key, text, proof)]).toEqual([
    true,
    true,
  ]);
  expect(identity.signingPublicKey).toBe(before);
  rotation.hubKnows(identity.keyId);
  expect(identity.signingPublicKey).toBe(before);
  rotation.hubKnows(named?.keyId ?? '');
  expect(identity.signingPublicKey).toBe(key);
  expect(verifySignature(key, 'words', identity.sign('words'))).toBe(true);
  expect(existsSync(nextFile)).toBe(false);
  expect(loadIdentity(files).signingPublicKey).toBe(key);
});

test('how the key in use came about is kept, for a hub that knows one from before', async () => {
  const { files, said, start } = setUp();
  const { identity, rotation } = start();
  expect(rotation.rotations()).toEqual([]);
  for (let n = 0; n < 2; n += 1) {
    await rotation.begin();
    await rotation.begin();
    // Not yet the key that signs.
    expect(rotation.rotations()).toHaveLength(n);
    rotation.hubKnows(said.at(-1)?.keyId ?? '');
  }
  const [first, second] = start().rotation.rotations();
  expect(said).toContainEqual({ type: 'key-rotated', ...first });
  expect(second).toMatchObject({ fromKey: first?.key, key: identity.signingPublicKey });
  expect(statSync(`${files.signingKeyFile}.rotations.json`).mode & 0o777).toBe(0o600);
});

test('a process that dies at any step goes on with the same next key', async () => {
  const { disk, files, nextFile, said, start } = setUp();
  // Behind the file of the key, before the entry.
  disk.isFull = true;
  await expect(start().rotation.begin()).rejects.toBeInstanceOf(Fault);
  const next = readFileSync(nextFile, 'utf8');
  disk.isFull = false;
  await start().rotation.resume();
  // Behind the entry: it is said again, which the observers take as once.
  await start().rotation.resume();
  await start().rotation.begin();
  expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1);
  expect(readFileSync(nextFile, 'utf8')).toBe(next);
  // Behind the file's new name: all of it is done.
  start().rotation.hubKnows(said[0]?.keyId ?? '');
  expect(readFileSync(files.signingKeyFile, 'utf8')).toBe(next);
  const { identity, rotation } = start();
  await rotation.resume();
  expect(identity.keyId).toBe(said[0]?.keyId);
  expect(said).toHaveLength(3);
});
