import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TlsOptions } from '@nats-io/transport-node';

/** Files in PEM, read at every dial. */
export interface HubTls {
  /** The private CA of hub and NATS. Absent: those that the system trusts. */
  readonly caFile?: string | undefined;
  /** This gateway's own certificate and key, where the server asks for one. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** What the NATS client takes; none where neither the addresses nor the config ask for TLS. */
export function natsTls(servers: readonly string[], tls: HubTls | undefined): { tls?: TlsOptions } {
  if (tls === undefined) return servers.some((one) => one.startsWith('tls:')) ? { tls: {} } : {};
  const { caFile, certFile, keyFile } = tls;
  return {
    tls: {
      ...(caFile !== undefined && { caFile }),
      ...(certFile !== undefined && { certFile }),
      ...(keyFile !== undefined && { keyFile }),
    },
  };
}

/**
 * Lets WebSockets trust the private CA as well. Node's own WebSocket takes no certificates of its
 * own, only those that the whole process trusts.
 */
export function trustForWebSockets({ caFile }: HubTls): void {
  if (caFile === undefined) return;
  const ca = readFileSync(caFile, 'utf8').trim();
  const trusted = getCACertificates('default').map((pem) => pem.trim());
  if (!trusted.includes(ca)) setDefaultCACertificates([...trusted, ca]);
}

/** Until when this gateway's own certificate holds, where it has one that can be read. */
export function ownCertificateEndsAt({ certFile }: HubTls): Date | undefined {
  if (certFile === undefined) return undefined;
  try {
    return new X509Certificate(readFileSync(certFile)).validToDate;
  } catch {
    return undefined;
  }
}
