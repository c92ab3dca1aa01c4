import { describe, expect, test } from 'vitest';
import { diagnoseLink, linkWarnings } from './link-fault.ts';
import type { LinkTrouble } from './link-fault.ts';
import { claimedUri } from './opcua-trust.ts';

const nowMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;
const certificate = (validToMs: number) => ({
  thumbprint: 'ab'.repeat(20),
  subject: 'CN=Line 1',
  issuer: 'CN=Line 1',
  validFromMs: 0,
  validToMs,
});
const valid = certificate(nowMs + 1000 * dayMs);
const expired = certificate(nowMs - dayMs);
const trouble = (of: Partial<LinkTrouble>) =>
  diagnoseLink({
    device: 'plc-1',
    endpoint: 'opc.tcp://plc:4840',
    phase: 'connect',
    nowMs,
    ...of,
  });
const refused = {
  accepted: false,
  certificate: expired,
  isListed: false,
  validity: 'expired',
} as const;

const sound = {
  accepted: true,
  certificate: valid,
  isListed: true,
  status: 'Good',
  validity: 'valid',
} as const;

test.each<[string, Partial<LinkTrouble>]>([
  ['unreachable', {}],
  ['no-secure-endpoint', { offersSecurity: false }],
  ['server-certificate-untrusted', { verdict: { ...refused, status: 'BadCertificateUntrusted' } }],
  ['server-certificate-expired', { verdict: { ...refused, status: 'BadCertificateTimeInvalid' } }],
  [
    'server-certificate-not-yet-valid',
    { verdict: { ...refused, validity: 'not-yet-valid', status: 'BadCertificateTimeInvalid' } },
  ],
  ['server-certificate-revoked', { verdict: { ...refused, status: 'BadCertificateRevoked' } }],
  [
    'server-certificate-revocation-unknown',
    { verdict: { ...refused, status: 'BadCertificateRevocationUnknown' } },
  ],
  [
    'server-certificate-chain-incomplete',
    { verdict: { ...refused, status: 'BadCertificateChainIncomplete' } },
  ],
  [
    'server-certificate-wrong-host',
    { verdict: { ...refused, status: 'BadCertificateHostNameInvalid' } },
  ],
  ['server-certificate-wrong-uri', { verdict: { ...refused, status: 'BadCertificateUriInvalid' } }],
  ['server-certificate-refused', { verdict: { ...refused, status: 'BadCertificateInvalid' } }],
  ['own-certificate-refused', { status: 'BadSecurityChecksFailed', own: valid }],
  ['own-certificate-expired', { status: 'BadSecurityChecksFailed', own: expired }],
  ['own-certificate-expired', { status: 'BadCertificateTimeInvalid', own: valid }],
  ['too-many-sessions', { phase: 'session', status: 'BadTooManySessions' }],
  ['sign-in-refused', { phase: 'session', status: 'BadUserAccessDenied' }],
  ['session-refused', { phase: 'session', status: 'BadInternalError' }],
  ['subscription-refused', { phase: 'subscription', status: 'BadTooManySubscriptions' }],
])('names %s for %j', (code, of) => {
  expect(trouble(of).code).toBe(code);
});

test('an expired certificate is named with its side, its thumbprint and its last day', () => {
  const verdict = { ...refused, status: 'BadCertificateTimeInvalid' };
  expect(trouble({ verdict })).toMatchObject({
    subject: expired.thumbprint,
    text: expect.stringMatching(/^the server's certificate .*valid until 2026-05-31/) as unknown,
  });
  expect(trouble({ status: 'BadCertificateTimeInvalid', own: expired })).toMatchObject({
    text: expect.stringMatching(/the gateway's certificate .*valid until 2026-05-31/) as unknown,
  });
});

test('what stands is warned of before it falls', () => {
  const warnings = linkWarnings({
    verdict: { ...sound, certificate: certificate(nowMs) },
    own: certificate(nowMs + 29 * dayMs),
    clockAheadMs: -7_200_000,
    nowMs,
  });
  expect(warnings.map(({ code }) => code)).toEqual([
    'server-certificate-expiring',
    'own-certificate-expiring',
    'clock-skew',
  ]);
  expect(warnings.at(-1)?.text).toContain('7200 s behind');
});

test('a sound link is warned of nothing', () => {
  expect(linkWarnings({ verdict: sound, own: valid, clockAheadMs: 900, nowMs })).toEqual([]);
});

test('a server that is not there is told by what became of a plain connection', () => {
  const texts = (['refused', 'unknown-host', 'no-route', 'no-answer', 'accepted'] as const).map(
    (reach) => trouble({ reach }),
  );
  expect(new Set(texts.map(({ code }) => code))).toEqual(new Set(['unreachable']));
  expect(texts[0]?.text).toContain('nothing listens at that port');
  expect(new Set(texts.map(({ text }) => text)).size).toBe(5);
});

describe('a certificate that names another application than the server says it is', () => {
  const named = { ...sound, certificate: { ...valid, applicationUri: 'urn:plant:line-1' } };

  test('is refused where only its issuer is trusted', () => {
    const verdict = claimedUri({ ...named, isListed: false }, 'urn:plant:line-2');
    expect(verdict).toMatchObject({ accepted: false, status: 'BadCertificateUriInvalid' });
    expect(trouble({ verdict }).code).toBe('server-certificate-wrong-uri');
  });

  test('is taken with a warning where it is trusted itself', () => {
    const verdict = claimedUri(named, 'urn:plant:line-2');
    expect(verdict.accepted).toBe(true);
    const [warning, ...others] = linkWarnings({ verdict, own: valid, clockAheadMs: 0, nowMs });
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ code: 'server-certificate-wrong-uri' });
    expect(warning?.text).toMatch(/urn:plant:line-1.*urn:plant:line-2/);
  });

  test('is nothing where both are the same, or one is not said', () => {
    expect(claimedUri(named, 'urn:plant:line-1')).toBe(named);
    expect(claimedUri(named, undefined)).toBe(named);
    expect(claimedUri(sound, 'urn:plant:line-2')).toBe(sound);
  });
});
