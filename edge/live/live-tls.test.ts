import { copyFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '#contracts/testing/free-port.ts';
import { runCli, setUpGateway, startGateway } from '../testing/gateway-process.ts';
import { testCertificates } from '../testing/test-certificates.ts';
import { tempDir, until } from '../testing/test-parts.ts';

interface Config {
  mqtt: Record<string, unknown>;
  devices: Record<string, unknown>[];
}

/** A gateway that takes its readers over TLS alone, by certificates of a CA of the site. */
async function setUpTls() {
  const dir = tempDir();
  const setup = await setUpGateway(dir);
  const make = testCertificates(dir);
  const ca = make({ commonName: 'Plant CA', kind: 'ca' });
  const server = make({ commonName: 'gateway', kind: 'server', by: ca });
  const reader = make({ commonName: 'reader-0', by: ca });
  const port = await freePort();
  const keyFile = join(dir, 'mqtt.key');
  copyFileSync(server.certFile, join(dir, 'mqtt.pem'));
  copyFileSync(server.keyFile, keyFile);
  chmodSync(keyFile, 0o600);
  const config = JSON.parse(readFileSync(setup.file, 'utf8')) as Config;
  config.mqtt = {
    host: '127.0.0.1',
    maxConnections: 50,
    tls: {
      port,
      certFile: 'mqtt.pem',
      keyFile: 'mqtt.key',
      clientCaFile: ca.certFile,
      requireClientCertificate: true,
    },
  };
  const [first = {}] = config.devices;
  first['mqtt'] = { certificate: { commonName: 'reader-0' } };
  writeFileSync(setup.file, JSON.stringify(config));
  const connect = () => {
    const shown = { ca: [ca.pem], cert: reader.pem, key: reader.key };
    return mqtt.connectAsync({ protocol: 'mqtts', port, host: '127.0.0.1', ...shown });
  };
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${setup.token}` };
    const answer = await fetch(`http://127.0.0.1:${setup.httpPort}${path}`, { headers, ...init });
    return (await answer.json()) as Record<string, unknown>;
  };
  return { ask, ca, connect, dir, keyFile, make, port, setup };
}

test('a gateway over TLS renews its certificate by apply, keeps its devices, and says what is wrong', async () => {
  const { ask, ca, connect, dir, keyFile, make, setup } = await setUpTls();
  const gateway = await startGateway(setup);
  const reader = await connect();
  onTestFinished(() => void reader.end(true));
  let closes = 0;
  reader.on('close', () => (closes += 1));
  const renewed = make({ commonName: 'gateway', kind: 'server', by: ca, to: '20200101000000Z' });
  copyFileSync(renewed.certFile, join(dir, 'mqtt.pem'));
  copyFileSync(renewed.keyFile, keyFile);
  chmodSync(keyFile, 0o640);
  const report = await ask('/config', { method: 'POST' });
  expect(report).toMatchObject({ changed: true, touched: [], listeners: [] });
  const paths = (report['warnings'] as { path: string }[]).map(({ path }) => path);
  expect(paths.filter((path) => path.startsWith('/mqtt/tls'))).toEqual([
    '/mqtt/tls/keyFile',
    '/mqtt/tls/certFile',
  ]);
  const { alerts } = await ask('/devices');
  expect(alerts).toMatchObject([
    { id: 'mqtt-tls:keyFile:open-to-others', type: 'gateway-fault', open: true },
    { id: 'mqtt-tls:certFile:expired', type: 'gateway-fault', open: true },
  ]);
  await reader.publishAsync('reader-0', '{}', { qos: 1 });
  expect(closes).toBe(0);
  await reader.endAsync();
  expect(await gateway.end('SIGTERM')).toBe(0);
  const checked = await runCli(['check', setup.file], dir);
  expect(checked.code).toBe(0);
  expect(`${checked.stdout}${checked.stderr}`).toContain('may be read by others (mode 640)');
}, 60_000);

test('who is not let in over TLS is named with cause and remedy', async () => {
  const { ask, make, port, setup, dir } = await setUpTls();
  const gateway = await startGateway(setup);
  const stranger = make({ commonName: 'reader-0', to: '20200101000000Z' });
  const client = mqtt.connect({
    protocol: 'mqtts',
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    reconnectPeriod: 0,
    cert: stranger.pem,
    key: stranger.key,
  });
  client.on('error', () => {});
  onTestFinished(() => void client.end(true));
  const refused = async () => ((await ask('/refusals'))['refusals'] as unknown[])[0];
  await until(async () => (await refused()) !== undefined);
  expect(await refused()).toMatchObject({
    reason: 'certificate-unknown-issuer',
    certificate: expect.stringContaining('reader-0') as unknown,
    remedy: expect.stringContaining('Have it signed') as unknown,
  });
  await until(async () => {
    const devices = (await ask('/devices'))['devices'] as { faults?: { code: string }[] }[];
    return devices.some(({ faults }) => faults?.[0]?.code === 'client-certificate-refused');
  });
  expect(await gateway.end('SIGTERM')).toBe(0);
  expect(dir).not.toBe('');
}, 60_000);
