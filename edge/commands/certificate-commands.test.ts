import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPCUACertificateManager } from 'node-opcua';
import { expect, test } from 'vitest';
import { runCli } from '../testing/gateway-process.ts';
import { tempDir } from '../testing/test-parts.ts';

const plc = (id: string): string => `
  - id: ${id}
    profile: plc-counter
    opcua:
      endpoint: opc.tcp://plc:4840
      samplingMs: 100
      queueSize: 100
      tags: [{ name: parts, node: "nsu=urn:plant;s=Parts", role: counter }]
    buffers: false
    silentAfterMs: 60000
`;

/** A gateway with two PLCs; the first has shown a certificate that nobody trusts yet. */
async function setUp(): Promise<{ dir: string; thumbprint: string }> {
  const dir = tempDir();
  const key = Buffer.alloc(32, 7).toString('base64');
  const init = ['init', '--dir', '.', '--site', 's', '--id', 'g', '--hub-key', key];
  expect(await runCli(init, dir)).toMatchObject({ code: 0 });
  const file = join(dir, 'gateway.yaml');
  const text = readFileSync(file, 'utf8');
  const devices = `devices:${plc('line-1')}${plc('line-2')}`;
  writeFileSync(file, text.replace(/^devices:.*$/m, devices));
  const rootFolder = join(dir, 'data', 'pki', 'line-1');
  const store = new OPCUACertificateManager({ rootFolder, disableFileWatchers: true });
  await store.initialize();
  for (const [name, outputFile] of [
    ['Line 1', join(rootFolder, 'rejected', 'line.pem')],
    ['Holdfast', join(rootFolder, 'own', 'certs', 'client_certificate.pem')],
  ] as const) {
    await store.createSelfSignedCertificate({
      applicationUri: 'urn:plant:line-1',
      dns: [],
      outputFile,
      startDate: new Date(Date.UTC(2020, 0, 1)),
      subject: `/CN=${name}`,
      validity: 365,
    });
  }
  await store.dispose();
  const listed = await list(dir);
  return {
    dir,
    thumbprint: String(listed.find(({ list: of }) => of === 'rejected')?.['thumbprint']),
  };
}

const config = ['--config', 'gateway.yaml'];

async function list(dir: string): Promise<Record<string, unknown>[]> {
  const { code, stdout } = await runCli(['certificates', 'list', ...config], dir);
  expect(code).toBe(0);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a server is trusted and rejected by its thumbprint, and every list can be seen', async () => {
  const { dir, thumbprint } = await setUp();
  const shown = { device: 'line-1', thumbprint, validity: 'expired', subject: 'CN=Line 1' };
  expect(await list(dir)).toMatchObject([{ list: 'own' }, { ...shown, list: 'rejected' }]);
  const begin = thumbprint.slice(0, 8);
  expect(await runCli(['certificates', 'trust', begin, ...config], dir)).toMatchObject({ code: 0 });
  expect(await list(dir)).toMatchObject([{ list: 'own' }, { ...shown, list: 'trusted' }]);
  const other = ['certificates', 'reject', begin, '--device', 'line-2', ...config];
  expect(await runCli(other, dir)).toMatchObject({ code: 1, stdout: '' });
  expect(await runCli(['certificates', 'reject', begin, ...config], dir)).toMatchObject({
    code: 0,
  });
  expect((await list(dir)).map((one) => one['list'])).toEqual(['own', 'rejected']);
}, 30_000);

test('renewing forgets the own certificate of one device, which has to be named', async () => {
  const { dir } = await setUp();
  expect(await runCli(['certificates', 'renew', ...config], dir)).toMatchObject({ code: 2 });
  const renew = ['certificates', 'renew', '--device', 'line-1', ...config];
  expect(await runCli(renew, dir)).toMatchObject({ code: 0 });
  expect((await list(dir)).map((one) => one['list'])).toEqual(['rejected']);
  expect(await runCli(renew, dir)).toMatchObject({ code: 1 });
}, 30_000);

test('a server that was met before the config has its device can be trusted by that name', async () => {
  const { dir, thumbprint } = await setUp();
  const file = join(dir, 'gateway.yaml');
  // As after `discover --endpoint … --device line-1`.
  writeFileSync(file, readFileSync(file, 'utf8').replace(plc('line-1'), ''));
  expect(await list(dir)).toMatchObject([{ list: 'own' }, { device: 'line-1', list: 'rejected' }]);
  const trust = ['certificates', 'trust', thumbprint, '--device'];
  expect(await runCli([...trust, 'line-9', ...config], dir)).toMatchObject({ code: 1 });
  expect(await runCli([...trust, 'line-1', ...config], dir)).toMatchObject({ code: 0 });
  expect(await list(dir)).toMatchObject([{ list: 'own' }, { device: 'line-1', list: 'trusted' }]);
}, 30_000);
