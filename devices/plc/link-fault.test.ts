import { expect, test } from 'vitest';
import { diagnoseLink, linkWarnings } from './link-fault.ts';
import type { LinkTrouble } from './link-fault.ts';

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
    message: 'said the library',
    nowMs,
    ...of,
  });
const refused = { accepted: false, certificate: expired, validity: 'expired' } as const;

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
    verdict: { accepted: true, status: 'Good', validity: 'valid', certificate: certificate(nowMs) },
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
  const verdict = {
    accepted: true,
    status: 'Good',
    validity: 'valid',
    certificate: valid,
  } as const;
  expect(linkWarnings({ verdict, own: valid, clockAheadMs: 900, nowMs })).toEqual([]);
});
