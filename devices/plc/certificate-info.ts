import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What a person needs to know a certificate by, and until when it can be used. */
export interface CertificateInfo {
  /** SHA-1 of the certificate in lower-case hex, as OPC UA tools show it (Part 6, 6.2.2). */
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly applicationUri?: string;
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** @returns undefined for bytes (DER or PEM) that are no certificate; of a chain the first. */
export function certificateInfo(bytes: Uint8Array | string): CertificateInfo | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch {
    return undefined;
  }
  const uri = /URI:([^,]+)/.exec(certificate.subjectAltName ?? '')?.[1];
  return {
    thumbprint: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    ...(uri === undefined ? {} : { applicationUri: uri }),
    validFromMs: certificate.validFromDate.getTime(),
    validToMs: certificate.validToDate.getTime(),
  };
}

/** Whether a certificate (DER) is made for the host of `opc.tcp://host:port/…`: a name or address. */
export function namesHost(bytes: Uint8Array, endpoint: string): boolean {
  const host =
    /^opc\.tcp:\/\/(\[[^\]]+\]|[^/:]+)/.exec(endpoint)?.[1]?.replaceAll(/[[\]]/g, '') ?? '';
  const certificate = new X509Certificate(bytes);
  const found = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return found !== undefined;
}

/** How a certificate stands in time: judged by the caller's clock, never by the system's. */
export function validityAt(
  { validFromMs, validToMs }: Pick<CertificateInfo, 'validFromMs' | 'validToMs'>,
  nowMs: number,
): 'valid' | 'expired' | 'not-yet-valid' {
  if (nowMs >= validToMs) return 'expired';
  return nowMs < validFromMs ? 'not-yet-valid' : 'valid';
}

/** A distinguished name in one line, as `CN=Line 1, O=Plant`. */
function oneLine(name: string): string {
  return name.split('\n').join(', ');
}
