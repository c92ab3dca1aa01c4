import type { X509Certificate } from 'node:crypto';

/** What a certificate says about what it may be used for, and what signed it (RFC 5280, 4.1, 4.2). */
export interface CertificateUse {
  /** How many CAs may stand below it; undefined for any number (4.2.1.9). */
  readonly pathLength: number | undefined;
  /** The bits of the key usage, the first one highest; undefined for any use (4.2.1.3). */
  readonly keyUsage: number | undefined;
  /** Object identifiers in hex; undefined for any purpose (4.2.1.12). */
  readonly purposes: readonly string[] | undefined;
  /** Bits of Netscape's certificate type; undefined where it has none. */
  readonly netscapeType: number | undefined;
  /** Binds names, or is critical and of a kind that nothing here understands. */
  readonly isBeyondUs: boolean;
  /** Object identifier in hex, and for RSASSA-PSS that of its hash. */
  readonly signature: string;
}

const oid = {
  keyUsage: '551d0f',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
  nameConstraints: '551d1e',
  /** Where revocation lists are, and policies that nobody asks for: nothing to judge by. */
  revocationLists: '551d1f',
  policies: '551d20',
  purposes: '551d25',
  netscapeType: '6086480186f8420101',
  rsaPss: '2a864886f70d01010a',
} as const;

const understood: ReadonlySet<string> = new Set([
  oid.keyUsage,
  oid.subjectAltName,
  oid.basicConstraints,
  oid.revocationLists,
  oid.policies,
  oid.purposes,
  oid.netscapeType,
]);

const tag = { integer: 2, bitString: 3, octets: 4, oid: 6, boolean: 1, sequence: 0x30 } as const;
/** Of `TBSCertificate` and of the parameters of RSASSA-PSS, explicit. */
const extensionsTag = 0xa3;
const hashTag = 0xa0;

interface Element {
  readonly tag: number;
  readonly value: Buffer;
}

/** @returns undefined where its DER cannot be read, or an extension stands twice */
export function useOf({ raw }: X509Certificate): CertificateUse | undefined {
  try {
    return readUse(raw);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readUse(raw: Buffer): CertificateUse {
  const [tbs, signature] = elements(only(raw).value);
  const wrapped = elements(expect(tbs, tag.sequence)).find((one) => one.tag === extensionsTag);
  const listed = wrapped === undefined ? [] : elements(expect(only(wrapped.value), tag.sequence));
  const byOid = new Map<string, Buffer>();
  let isBeyondUs = false;
  for (const extension of listed) {
    const [id, ...rest] = elements(expect(extension, tag.sequence));
    const name = expect(id, tag.oid).toString('hex');
    const isCritical = rest[0]?.tag === tag.boolean && rest[0].value[0] !== 0;
    if (byOid.has(name)) throw new RangeError('an extension stands twice');
    byOid.set(name, expect(rest.at(-1), tag.octets));
    if (name === oid.nameConstraints || (isCritical && !understood.has(name))) isBeyondUs = true;
  }
  return {
    pathLength: pathLengthOf(byOid.get(oid.basicConstraints)),
    keyUsage: bitsOf(byOid.get(oid.keyUsage)),
    purposes: purposesOf(byOid.get(oid.purposes)),
    netscapeType: bitsOf(byOid.get(oid.netscapeType)),
    isBeyondUs,
    signature: signatureOf(expect(signature, tag.sequence)),
  };
}

function pathLengthOf(der: Buffer | undefined): number | undefined {
  if (der === undefined) return undefined;
  const last = elements(expect(only(der), tag.sequence)).at(-1);
  if (last?.tag !== tag.integer) return undefined;
  const { value } = last;
  if (value.length === 0 || value.length > 4) throw new RangeError('no path length');
  const length = value.readIntBE(0, value.length);
  if (length < 0) throw new RangeError('a path length below zero');
  return length;
}

/** The first eight bits, of which the first byte of a BIT STRING says how many do not count. */
function bitsOf(der: Buffer | undefined): number | undefined {
  return der === undefined ? undefined : (expect(only(der), tag.bitString)[1] ?? 0);
}

function purposesOf(der: Buffer | undefined): readonly string[] | undefined {
  if (der === undefined) return undefined;
  return elements(expect(only(der), tag.sequence)).map((one) =>
    expect(one, tag.oid).toString('hex'),
  );
}

/** RSASSA-PSS names its hash in its parameters; without a name it is SHA-1 (RFC 4055, 3.1). */
function signatureOf(algorithm: Buffer): string {
  const [id, parameters] = elements(algorithm);
  const name = expect(id, tag.oid).toString('hex');
  if (name !== oid.rsaPss) return name;
  const named = parameters && elements(expect(parameters, tag.sequence));
  const hash = named?.find((one) => one.tag === hashTag);
  if (hash === undefined) return `${name} sha1`;
  const [hashId] = elements(expect(only(hash.value), tag.sequence));
  return `${name} ${expect(hashId, tag.oid).toString('hex')}`;
}

function expect(element: Element | undefined, wanted: number): Buffer {
  if (element?.tag !== wanted) throw new RangeError('another element');
  return element.value;
}

function only(der: Buffer): Element {
  const [first, ...more] = elements(der);
  if (first === undefined || more.length > 0) throw new RangeError('not one element');
  return first;
}

/** The elements that stand one after another (X.690, 8.1). @throws RangeError */
function elements(der: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < der.length;) {
    let length = der.readUInt8(at + 1);
    let from = at + 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4) throw new RangeError('no definite length');
      length = der.readUIntBE(from, size);
      from += size;
    }
    if (from + length > der.length) throw new RangeError('longer than what holds it');
    found.push({ tag: der.readUInt8(at), value: der.subarray(from, from + length) });
    at = from + length;
  }
  return found;
}
