import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pino } from 'pino';
import { listCertificates, moveCertificate } from '../../devices/plc/certificate-list.ts';
import { createOpcUaDriver } from '../../devices/plc/opcua-driver.ts';
import { loadOpcUa } from '../../devices/plc/opcua-library.ts';
import { diagnoseLink } from '../../devices/plc/link-fault.ts';
import {
  judgeServers,
  openCertificateStore,
  type ServerVerdict,
} from '../../devices/plc/opcua-trust.ts';
import { recordSink } from '../../devices/plc/testing/record-sink.ts';
import { startForeignPlc } from '../../devices/plc/testing/start-foreign-plc.ts';
import { createTestLog, tempDir } from '../testing/test-parts.ts';
import { revocationList, testCertificates } from '../testing/test-certificates.ts';

/**
 * Servers whose certificates come from a CA of the plant: what the store says of them, and what
 * shows on the device.
 */
async function openStore(revoke: boolean) {
  const [dir, pkiDir] = [tempDir(), join(tempDir(), 'pki')];
  const make = testCertificates(dir);
  const ca = make({ commonName: 'Plant CA', kind: 'ca', rsaBits: 2048 });
  const plc = make({ commonName: 'Line 1', kind: 'plc', by: ca, rsaBits: 2048 });
  const library = await loadOpcUa(createTestLog().log);
  const list = revocationList(dir, ca, revoke ? [plc] : []);
  for (const of of ['issuers', 'trusted']) {
    for (const name of ['certs', 'crl']) mkdirSync(join(pkiDir, of, name), { recursive: true });
    writeFileSync(join(pkiDir, of, 'certs', 'ca.pem'), ca.pem);
    writeFileSync(join(pkiDir, of, 'crl', 'ca.crl'), list);
  }
  const open = async (endpoint: string) => {
    const store = await openCertificateStore(library, pkiDir);
    onTestFinished(() => store.dispose());
    const verdicts: ServerVerdict[] = [];
    const judged = (verdict: ServerVerdict) => void verdicts.push(verdict);
    judgeServers(library, store, { endpoint, policy: 'refuse' }, Date.now, judged);
    await store.checkCertificate(plc.x509.raw);
    const [verdict] = verdicts;
    const trouble = { device: 'plc', endpoint, phase: 'connect', nowMs: 0 } as const;
    return { verdict, fault: verdict && diagnoseLink({ ...trouble, verdict }) };
  };
  return { open, plc, pkiDir };
}

test('a server of the plant’s CA is taken at the host that its certificate names, and only there', async () => {
  const { open, pkiDir, plc } = await openStore(false);
  expect((await open('opc.tcp://127.0.0.1:4840')).verdict).toMatchObject({ accepted: true });
  const other = await open('opc.tcp://10.0.0.9:4840/plc');
  expect(other.verdict).toMatchObject({ accepted: false, status: 'BadCertificateHostNameInvalid' });
  expect(other.fault?.code).toBe('server-certificate-wrong-host');
  // Whoever compared it and trusts the certificate itself has said where it stands.
  writeFileSync(join(pkiDir, 'trusted', 'certs', 'plc.pem'), plc.pem);
  expect((await open('opc.tcp://10.0.0.9:4840')).verdict).toMatchObject({ accepted: true });
}, 30_000);

test('a server whose certificate was revoked is refused, and that is named', async () => {
  const { open } = await openStore(true);
  const { fault, verdict } = await open('opc.tcp://127.0.0.1:4840');
  expect(verdict).toMatchObject({ accepted: false, status: 'BadCertificateRevoked' });
  expect(fault).toMatchObject({
    code: 'server-certificate-revoked',
    text: expect.stringContaining('give the server a new one') as unknown,
  });
}, 30_000);

test('a server of the plant’s CA that claims to be another application is refused until it is trusted itself', async () => {
  const { pkiDir, plc } = await openStore(false);
  const server = tempDir();
  for (const folder of ['certs', 'private']) {
    mkdirSync(join(server, 'own', folder), { recursive: true });
  }
  copyFileSync(plc.certFile, join(server, 'own', 'certs', 'foreign.pem'));
  copyFileSync(plc.keyFile, join(server, 'own', 'private', 'private_key.pem'));
  const foreign = await startForeignPlc(['--pki', server, '--claims', 'urn:foreign:other']);
  onTestFinished(() => foreign.kill());
  const recording = recordSink();
  const driver = createOpcUaDriver(
    {
      device: 'line-1',
      owner: { site: 'lyon', gateway: 'gw-1' },
      endpoint: foreign.endpoint,
      samplingMs: 50,
      queueSize: 10,
      tags: [{ name: 'parts', node: foreign.nodes.count, role: 'counter' }],
      pkiDir,
      clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
      log: pino({ level: 'silent' }),
    },
    recording.sink,
  );
  onTestFinished(() => driver.stop());
  await driver.start();
  const codes = () => recording.faults().map(({ code }) => code);
  await recording.until(() => codes().includes('server-certificate-wrong-uri'));
  expect(recording.values('parts')).toEqual([]);
  const [shown] = listCertificates(pkiDir).filter(({ list }) => list === 'rejected');
  expect(moveCertificate(pkiDir, shown?.thumbprint ?? '', 'trusted').ok).toBe(true);
  await recording.until(() => recording.values('parts').length > 0);
  await recording.until(() => codes().includes('server-certificate-wrong-uri'));
}, 30_000);
