import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forged, testCertificates, type TestCertificate } from '../testing/test-certificates.ts';
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
