import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import { afterAll, expect, test } from 'vitest';
import { dropOwnCertificate } from './certificate-list.ts';
import { applicationOf, ensureOwnCertificate, ownCertificate } from './own-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'own-certificate-'));
const owner = { site: 'lyon', gateway: 'gw-1' };
const nowMs = Date.UTC(2026, 5, 1);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function open(name: string) {
  const rootFolder = join(folder, name);
  const store = new OPCUACertificateManager({ rootFolder, disableFileWatchers: true });
  await store.initialize();
  return { rootFolder, store };
}

test('a certificate names site and gateway, and no two devices of a fleet the same', async () => {
  const { rootFolder, store } = await open('new');
  const application = applicationOf(owner, 'belt', rootFolder);
  await ensureOwnCertificate(store, owner, application, nowMs);
  const file = join(rootFolder, 'own', 'certs', 'client_certificate.pem');
  const certificate = new X509Certificate(readFileSync(file));
  expect(certificate.subject).toBe('O=Holdfast\nCN=lyon gw-1');
  expect(certificate.subjectAltName).toContain('URI:urn:holdfast:lyon:gw-1:belt');
  const others = [
    applicationOf({ ...owner, gateway: 'gw-2' }, 'belt', folder),
    applicationOf({ ...owner, site: 'ulm' }, 'belt', folder),
    applicationOf(owner, 'press', folder),
  ].map(({ applicationUri }) => applicationUri);
  expect(new Set([application.applicationUri, ...others]).size).toBe(4);
  await store.dispose();
});

test('one of an earlier release keeps its name until it is renewed', async () => {
  const { rootFolder, store } = await open('old');
  const uri = 'urn:holdfast:gateway:belt';
  const former = { applicationName: 'Holdfast', applicationUri: uri };
  await ensureOwnCertificate(store, owner, former, nowMs);
  const before = ownCertificate(rootFolder)?.thumbprint;
  expect(applicationOf(owner, 'belt', rootFolder).applicationUri).toBe(uri);
  await ensureOwnCertificate(store, owner, applicationOf(owner, 'belt', rootFolder), nowMs);
  expect(ownCertificate(rootFolder)?.thumbprint).toBe(before);
  dropOwnCertificate(rootFolder);
  const latter = applicationOf(owner, 'belt', rootFolder);
  expect(latter.applicationUri).toBe('urn:holdfast:lyon:gw-1:belt');
  await store.dispose();
});

test('one made on a box whose clock was never set is good once it is', async () => {
  const { rootFolder, store } = await open('in-1970');
  await ensureOwnCertificate(store, owner, applicationOf(owner, 'belt', rootFolder), 90_000_000);
  const { validFromMs = 0, validToMs = 0 } = ownCertificate(rootFolder) ?? {};
  expect(validFromMs).toBeLessThan(90_000_000);
  expect(validToMs).toBeGreaterThan(Date.UTC(2035, 0, 1));
  await store.dispose();
});
