import type { X509Certificate } from 'node:crypto';

/** Why a certificate that a client showed is not believed. */
export type ChainRefusal =
  /** Nobody whose signature counts stands at its end. */
  | 'unknown-issuer'
  /** It was changed, or names an issuer that did not sign it. */
  | 'bad-signature'
  /** Signed with a certificate that may not sign others. */
  | 'issuer-not-ca'
  /** Made for something else than a client. */
  | 'wrong-purpose'
  /** A key or hash that can be broken, as OpenSSL's security level 2 has it. */
  | 'too-weak'
  /** Binds names in a way that only OpenSSL can judge, which it does while all dates are right. */
  | 'not-judged';

const longestChain = 8;
const clientAuth = '1.3.6.1.5.5.7.3.2';
const anyPurpose = '2.5.29.37.0';
/** The object identifier of name constraints (RFC 5280, 4.2.1.10) as a certificate holds it. */
const nameConstraints = Buffer.from('0603551d1e', 'hex');
const leastRsaBits = 2048;
const leastEcBits = 224;

/**
 * Whether a client's certificate leads to one of `anchors`, whatever its dates: signatures, issuers,
 * their right to sign, purpose and strength (RFC 5280, 6.1). OpenSSL says only one of all that is
 * wrong with a chain, and a date hides everything else: a forged certificate that has also expired
 * is to it one that has expired. So when it names a date, this is asked.
 *
 * Path lengths are not looked at: they bind a CA that could as well have signed the client itself.
 *
 * @param presented further certificates that the client sent, in any order, believed by nobody yet
 */
export function refusalOfChain(
  leaf: X509Certificate,
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): ChainRefusal | undefined {
  if (!isForClients(leaf)) return 'wrong-purpose';
  let at = leaf;
  for (let depth = 0; depth < longestChain; depth += 1) {
    if (anchors.some(({ raw }) => raw.equals(at.raw)))
      return isWeakKey(at) ? 'too-weak' : undefined;
    if (isWeak(at)) return 'too-weak';
    const { issuer, refusal } = issuerOf(at, presented, anchors);
    if (issuer === undefined) return refusal;
    if (issuer.raw.includes(nameConstraints)) return 'not-judged';
    at = issuer;
  }
  return 'unknown-issuer';
}

function issuerOf(
  of: X509Certificate,
  presented: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
): { readonly issuer?: X509Certificate; readonly refusal: ChainRefusal } {
  let refusal: ChainRefusal = 'unknown-issuer';
  for (const issuer of [...anchors, ...presented]) {
    if (issuer.subject !== of.issuer) continue;
    // Whatever the names say, the signature decides; a CA may have had several keys.
    if (!of.verify(issuer.publicKey)) refusal = 'bad-signature';
    else if (!issuer.ca || !of.checkIssued(issuer)) refusal = 'issuer-not-ca';
    else return { issuer, refusal };
  }
  return { refusal };
}

/** Without the extension it is for everything (RFC 5280, 4.2.1.12). */
function isForClients({ keyUsage }: X509Certificate): boolean {
  // Node's name for what the extension `extKeyUsage` holds; undefined where there is none.
  const purposes = keyUsage as readonly string[] | undefined;
  return purposes === undefined || purposes.includes(clientAuth) || purposes.includes(anyPurpose);
}

function isWeak(certificate: X509Certificate): boolean {
  const signedBy = certificate.signatureAlgorithm?.toLowerCase() ?? '';
  return /md5|sha1\b|sha1with|with-sha1$/.test(signedBy) || isWeakKey(certificate);
}

function isWeakKey({ publicKey }: X509Certificate): boolean {
  const { asymmetricKeyDetails: of, asymmetricKeyType: type } = publicKey;
  if (type === 'rsa' || type === 'rsa-pss') return (of?.modulusLength ?? 0) < leastRsaBits;
  if (type === 'dsa') return true;
  const bits = Number(/\d{3}/.exec(of?.namedCurve ?? '')?.[0] ?? leastEcBits);
  return bits < leastEcBits;
}
