import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MessageSecurityMode, OPCUACertificateManager, StatusCode } from 'node-opcua';
import { Fault } from '#contracts/fault.ts';
import { certificateInfo, namesHost, validityAt } from './certificate-info.ts';
import type { CertificateInfo } from './certificate-info.ts';
import type { OpcUaLibrary } from './opcua-library.ts';

/** How the gateway names itself; its certificate carries the URI (OPC UA Part 4, 7.2). */
export interface ClientApplication {
  readonly applicationName: string;
  readonly applicationUri: string;
}

/** What to do with a trusted server whose certificate has expired. */
export const expiredCertificatePolicies = ['refuse', 'accept-trusted'] as const;
export type ExpiredCertificatePolicy = (typeof expiredCertificatePolicies)[number];

/** How the certificate was judged that a server showed. */
export interface ServerVerdict {
  readonly certificate?: CertificateInfo;
  /** Name of the StatusCode: `Good`, `BadCertificateUntrusted`, … */
  readonly status: string;
  readonly validity: 'valid' | 'expired' | 'not-yet-valid';
  readonly accepted: boolean;
  /** It is on the trusted list itself; otherwise it can only be its issuer that is trusted. */
  readonly isListed: boolean;
  /** What the server's endpoint says it is, where that is another application. */
  readonly otherUri?: string;
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

/** What one server's certificate is held against. */
export interface ServerExpectation {
  readonly policy: ExpiredCertificatePolicy;
  /** As `opc.tcp://host:port/…`. */
  readonly endpoint: string;
}

/**
 * Makes a store judge servers' certificates by the trusted time instead of the system's, which
 * after a power cut may be 1970, and by the policy for expired ones. An expired certificate is
 * taken only from the trusted list, never for its issuer's sake alone; and so is one that does not
 * name the host that is called, because its issuer signs for other machines as well (OPC UA Part 4,
 * 6.1.3).
 */
export function judgeServers(
  library: OpcUaLibrary,
  store: OPCUACertificateManager,
  { endpoint, policy }: ServerExpectation,
  nowMs: () => number,
  judged: (verdict: ServerVerdict) => void,
): void {
  const { StatusCodes } = library;
  const check = async (chain: Buffer | Buffer[]): Promise<StatusCode> => {
    const [leaf, ...issuers] = Array.isArray(chain) ? chain : [chain];
    if (leaf === undefined) return StatusCodes.BadCertificateInvalid;
    const status = await store.verifyCertificate(Buffer.concat([leaf, ...issuers]), {
      acceptCertificateWithValidIssuerChain: true,
      acceptOutdatedCertificate: true,
      acceptOutDatedIssuerCertificate: policy === 'accept-trusted',
      acceptPendingCertificate: true,
    });
    const certificate = certificateInfo(leaf);
    const validity = certificate === undefined ? 'valid' : validityAt(certificate, nowMs());
    let verdict: StatusCode = StatusCodes[status];
    const isListed = verdict.isGood() && (await store.isCertificateTrusted(leaf)) === 'Good';
    if (verdict.isGood() && validity !== 'valid') {
      const isTaken = validity === 'expired' && policy === 'accept-trusted' && isListed;
      if (!isTaken) verdict = StatusCodes.BadCertificateTimeInvalid;
    }
    if (verdict.isGood() && !isListed && !namesHost(leaf, endpoint)) {
      verdict = StatusCodes.BadCertificateHostNameInvalid;
      await store.rejectCertificate(leaf);
    }
    // Kept where a person finds it and can put it on the trusted list.
    if (verdict.equals(StatusCodes.BadCertificateUntrusted)) await store.rejectCertificate(leaf);
    judged({
      ...(certificate === undefined ? {} : { certificate }),
      status: verdict.name,
      validity,
      accepted: verdict.isGood(),
      isListed,
    });
    return verdict;
  };
  (store as { checkCertificate: typeof check }).checkCertificate = check;
}

/**
 * The verdict once the server has said which application it is. A certificate that names another
 * one is taken only from the trusted list.
 */
export function claimedUri(verdict: ServerVerdict, uri: string | undefined): ServerVerdict {
  const named = verdict.certificate?.applicationUri;
  if (named === undefined || uri === undefined || named === uri) return verdict;
  if (verdict.isListed) return { ...verdict, otherUri: uri };
  return { ...verdict, otherUri: uri, status: 'BadCertificateUriInvalid', accepted: false };
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
  const certificate = await shownCertificate(library, store, endpoint, application);
  if (certificate === undefined) {
    throw new Fault('LINK_DOWN', 'the server offers no SignAndEncrypt with Basic256Sha256', {
      details: { endpoint },
    });
  }
  await store.trustCertificate(Buffer.from(certificate));
}

/**
 * Asks the server without any security which certificate its encrypted endpoint has.
 *
 * @returns undefined where it has no SignAndEncrypt with Basic256Sha256.
 */
export async function shownCertificate(
  library: OpcUaLibrary,
  store: OPCUACertificateManager,
  endpoint: string,
  application: ClientApplication,
): Promise<Uint8Array | undefined> {
  const client = library.OPCUAClient.create({
    ...application,
    clientCertificateManager: store,
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
    endpointMustExist: false,
    transportTimeout: 10_000,
  });
  try {
    await client.connect(endpoint);
    const offers = await client.getEndpoints();
    const mode: MessageSecurityMode = library.MessageSecurityMode.SignAndEncrypt;
    const offer = offers.find(
      ({ securityMode, securityPolicyUri }) =>
        securityMode === mode && securityPolicyUri === library.SecurityPolicy.Basic256Sha256,
    );
    return offer?.serverCertificate;
  } finally {
    await client.disconnect();
  }
}
