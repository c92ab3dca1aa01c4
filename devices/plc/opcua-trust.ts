import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageSecurityMode, OPCUACertificateManager } from 'node-opcua';
import { Fault } from '#contracts/fault.ts';
import type { OpcUaLibrary } from './opcua-library.ts';

/** How the gateway names itself; its certificate carries the URI (OPC UA Part 4, 7.2). */
export interface ClientApplication {
  readonly applicationName: string;
  readonly applicationUri: string;
}

/**
 * Opens the certificate store of one PLC connection: own key and certificate, and the list of
 * servers that are trusted (`<pkiDir>/trusted/certs`). A store per connection keeps one PLC's
 * certificate from standing in for another's.
 */
export async function openCertificateStore(
  library: OpcUaLibrary,
  pkiDir: string,
): Promise<OPCUACertificateManager> {
  const store = new library.OPCUACertificateManager({
    rootFolder: pkiDir,
    automaticallyAcceptUnknownCertificate: false,
    disableFileWatchers: true,
  });
  await store.initialize();
  return store;
}

/** Whether any server certificate is trusted yet. */
export async function trustsNobody(pkiDir: string): Promise<boolean> {
  const trusted = await readdir(join(pkiDir, 'trusted', 'certs'));
  return trusted.length === 0;
}

/**
 * Trusts the certificate that the server shows now: trust on first use, for demo, tests and
 * commissioning on a network that is trusted at that moment. Later changes are refused.
 *
 * @throws Fault LINK_DOWN where the server offers no encrypted endpoint.
 */
export async function trustShownCertificate(
  library: OpcUaLibrary,
  store: OPCUACertificateManager,
  endpoint: string,
  application: ClientApplication,
): Promise<void> {
  const client = library.OPCUAClient.create({
    ...application,
    clientCertificateManager: store,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
    endpointMustExist: false,
    transportTimeout: 10_000,
  });
  let certificate: Uint8Array | undefined;
  try {
    await client.connect(endpoint);
    const offers = await client.getEndpoints();
    const mode: MessageSecurityMode = library.MessageSecurityMode.SignAndEncrypt;
    const offer = offers.find(
      ({ securityMode, securityPolicyUri }) =>
        securityMode === mode && securityPolicyUri === library.SecurityPolicy.Basic256Sha256,
    );
    certificate = offer?.serverCertificate;
  } finally {
    await client.disconnect();
  }
  if (certificate === undefined) {
    throw new Fault('LINK_DOWN', 'the server offers no SignAndEncrypt with Basic256Sha256', {
      details: { endpoint },
    });
  }
  await store.trustCertificate(Buffer.from(certificate));
}
