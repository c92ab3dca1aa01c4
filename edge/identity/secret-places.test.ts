import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { profileOf } from '../../devices/registry.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { starterConfig } from '../config/starter-config.ts';
import { testCertificates } from '../testing/test-certificates.ts';
import { createIdentity } from './identity.ts';
import { secretPlaces } from './secret-places.ts';
import { createSecretReport } from './secret-report.ts';

const dayMs = 86_400_000;
const now = Date.UTC(2026, 10, 22);

let dir = '';
let config: GatewayConfig;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hf-places-'));
  const keys = join(dir, 'keys');
  createIdentity(keys);
  for (const name of ['http.token', 'a.password', 'b.password']) {
    writeFileSync(join(keys, name), `very secret ${name}\n`, { mode: 0o600 });
  }
  const make = testCertificates(dir);
  const until = (days: number) =>
    `${new Date(now + days * dayMs).toISOString().slice(0, 10).replaceAll('-', '')}000000Z`;
  const ca = make({ commonName: 'ca', kind: 'ca' });
  const own = make({ commonName: 'gateway', by: ca, to: until(10) });
  const devices = ['a', 'b'].map((id) => ({
    id,
    profile: 'impinj-r700',
    zone: 'storage',
    mqtt: { username: id, passwordFile: join(keys, `${id}.password`) },
    buffers: true,
    silentAfterMs: 60_000,
  }));
  const hubPublicKey = Buffer.alloc(32, 1).toString('base64');
  const at = { tenant: 'main', site: 'lyon', id: 'lyon-1', hubServers: ['nats://h'], hubPublicKey };
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, starterConfig(at));
  const loaded = loadConfig(file, profileOf);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.refusal));
  const tls = { caFile: ca.certFile, certFile: own.certFile, keyFile: own.keyFile };
  config = { ...loaded.value, hub: { ...loaded.value.hub, tls }, devices };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const placeOf = (what: string) => secretPlaces(config, now).find((one) => one.what === what);

test('says of every key where it lies, since when, its mode, and how to tell it', () => {
  expect(placeOf('login to the hub')).toMatchObject({
    path: join(dir, 'keys/login.seed'),
    mode: '0600',
    fingerprint: expect.stringMatching(/^U[A-Z2-7]{55}$/) as string,
    changedAt: expect.any(Number) as number,
  });
  expect(placeOf('signing key of the journal')?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(secretPlaces(config, now).filter(({ fault }) => fault !== undefined)).toMatchObject([
    { what: 'certificate to the hub', fault: 'expires soon: renew it' },
  ]);
});

test("does not miss the gateway's own list of people where the hub keeps them", () => {
  const own = placeOf('people of the floor page, passwords as hashes');
  expect(own).toBeUndefined();
  const peopleFile = join(dir, 'people.json');
  config = { ...config, floor: { ...config.floor, peopleFile } };
  expect(placeOf('people of the floor page, passwords as hashes')?.fault).toBe('is not there');
  mkdirSync(config.dataDir, { recursive: true });
  writeFileSync(join(config.dataDir, 'people-from-hub.json'), '{}', { mode: 0o600 });
  expect(placeOf('people of the floor page, passwords as hashes')).toBeUndefined();
  expect(placeOf('people from the hub, passwords as hashes')).toMatchObject({ mode: '0600' });
});

test('holds nothing that is secret', () => {
  const shown = JSON.stringify(secretPlaces(config, now));
  for (const name of ['login.seed', 'signing.pem', 'http.token', 'a.password']) {
    const [first = '', second = ''] = readFileSync(join(dir, 'keys', name), 'utf8').split('\n');
    expect(shown).not.toContain(second === '' ? first : second);
  }
});

test('names what others may read, what is gone, and what has expired', () => {
  chmodSync(join(dir, 'keys/http.token'), 0o644);
  rmSync(join(dir, 'keys/b.password'));
  const later = secretPlaces(config, now + 11 * dayMs);
  const faultOf = (what: string) => later.find((one) => one.what === what)?.fault;
  expect(faultOf('token of the HTTP interface')).toMatch(/^others may read it: chmod 600 /);
  expect(faultOf('certificate to the hub')).toBe('has expired');
  const devices = later.find(({ what }) => what === 'passwords and tokens of devices (2)');
  expect(devices).toMatchObject({ path: join(dir, 'keys') });
  expect(devices?.fault).toContain('b.password: is not there');
});

test('is looked up again after a while, and at once for another config', () => {
  const clock = { ms: 0, nowMs: () => now, monotonicMs: () => clock.ms };
  const report = createSecretReport(() => config, clock);
  const first = report();
  expect(report()).toBe(first);
  clock.ms += 15_000;
  expect(report()).not.toBe(first);
  const second = report();
  mkdirSync(join(dir, 'more'));
  config = { ...config };
  expect(report()).not.toBe(second);
});
