import { connect } from 'node:tls';
import { AuthorizationError } from '@nats-io/transport-node';
import type { FaultCode } from '#contracts/fault-codes.ts';
import { failureReason } from './hub-connection.ts';
import { ownCertificateEndsAt, type HubTls } from './hub-tls.ts';

/** Why there is no connection: words for an operator, and a code where the cause is known. */
export interface DialFailure {
  readonly reason: string;
  readonly fault?: FaultCode;
}

const probeTimeoutMs = 3_000;
/** In TLS 1.3 a server that misses a certificate says so behind its own handshake. */
const refusalWithinMs = 500;

/** OpenSSL's verdicts on the server's certificate, as Node names them. */
const certificateWords: Readonly<Record<string, string>> = {
  CERT_NOT_YET_VALID: "is not valid yet by this machine's clock",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'is signed by nobody that hub.tls.caFile or the system trusts',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by nobody that hub.tls.caFile or the system trusts',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by nobody that hub.tls.caFile or the system trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by nobody that hub.tls.caFile or the system trusts',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself, and hub.tls.caFile does not name it',
  CERT_SIGNATURE_FAILURE: 'is not signed by the CA that it names',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is one for another host name',
};

/**
 * Says why a dial failed. Decided by codes only. Of a WebSocket nothing is told, so its server is
 * asked once more for its certificate alone.
 */
export async function explainDialFailure(
  error: unknown,
  of: { readonly servers: readonly string[]; readonly tls?: HubTls | undefined },
  nowMs: number,
): Promise<DialFailure> {
  const reason = failureReason(error, 'hello');
  const codes = codesOf(error);
  const { servers, tls } = of;
  const web = servers.find((server) => server.startsWith('wss:'));
  if (codes.length === 0 && web !== undefined) codes.push(...codesOf(await probe(web)));
  const known = codes.map(certificateFailure).find((one) => one !== undefined);
  if (known !== undefined) return known;
  const endsAt = ownCertificateEndsAt(tls ?? {});
  if (endsAt !== undefined && endsAt.getTime() <= nowMs) {
    const { certFile } = tls ?? {};
    return {
      fault: 'CERTIFICATE_EXPIRED',
      reason: `this gateway's certificate ${certFile} expired on ${endsAt.toISOString()}: renew it`,
    };
  }
  if (web !== undefined && codes.some(isCertificateWanted)) {
    const words = 'the server asks for a certificate, and over a WebSocket a gateway shows none';
    const reason = `${words}: list a tls:// address, or have it ask for none there`;
    return { fault: 'CERTIFICATE_REFUSED', reason };
  }
  if (codes.some((code) => code.startsWith('ERR_SSL_'))) {
    const words = "the server refused this gateway's certificate, or TLS itself";
    return { fault: 'CERTIFICATE_REFUSED', reason: `${words} (${codes.join(', ')})` };
  }
  return isLoginRefused(error) ? { reason, fault: 'LOGIN_REFUSED' } : { reason };
}

/** Alerts of TLS 1.3 and of 1.2 for a client without a certificate (RFC 8446 6.2, RFC 5246 7.2.2). */
function isCertificateWanted(code: string): boolean {
  return /^ERR_SSL_.*ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE)$/.test(code);
}

function certificateFailure(code: string): DialFailure | undefined {
  const goesOn = 'devices are taken all the same';
  if (code === 'CERT_HAS_EXPIRED') {
    const reason = `the hub's certificate has expired: renew it there; ${goesOn}`;
    return { fault: 'CERTIFICATE_EXPIRED', reason };
  }
  const words = certificateWords[code];
  if (words === undefined) return undefined;
  return { fault: 'CERTIFICATE_REFUSED', reason: `the hub's certificate ${words}; ${goesOn}` };
}

function isLoginRefused(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof AuthorizationError) return true;
  }
  return false;
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string') codes.push(code);
  }
  return codes;
}

/** The error of a TLS handshake alone, undefined where it succeeds or nobody answers. */
function probe(server: string): Promise<unknown> {
  const { hostname, port } = new URL(server);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: port === '' ? 443 : Number(port),
      ...(/^[\d.]+$|:/.test(hostname) ? {} : { servername: hostname }),
      timeout: probeTimeoutMs,
    });
    const end = (error?: unknown) => {
      socket.destroy();
      resolve(error);
    };
    socket.once('secureConnect', () => setTimeout(() => end(), refusalWithinMs));
    socket.once('timeout', () => end());
    socket.once('error', end);
  });
}
