import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { refusalOfChain, type ChainRefusal } from './client-chain.ts';

/** The certificate that a client showed, with the proof that it has the key. */
export interface ClientCertificate {
  /** SHA-256 over the certificate in lower-case hex. */
  readonly sha256: string;
  /** Of the subject; undefined where there is none, or more than one. */
  readonly commonName: string | undefined;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Why it is not believed for its issuer's sake; its dates are no reason. */
  readonly refusal: ChainRefusal | undefined;
  readonly leaf: X509Certificate;
  readonly presented: readonly X509Certificate[];
}

/** What OpenSSL says of dates, after which it may be silent on the rest. */
const dateErrors: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const mostPresented = 8;

/** Judges the certificate of a handshake that is over; undefined where the client showed none. */
export function certificateOf(
  socket: TLSSocket,
  clientCas: readonly X509Certificate[],
): ClientCertificate | undefined {
  const leaf = socket.getPeerX509Certificate();
  if (leaf === undefined) return undefined;
  const presented: X509Certificate[] = [];
  for (let at = leaf.issuerCertificate; at !== undefined; at = at.issuerCertificate) {
    if (presented.push(at) >= mostPresented) break;
  }
  return {
    sha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    commonName: commonNameOf(leaf),
    validFromMs: leaf.validFromDate.getTime(),
    validToMs: leaf.validToDate.getTime(),
    refusal: refusalOf(socket, leaf, presented, clientCas),
    leaf,
    presented,
  };
}

/**
 * As before, by other CAs: a CA that is no longer believed takes its clients along. What only
 * OpenSSL can judge, it has judged at the handshake.
 */
export function isStillBelieved(
  { leaf, presented, refusal }: ClientCertificate,
  clientCas: readonly X509Certificate[],
): boolean {
  return refusal === undefined && refusalOfChain(leaf, presented, clientCas, true) === undefined;
}

function refusalOf(
  socket: TLSSocket,
  leaf: X509Certificate,
  presented: readonly X509Certificate[],
  clientCas: readonly X509Certificate[],
): ChainRefusal | undefined {
  if (socket.authorized) return undefined;
  const said = String(socket.authorizationError);
  const found = refusalOfChain(leaf, presented, clientCas);
  if (dateErrors.has(said)) return found;
  // OpenSSL saw more than this does; what it refuses stays refused.
  return found ?? (said === 'CERT_SIGNATURE_FAILURE' ? 'bad-signature' : 'not-judged');
}

function commonNameOf(leaf: X509Certificate): string | undefined {
  const { subject } = leaf.toLegacyObject() as { subject?: { CN?: unknown } };
  return typeof subject?.CN === 'string' ? subject.CN : undefined;
}
