import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { testCertificates } from '../testing/test-certificates.ts';
import { tempDir } from '../testing/test-parts.ts';
import { explainDialFailure } from './dial-failure.ts';
import { trustForWebSockets } from './hub-tls.ts';

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a server that asks for a certificate over a WebSocket is named as such (%s)',
  async (version) => {
    const make = testCertificates(tempDir());
    const ca = make({ commonName: 'Plant CA', kind: 'ca' });
    const { key, pem: cert } = make({ commonName: 'nats', kind: 'server', by: ca });
    const of = { key, cert, ca: ca.pem, requestCert: true, rejectUnauthorized: true };
    const server = createServer({ ...of, minVersion: version, maxVersion: version });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const tls = { caFile: ca.certFile };
    trustForWebSockets(tls);
    const servers = [`wss://127.0.0.1:${port}`];
    const failure = await explainDialFailure(new Error('it failed'), { servers, tls }, 0);
    expect(failure).toMatchObject({ fault: 'CERTIFICATE_REFUSED' });
    expect(failure.reason).toContain('over a WebSocket a gateway shows none');
  },
);
