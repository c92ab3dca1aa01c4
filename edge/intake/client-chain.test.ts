import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  forged,
  testCertificates,
  type CertificateWish,
  type TestCertificate,
} from '../testing/test-certificates.ts';
import { refusalOfChain } from './client-chain.ts';

const gone = { from: '20100101000000Z', to: '20110101000000Z' };

interface Made {
  readonly root: TestCertificate;
  readonly issuing: TestCertificate;
  readonly leaf: TestCertificate;
  readonly below: TestCertificate;
  readonly byLeaf: TestCertificate;
  readonly selfSigned: TestCertificate;
  readonly byNamesake: TestCertificate;
  readonly stranger: TestCertificate;
  readonly server: TestCertificate;
  readonly weak: TestCertificate;
}
let made: Made;

beforeAll(() => {
  const dir = mkdtempSync(join(tmpdir(), 'hf-chain-'));
  const make = testCertificates(dir);
  const root = make({ commonName: 'Plant CA', kind: 'ca' });
  const namesake = make({ commonName: 'Plant CA', kind: 'ca' });
  const other = make({ commonName: 'Other CA', kind: 'ca' });
  const issuing = make({ commonName: 'Issuing CA', kind: 'ca', by: root, ...gone });
  const leaf = make({ commonName: 'dock', by: root, ...gone });
  made = {
    root,
    issuing,
    leaf,
    below: make({ commonName: 'dock', by: issuing, ...gone }),
    byLeaf: make({ commonName: 'gate', by: leaf, ...gone }),
    selfSigned: make({ commonName: 'dock', ...gone }),
    byNamesake: make({ commonName: 'dock', by: namesake, ...gone }),
    stranger: make({ commonName: 'dock', by: other, ...gone }),
    server: make({ commonName: 'dock', kind: 'server', by: root, ...gone }),
    weak: make({ commonName: 'dock', by: root, rsaBits: 1024, ...gone }),
  };
  rmSync(dir, { recursive: true });
});

describe('a chain whose dates are not looked at', () => {
  test('is believed when it leads to a CA, also by way of one that was sent along', () => {
    const { below, issuing, leaf, root } = made;
    expect(refusalOfChain(leaf.x509, [], [root.x509])).toBeUndefined();
    expect(refusalOfChain(below.x509, [issuing.x509], [root.x509])).toBeUndefined();
    expect(refusalOfChain(below.x509, [], [issuing.x509])).toBeUndefined();
  });

  test.each<[string, keyof Made, string]>([
    ['signed by nobody we know', 'stranger', 'unknown-issuer'],
    ['signed by itself', 'selfSigned', 'unknown-issuer'],
    ['signed by one who took the name of the CA', 'byNamesake', 'bad-signature'],
    ['signed by a client', 'byLeaf', 'issuer-not-ca'],
    ['made for a server', 'server', 'wrong-purpose'],
    ['of a key that can be broken', 'weak', 'too-weak'],
    ['of an issuer that was not sent along', 'below', 'unknown-issuer'],
  ])('is refused when it is %s', (_, which, refusal) => {
    const presented = which === 'byLeaf' ? [made.leaf.x509] : [];
    expect(refusalOfChain(made[which].x509, presented, [made.root.x509])).toBe(refusal);
  });

  test('is refused when a bit of it was changed', () => {
    expect(refusalOfChain(forged(made.leaf), [], [made.root.x509])).toBe('bad-signature');
    const { below, issuing, root } = made;
    expect(refusalOfChain(below.x509, [forged(issuing)], [root.x509])).toBe('bad-signature');
  });

  test('never believes a CA for being sent along', () => {
    const { root, stranger } = made;
    expect(refusalOfChain(stranger.x509, [stranger.x509, root.x509], [])).toBe('unknown-issuer');
  });

  test('ends, also where two certificates sign each other', () => {
    const { leaf } = made;
    const again = new X509Certificate(leaf.pem);
    expect(refusalOfChain(leaf.x509, [again, again], [])).toBe('unknown-issuer');
  });
});

const ca = 'basicConstraints=critical,CA:true';
const signs = 'keyUsage=keyCertSign';
/** Of an intermediate CA, of a CA below it where there is one, and of the client. */
interface Case {
  readonly upper?: readonly string[];
  readonly lower?: readonly string[];
  readonly leaf?: readonly string[];
  readonly signing?: readonly string[];
  readonly rsaBits?: number;
}
const plain = ['basicConstraints=CA:false'];

