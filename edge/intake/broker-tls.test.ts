import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MqttAccessConfig } from '../config/mqtt-config.ts';
import { createTestLog, FakeClock, tempDir, until } from '../testing/test-parts.ts';
import { testCertificates, type TestCertificate } from '../testing/test-certificates.ts';
import { IntakeBroker } from './broker.ts';
import type { ListenerSettings } from './broker-listeners.ts';
import { deviceAccess } from './device-access.ts';
import { openIntakeLog } from './open-intake-log.ts';
import { readIntake } from './intake-store.ts';

const noon = Date.UTC(2026, 5, 1);
const gone = { from: '20100101000000Z', to: '20110101000000Z' };
const later = { from: '20700101000000Z', to: '20800101000000Z' };

let folder = '';
let pki: Record<
  | 'ca'
  | 'server'
  | 'renewed'
  | 'dock'
  | 'expired'
  | 'early'
  | 'own'
  | 'stranger'
  | 'staleStranger'
  | 'staleForged',
  TestCertificate
>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-tls-'));
  const make = testCertificates(folder);
  const ca = make({ commonName: 'Plant CA', kind: 'ca' });
  const namesake = make({ commonName: 'Plant CA', kind: 'ca' });
  const other = make({ commonName: 'Other CA', kind: 'ca' });
  pki = {
    ca,
    server: make({ commonName: 'gateway', kind: 'server', by: ca }),
    renewed: make({ commonName: 'gateway', kind: 'server', by: ca, to: '20600101000000Z' }),
    dock: make({ commonName: 'dock', by: ca }),
    expired: make({ commonName: 'dock', by: ca, ...gone }),
    early: make({ commonName: 'dock', by: ca, ...later }),
    own: make({ commonName: 'gate' }),
    stranger: make({ commonName: 'dock', by: other }),
    // By one who took the CA's name, and with a date that is all that OpenSSL would say of it.
    staleForged: make({ commonName: 'dock', by: namesake, ...gone }),
    staleStranger: make({ commonName: 'dock', by: other, ...gone }),
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Wanted {
  readonly required?: boolean;
  readonly server?: TestCertificate;
  readonly nowMs?: number;
  readonly dock?: MqttAccessConfig;
}

async function startBroker(wanted: Wanted = {}) {
  const { dock = { certificate: { commonName: 'dock' } }, nowMs = noon, required = false } = wanted;
  const dir = tempDir();
  const file = (name: string) => join(dir, name);
  const server = wanted.server ?? pki.server;
  copyFileSync(server.certFile, file('cert.pem'));
  copyFileSync(server.keyFile, file('key.pem'));
  chmodSync(file('key.pem'), 0o600);
  copyFileSync(pki.ca.certFile, file('ca.pem'));
  const clock = new FakeClock(nowMs);
  const { log, said } = createTestLog();
  const path = file('intake.db');
  const intake = openIntakeLog({
    path,
    budgetBytes: 2 ** 20,
    floorBytes: 1,
    freeBytes: () => 2 ** 40,
    clock,
    log,
    fatal: () => {},
  });
  const settings: ListenerSettings = {
    host: '127.0.0.1',
    maxConnections: 20,
    tls: {
      port: 0,
      certFile: file('cert.pem'),
      keyFile: file('key.pem'),
      clientCaFile: file('ca.pem'),
      requireClientCertificate: required,
    },
  };
  const devices = [
    deviceAccess('dock', dock, 'dock-secret'),
    deviceAccess('gate', { certificate: { sha256: pki.own.x509.fingerprint256 } }, undefined),
    deviceAccess('gun', { username: 'gun', passwordFile: '' }, 'gun-secret'),
  ];
  const broker = new IntakeBroker({ ...settings, devices, intake, clock, log });
  const port = await broker.start();
  onTestFinished(async () => {
    await broker.stop();
    intake.close();
  });
  const faultsOf = (device: string) => {
    const told = [...readIntake(path)].flatMap(({ body }) =>
      body.type === 'device-faults' && body.device === device ? [body.faults] : [],
    );
    return (told.at(-1) ?? []).map(({ code }) => code);
  };
  return { broker, clock, devices, faultsOf, file, intake, path, port, said, settings };
}

type Outcome = 'in' | 'refused' | 'closed';

/** How a client fares that shows a certificate, or none. */
function call(port: number, shown?: TestCertificate, options: IClientOptions = {}) {
  const client: MqttClient = mqtt.connect({
    protocol: 'mqtts',
    port,
    host: '127.0.0.1',
    ca: [pki.ca.pem],
    clientId: 'a-reader',
    reconnectPeriod: 0,
    ...(shown && { cert: shown.pem, key: shown.key }),
    ...options,
  });
  onTestFinished(() => void client.end(true));
  const outcome = new Promise<Outcome>((resolve) => {
    client.once('connect', () => resolve('in'));
    client.once('error', (error) =>
      resolve('code' in error && error.code === 4 ? 'refused' : 'closed'),
    );
    client.once('close', () => resolve('closed'));
  });
  client.on('error', () => {});
  return { client, outcome };
}

describe('over TLS, a client certificate', () => {
  test('that a CA of the site signed stands for the device of its common name', async () => {
    const { faultsOf, path, port } = await startBroker();
    const { client, outcome } = call(port, pki.dock);
    expect(await outcome).toBe('in');
    await client.publishAsync('dock/tags', 'seen', { qos: 1 });
    const last = [...readIntake(path)].at(-1)?.body;
    expect(last).toMatchObject({ type: 'message', device: 'dock', channel: 'tags' });
    expect(faultsOf('dock')).toEqual([]);
  });

  test('that is named by its SHA-256 is taken, whoever signed it', async () => {
    const { port } = await startBroker({ required: true });
    expect(await call(port, pki.own).outcome).toBe('in');
  });

  test.each([
    ['has expired', 'expired', noon, 'client-certificate-expired'],
    ['is not valid yet, where it is 1970', 'dock', 0, 'client-certificate-not-yet-valid'],
    ['is not valid yet by any clock', 'early', noon, 'client-certificate-not-yet-valid'],
  ] as const)('that %s lets its device in, which is said on it', async (_, which, nowMs, code) => {
    const { faultsOf, path, port } = await startBroker({ required: true, nowMs });
    const { client, outcome } = call(port, pki[which]);
    expect(await outcome).toBe('in');
    await client.publishAsync('dock/tags', 'seen', { qos: 1 });
    expect(faultsOf('dock')).toEqual([code]);
    expect([...readIntake(path)].at(-1)?.body).toMatchObject({ type: 'message', device: 'dock' });
  });

  test('that is right again by the trusted time is no longer said to be wrong', async () => {
    const { broker, clock, faultsOf, intake, port } = await startBroker({ nowMs: 0 });
    const { outcome } = call(port, pki.dock);
    expect(await outcome).toBe('in');
    await until(() => faultsOf('dock').length > 0);
    clock.wallMs = noon;
    await broker.keepUp();
    await until(() => faultsOf('dock').length === 0);
    expect(intake.hold).toBeUndefined();
  });

  test.each([
    ['stranger', 'certificate-unknown-issuer'],
    ['staleStranger', 'certificate-unknown-issuer'],
    ['staleForged', 'certificate-bad-signature'],
    ['own', 'certificate-unknown-issuer'],
    ['server', 'certificate-wrong-purpose'],
  ] as const)('of %s is refused, and the log says why', async (which, reason) => {
    const { broker, devices, faultsOf, port } = await startBroker({ required: true });
    broker.replaceDevices(devices.filter(({ device }) => device !== 'gate'));
    expect(await call(port, pki[which]).outcome).toBe('closed');
    expect(broker.refusals.list()).toMatchObject([
      {
        reason,
        certificate: expect.stringContaining(
          pki[which].x509.fingerprint256.replaceAll(':', '').toLowerCase(),
        ) as unknown,
      },
    ]);
    const named = pki[which].x509.subject === 'CN=dock';
    await until(() => !named || faultsOf('dock').includes('client-certificate-refused'));
  });

  test('of a device that is taken off the configuration ends with its connection', async () => {
    const { broker, devices, port } = await startBroker({ required: true });
    const { client, outcome } = call(port, pki.dock);
    expect(await outcome).toBe('in');
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    broker.replaceDevices(devices.filter(({ device }) => device !== 'dock'));
    await closed;
    expect(await call(port, pki.dock).outcome).toBe('refused');
    expect(broker.refusals.list()).toMatchObject([{ reason: 'certificate-of-nobody' }]);
  });

  test('is judged anew at each connection: there are no tickets to come in by', async () => {
    const { port } = await startBroker({ required: true });
    const options = {
      port,
      host: '127.0.0.1',
      ca: pki.ca.pem,
      cert: pki.dock.pem,
      key: pki.dock.key,
    };
    const first = connectTls(options);
    onTestFinished(() => void first.destroy());
    const [session] = (await once(first, 'session')) as [Buffer];
    const second = connectTls({ ...options, session });
    onTestFinished(() => void second.destroy());
    await once(second, 'secureConnect');
    expect(second.isSessionReused()).toBe(false);
  });
});

describe('over TLS, who shows no certificate', () => {
  test('signs in by name and password where none is required', async () => {
    const { broker, port } = await startBroker();
    const { outcome } = call(port, undefined, { username: 'gun', password: 'gun-secret' });
    expect(await outcome).toBe('in');
    expect(
      await call(port, undefined, { username: 'gun', password: 'x', clientId: 'b' }).outcome,
    ).toBe('refused');
    expect(broker.refusals.list()).toMatchObject([{ reason: 'wrong-password' }]);
  });

  test('is let go before MQTT begins where one is required', async () => {
    const { broker, port } = await startBroker({ required: true });
    expect(await call(port, undefined, { username: 'gun', password: 'gun-secret' }).outcome).toBe(
      'closed',
    );
    expect(broker.refusals.list()).toMatchObject([
      { reason: 'no-certificate', address: '127.0.0.1' },
    ]);
  });

  test('and speaks plain MQTT is named as such', async () => {
    const { broker, port } = await startBroker();
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.from([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0]));
    await until(() => broker.refusals.list().length > 0);
    expect(broker.refusals.list()).toMatchObject([{ reason: 'tls-not-spoken' }]);
  });
});

