import type { X509Certificate } from 'node:crypto';
import { useOf, type CertificateUse } from './certificate-extensions.ts';

/** Why a certificate that a client showed is not believed. */
export type ChainRefusal =
  /** Nobody whose signature counts stands at its end. */
  | 'unknown-issuer'
  /** It was changed, or names an issuer that did not sign it. */
  | 'bad-signature'
  /** Signed with a certificate that may not sign others, or not that far down. */
  | 'issuer-not-ca'
  /** It, or a CA above it, was made for something else than clients. */
  | 'wrong-purpose'
  /** A key or hash that can be broken, as OpenSSL's security level 2 has it, or that is unknown. */
  | 'too-weak'
  /** Binds names, or has a critical extension, or a form, that only OpenSSL can judge. */
  | 'not-judged';

const longestChain = 8;
const clientAuth = '2b06010505070302';
/** Key usages that a client of TLS needs one of: digitalSignature, keyAgreement. */
const clientKeyUsage = 0x88;
const keyCertSign = 0x04;
const netscapeClient = 0x80;
const leastRsaBits = 2048;
const leastEcBits = 224;

const sha2 = ['04', '01', '02', '03'].map((last) => `6086480165030402${last}`);
/** Signatures from SHA-224 on: RSA, RSASSA-PSS, ECDSA; Ed25519 and Ed448. */
const strongSignatures: ReadonlySet<string> = new Set([
  ...['0e', '0b', '0c', '0d'].map((last) => `2a864886f70d0101${last}`),
  ...sha2.map((hash) => `2a864886f70d01010a ${hash}`),
  ...['01', '02', '03', '04'].map((last) => `2a8648ce3d0403${last}`),
  '2b6570',
  '2b6571',
]);

interface Judged {
  readonly certificate: X509Certificate;
  readonly use: CertificateUse;
}

/**
 * Whether a client's certificate leads to one of `anchors`, whatever its dates: all of RFC 5280,
 * 6.1 that no clock is needed for. OpenSSL says only one of all that is wrong with a chain, and a
 * date hides everything else: a forged certificate that has also expired is to it one that has
 * expired. So when it names a date, this is asked. It judges, of every certificate up to and with
 * the anchor: names and signatures; the right to sign (basic constraints, key usage, path length);
 * the purpose, which every CA that names purposes must name too, as OpenSSL has it; strength of
 * key and signature. What binds names, or is critical and not understood, is refused.
 *
 * @param presented further certificates that the client sent, in any order, believed by nobody yet
 * @param isJudged OpenSSL has judged what only it can
 */
export function refusalOfChain(
  leaf: X509Certificate,
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  isJudged = false,
): ChainRefusal | undefined {
  const use = useOf(leaf);
  if (use === undefined || (use.isBeyondUs && !isJudged)) return 'not-judged';
  if (!isForClients(use)) return 'wrong-purpose';
  let at: Judged = { certificate: leaf, use };
  let casBelow = 0;
  for (let depth = 0; depth < longestChain; depth += 1) {
    const { certificate } = at;
    if (isWeakKey(certificate)) return 'too-weak';
    if (anchors.some(({ raw }) => raw.equals(certificate.raw))) return undefined;
    if (!strongSignatures.has(at.use.signature)) return 'too-weak';
    const found = issuerOf(certificate, { casBelow, isJudged }, presented, anchors);
    if (typeof found === 'string') return found;
    // A CA that renewed its own key is no further step (RFC 5280, 6.1.4 l).
    if (found.certificate.subject !== found.certificate.issuer) casBelow += 1;
    at = found;
  }
  return 'unknown-issuer';
}

interface Place {
  /** How many CAs stand between the issuer and the leaf. */
  readonly casBelow: number;
  readonly isJudged: boolean;
}

function issuerOf(
  of: X509Certificate,
  place: Place,
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): Judged | ChainRefusal {
  let refusal: ChainRefusal = 'unknown-issuer';
  for (const issuer of [...anchors, ...presented]) {
    if (issuer.subject !== of.issuer) continue;
    // Whatever the names say, the signature decides; a CA may have had several keys.
    if (!of.verify(issuer.publicKey)) {
      refusal = 'bad-signature';
      continue;
    }
    const use = useOf(issuer);
    const trouble = use === undefined ? 'not-judged' : troubleOf(use, issuer, of, place);
    if (use !== undefined && trouble === undefined) return { certificate: issuer, use };
    refusal = trouble ?? refusal;
  }
  return refusal;
}

/** Why one that signed had no right to. */
function troubleOf(
  use: CertificateUse,
  issuer: X509Certificate,
  of: X509Certificate,
  { casBelow, isJudged }: Place,
): ChainRefusal | undefined {
  if (use.isBeyondUs && !isJudged) return 'not-judged';
  const maySign = issuer.ca && ((use.keyUsage ?? keyCertSign) & keyCertSign) !== 0;
  if (!maySign || !of.checkIssued(issuer)) return 'issuer-not-ca';
  if (casBelow > (use.pathLength ?? casBelow)) return 'issuer-not-ca';
  return isPurpose(use) ? undefined : 'wrong-purpose';
}

/** Without the extension it is for everything (RFC 5280, 4.2.1.12). */
function isPurpose({ purposes }: CertificateUse): boolean {
  return purposes === undefined || purposes.includes(clientAuth);
}

function isForClients(use: CertificateUse): boolean {
  const { keyUsage = clientKeyUsage, netscapeType = netscapeClient } = use;
  const mayAct = (keyUsage & clientKeyUsage) !== 0 && (netscapeType & netscapeClient) !== 0;
  return mayAct && isPurpose(use);
}

function isWeakKey({ publicKey }: X509Certificate): boolean {
  const { asymmetricKeyDetails: of, asymmetricKeyType: type } = publicKey;
  if (type === 'rsa' || type === 'rsa-pss') return (of?.modulusLength ?? 0) < leastRsaBits;
  if (type === 'dsa') return true;
  const bits = Number(/\d{3}/.exec(of?.namedCurve ?? '')?.[0] ?? leastEcBits);
  return bits < leastEcBits;
}
