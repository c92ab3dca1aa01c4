import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dropOwnCertificate, listCertificates, moveCertificate } from './certificate-list.ts';

const folder = mkdtempSync(join(tmpdir(), 'certificate-list-'));
const made = join(folder, 'made');
let store: string;

beforeAll(async () => {
  const manager = new OPCUACertificateManager({ rootFolder: made, disableFileWatchers: true });
  await manager.initialize();
  for (const [name, file] of [
    ['gateway', 'own/certs/client_certificate.pem'],
    ['first', 'rejected/first.pem'],
    ['second', 'trusted/certs/second.pem'],
  ] as const) {
    await manager.createSelfSignedCertificate({
      applicationUri: `urn:test:${name}`,
      dns: [],
      outputFile: join(made, file),
      startDate: new Date(Date.UTC(2020, 0, 1)),
      subject: `/CN=${name}`,
      validity: 365,
    });
  }
  await manager.dispose();
}, 30_000);

beforeEach(() => {
  store = mkdtempSync(join(folder, 'store-'));
  cpSync(made, store, { recursive: true });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const stand = () => listCertificates(store).map(({ list, subject }) => [list, subject]);
const thumbprintOf = (name: string): string =>
  listCertificates(store).find(({ subject }) => subject === `CN=${name}`)?.thumbprint ?? '';

test('lists every certificate with its side, its names and its dates', () => {
  expect(stand()).toEqual([
    ['own', 'CN=gateway'],
    ['trusted', 'CN=second'],
    ['rejected', 'CN=first'],
  ]);
  expect(listCertificates(store)[0]).toMatchObject({
    applicationUri: 'urn:test:gateway',
    validFromMs: Date.UTC(2020, 0, 1),
    validToMs: Date.UTC(2020, 11, 31),
    thumbprint: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
  });
});

test('trusts and rejects a server by the beginning of its thumbprint, in any spelling', () => {
  const first = thumbprintOf('first');
  const spelled = first
    .slice(0, 8)
    .toUpperCase()
    .replace(/^(..)(..)/, '$1:$2:');
  expect(moveCertificate(store, spelled, 'trusted')).toMatchObject({
    ok: true,
    value: { list: 'trusted', thumbprint: first },
  });
  expect(stand()).toContainEqual(['trusted', 'CN=first']);
  expect(moveCertificate(store, first, 'rejected')).toMatchObject({ ok: true });
  expect(stand()).toContainEqual(['rejected', 'CN=first']);
  expect(readdirSync(join(store, 'trusted', 'certs'))).toHaveLength(1);
});

test('never moves the own certificate, nor one that is not named well enough', () => {
  for (const thumbprint of [
    thumbprintOf('gateway'),
    'ff'.repeat(20),
    thumbprintOf('first').slice(0, 4),
  ]) {
    expect(moveCertificate(store, thumbprint, 'trusted')).toMatchObject({
      ok: false,
      refusal: { code: 'NOT_FOUND' },
    });
  }
});

test('forgets the own certificate once', () => {
  expect(dropOwnCertificate(store)).toMatchObject({ subject: 'CN=gateway' });
  expect(dropOwnCertificate(store)).toBeUndefined();
});

test('a store that is not there yet has none', () => {
  mkdirSync(join(folder, 'empty'));
  expect(listCertificates(join(folder, 'empty'))).toEqual([]);
  expect(listCertificates(join(folder, 'nowhere'))).toEqual([]);
});