describe("the gateway's own certificate", () => {
  const validTo = async (port: number): Promise<string> => {
    const { client, outcome } = call(port, pki.dock, { clientId: 'looks' });
    await outcome;
    const { valid_to: to } = (
      client.stream as unknown as { getPeerCertificate(): { valid_to: string } }
    ).getPeerCertificate();
    await client.endAsync(true);
    return to;
  };

  test('is renewed while devices stay connected', async () => {
    const { broker, file, path, port } = await startBroker();
    const { client, outcome } = call(port, pki.dock);
    expect(await outcome).toBe('in');
    let closes = 0;
    client.on('close', () => (closes += 1));
    const before = await validTo(port);
    copyFileSync(pki.renewed.certFile, file('cert.pem'));
    copyFileSync(pki.renewed.keyFile, file('key.pem'));
    await broker.keepUp();
    expect(await validTo(port)).not.toBe(before);
    await client.publishAsync('dock/tags', 'still here', { qos: 1 });
    expect([...readIntake(path)].some(({ body }) => body.type === 'message')).toBe(true);
    expect(closes).toBe(0);
  });

  test('that does not fit its key is not used: the former one stays, and it is said', async () => {
    const { broker, file, port } = await startBroker();
    const before = await validTo(port);
    copyFileSync(pki.renewed.certFile, file('cert.pem'));
    await broker.keepUp();
    expect(broker.listeners.faults).toMatchObject([{ code: 'mismatch', key: 'keyFile' }]);
    expect(await validTo(port)).toBe(before);
    copyFileSync(pki.renewed.keyFile, file('key.pem'));
    await broker.keepUp();
    expect(broker.listeners.faults).toEqual([]);
    expect(await validTo(port)).not.toBe(before);
  });

  test('that has expired serves those who do not mind, and is said', async () => {
    const { broker, port } = await startBroker({ nowMs: Date.UTC(2091, 1, 1) });
    expect(broker.listeners.faults).toMatchObject([
      { code: 'expired', sinceMs: Date.UTC(2091, 1, 1) },
    ]);
    expect(await call(port, pki.dock).outcome).toBe('in');
  });

  test('that cannot be read stops nothing, and is used as soon as it can be', async () => {
    const { broker, file, settings } = await startBroker();
    writeFileSync(file('broken.pem'), 'no certificate');
    const { tls, ...plain } = settings;
    if (tls === undefined) throw new Error('no tls');
    await broker.listenAt({ ...plain, port: 0 });
    await broker.listenAt({ ...settings, port: 0, tls: { ...tls, certFile: file('broken.pem') } });
    expect(broker.listeners.ports).toEqual({
      plain: expect.any(Number) as unknown,
      tls: undefined,
    });
    expect(broker.listeners.faults).toMatchObject([{ code: 'unreadable', key: 'certFile' }]);
    copyFileSync(pki.server.certFile, file('broken.pem'));
    await broker.keepUp();
    const { tls: now } = broker.listeners.ports;
    expect(await call(now ?? 0, pki.dock).outcome).toBe('in');
  });

  test('and a CA that is no longer believed takes its devices along', async () => {
    const { broker, file, port } = await startBroker();
    const dock = call(port, pki.dock);
    const gate = call(port, pki.own, { clientId: 'gate' });
    expect([await dock.outcome, await gate.outcome]).toEqual(['in', 'in']);
    const closed = new Promise<void>((resolve) => dock.client.once('close', () => resolve()));
    copyFileSync(pki.stranger.certFile, file('ca.pem'));
    await broker.keepUp();
    await closed;
    expect(gate.client.connected).toBe(true);
  });
});