describe('a chain by way of a CA that was sent along, in date or not', () => {
  test.each<[string, Case, string | undefined]>([
    ['may sign', { upper: [ca, signs] }, undefined],
    ['lets a CA below it sign', { upper: [ca, signs], lower: [ca, signs] }, undefined],
    ['may have one CA below it', { upper: [`${ca},pathlen:1`], lower: [ca, signs] }, undefined],
    ['is for clients', { upper: [ca, 'extendedKeyUsage=serverAuth,clientAuth'] }, undefined],
    ['has policies', { upper: [ca, 'certificatePolicies=critical,1.2.3.4'] }, undefined],
    ['is for servers', { upper: [ca, signs, 'extendedKeyUsage=serverAuth'] }, 'wrong-purpose'],
    ['is for any purpose', { upper: [ca, 'extendedKeyUsage=2.5.29.37.0'] }, 'wrong-purpose'],
    ['has no CA below it', { upper: [`${ca},pathlen:0`], lower: [ca, signs] }, 'issuer-not-ca'],
    ['may sign lists only', { upper: [ca, 'keyUsage=cRLSign'] }, 'issuer-not-ca'],
    ['is no CA', { upper: plain }, 'issuer-not-ca'],
    [
      'has a critical extension that nobody knows',
      { upper: [ca, '1.2.3.4=critical,ASN1:UTF8:x'] },
      'not-judged',
    ],
    [
      'binds names that the client has not',
      { upper: [ca, 'nameConstraints=critical,permitted;dirName:only'] },
      'not-judged',
    ],
    ['signs a client with one', { leaf: [...plain, '1.2.3.4=critical,ASN1:UTF8:x'] }, 'not-judged'],
    [
      'signs one that may only encipher',
      { leaf: [...plain, 'keyUsage=keyEncipherment'] },
      'wrong-purpose',
    ],
    ['signs one for servers', { leaf: [...plain, 'nsCertType=server'] }, 'wrong-purpose'],
    ['signs with SHA-1', { signing: ['-md', 'sha1'] }, 'too-weak'],
    [
      'signs with SHA-1 in RSASSA-PSS',
      { rsaBits: 2048, signing: ['-md', 'sha1', '-sigopt', 'rsa_padding_mode:pss'] },
      'too-weak',
    ],
    [
      'signs with SHA-256 in RSASSA-PSS',
      { rsaBits: 2048, signing: ['-sigopt', 'rsa_padding_mode:pss'] },
      undefined,
    ],
  ])('that %s', (_, { leaf, lower, rsaBits, signing, upper = [ca, signs] }, refusal) => {
    const dir = mkdtempSync(join(tmpdir(), 'hf-chain-'));
    const make = testCertificates(dir);
    const root = make({ commonName: 'Plant CA', kind: 'ca' });
    const made = (dates: Pick<CertificateWish, 'from' | 'to'>) => {
      const key = rsaBits === undefined ? {} : { rsaBits };
      const bound = upper.some((one) => one.includes('dirName:only'))
        ? [...upper, '[only]', 'CN=another']
        : upper;
      const wish = { commonName: 'Upper CA', by: root, ...key, ...dates };
      const one = make({ ...wish, extensions: bound });
      const two = lower && make({ commonName: 'Lower CA', by: one, extensions: lower, ...dates });
      const by = two ?? one;
      const client = { commonName: 'dock', by, extensions: leaf ?? plain, ...dates };
      const end = make({ ...client, ...(signing && { signing }) });
      return { end, along: two === undefined ? [one] : [two, one] };
    };
    const past = made(gone);
    const sent = past.along.map(({ x509 }) => x509);
    expect(refusalOfChain(past.end.x509, sent, [root.x509])).toBe(refusal);
    if (refusal === 'not-judged') {
      expect(refusalOfChain(past.end.x509, sent, [root.x509], true)).toBeUndefined();
    }
    const now = made({});
    expect(isVerified(dir, now.end, now.along, root)).toBe(refusal === undefined);
    rmSync(dir, { recursive: true });
  });
});

/** What OpenSSL says of it while its dates are right. */
function isVerified(
  dir: string,
  leaf: TestCertificate,
  along: readonly TestCertificate[],
  root: TestCertificate,
): boolean {
  const untrusted = join(dir, 'along.pem');
  writeFileSync(untrusted, along.map(({ pem }) => pem).join(''));
  const args = ['-purpose', 'sslclient', '-auth_level', '2', '-CAfile', root.certFile];
  try {
    execFileSync('openssl', ['verify', ...args, '-untrusted', untrusted, leaf.certFile], {
      stdio: 'pipe',
    });
    return true;
  } catch {
    return false;
  }
}
