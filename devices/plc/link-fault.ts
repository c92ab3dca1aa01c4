import { Fault } from '#contracts/fault.ts';
import { maxFaultText } from '../device-fault.ts';
import type { DeviceFault } from '../device-fault.ts';
import { validityAt } from './certificate-info.ts';
import type { CertificateInfo } from './certificate-info.ts';
import type { ServerVerdict } from './opcua-trust.ts';
import type { Reach } from './reach-server.ts';

/** What was seen when a connection could not be made. */
export interface LinkTrouble {
  readonly device: string;
  readonly endpoint: string;
  /** How far it came. */
  readonly phase: 'connect' | 'session' | 'subscription';
  /** Of a server that gave no answer at all. */
  readonly reach?: Reach;
  /** Name of the StatusCode that the server answered with. */
  readonly status?: string;
  readonly verdict?: ServerVerdict;
  readonly own?: CertificateInfo;
  /** Whether the server has an endpoint with the security asked for, if that is known. */
  readonly offersSecurity?: boolean;
  readonly nowMs: number;
}

const sessionLimits = new Set([
  'BadTooManySessions',
  'BadMaxConnectionsReached',
  'BadTcpServerTooBusy',
  'BadTcpNotEnoughResources',
  'BadServerHalted',
]);
const signInRefusals = new Set([
  'BadUserAccessDenied',
  'BadIdentityTokenInvalid',
  'BadIdentityTokenRejected',
  'BadUserSignatureInvalid',
]);
/** Soon enough to plan a visit. */
const expiringMs = 30 * 24 * 3_600_000;
/** Less is the networks' and the schedulers' own. */
const clockSkewMs = 60_000;

/** Names what is wrong, on which side, and what to do about it. Pure. */
export function diagnoseLink(trouble: LinkTrouble): DeviceFault {
  const { device, endpoint, offersSecurity, own, phase, status = '', verdict } = trouble;
  if (verdict !== undefined && !verdict.accepted) return serverFault(verdict, device);
  if (isCertificateStatus(status)) return ownFault(trouble);
  if (sessionLimits.has(status)) {
    const remedy = 'close a client that is not needed, or raise the limit of the server';
    return fault('too-many-sessions', `the server has no session left (${status}): ${remedy}`);
  }
  if (signInRefusals.has(status)) {
    const remedy = 'check username and passwordFile, and the rights on the server';
    return fault('sign-in-refused', `the server refused the sign-in (${status}): ${remedy}`);
  }
  if (offersSecurity === false) {
    const remedy = 'enable SignAndEncrypt with Basic256Sha256 on the server';
    return fault('no-secure-endpoint', `${endpoint} has no endpoint with encryption: ${remedy}`);
  }
  const reason = status === '' ? 'the connection was closed, or the answer took too long' : status;
  if (phase === 'session') return fault('session-refused', `no session was opened: ${reason}`);
  if (phase === 'subscription') {
    return fault('subscription-refused', `no subscription was opened: ${reason}`);
  }
  const isExpired = own !== undefined && validityAt(own, trouble.nowMs) !== 'valid';
  const hint = isExpired ? `; ${describe('the gateway', own)} is out of date` : '';
  const why = status === '' ? reachWords[trouble.reach ?? 'accepted'] : status;
  return fault('unreachable', `${endpoint} does not answer: ${why}${hint}`);
}

const reachWords: Readonly<Record<Reach, string>> = {
  accepted: 'it takes the connection and closes it, or says nothing. Is it an OPC UA server?',
  'no-answer': 'nothing comes back. Is it on, and does the network let it through?',
  'no-route': 'there is no way to its network from here',
  refused: 'nothing listens at that port. Is the server running, and the port right?',
  'unknown-host': 'nobody knows its name. Correct it, or use its address',
};

/** What will or may go wrong with a link that stands. */
export function linkWarnings(of: {
  readonly verdict: ServerVerdict | undefined;
  readonly own: CertificateInfo | undefined;
  readonly clockAheadMs: number | undefined;
  readonly nowMs: number;
}): DeviceFault[] {
  const { clockAheadMs, nowMs, own, verdict } = of;
  const shown = verdict?.certificate;
  const warnings: DeviceFault[] = [];
  if (shown !== undefined && verdict?.validity === 'expired') {
    const text = `${describe('the server', shown)} has expired; accepted because the config says so`;
    warnings.push(fault('server-certificate-expired', text, shown.thumbprint));
  } else if (shown !== undefined && shown.validToMs - nowMs < expiringMs) {
    const text = `${describe('the server', shown)} expires soon: give the server a new one`;
    warnings.push(fault('server-certificate-expiring', text, shown.thumbprint));
  }
  if (shown !== undefined && verdict?.otherUri !== undefined) {
    const names = `names ${shown.applicationUri ?? ''}, but the server says it is`;
    const remedy = 'accepted because it is trusted itself; give the server one of its own';
    const text = `${describe('the server', shown)} ${names} ${verdict.otherUri}: ${remedy}`;
    warnings.push(fault('server-certificate-wrong-uri', text, shown.thumbprint));
  }
  if (own !== undefined && own.validToMs - nowMs < expiringMs) {
    const word = own.validToMs <= nowMs ? 'has expired' : 'expires soon';
    const text = `${describe('the gateway', own)} ${word}: renew it and have the server trust it`;
    warnings.push(fault('own-certificate-expiring', text, own.thumbprint));
  }
  if (clockAheadMs !== undefined && Math.abs(clockAheadMs) > clockSkewMs) {
    const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
    const way = clockAheadMs > 0 ? 'ahead of' : 'behind';
    const text = `the server's clock is ${seconds} s ${way} the gateway's: set it, best by NTP`;
    warnings.push(fault('clock-skew', text));
  }
  return warnings;
}

/** The fault as what `connectLink` throws. */
export function linkDown(found: DeviceFault, cause: unknown): Fault {
  return new Fault('LINK_DOWN', found.text, { cause, details: { fault: found } });
}

/** The server gave a session, but nothing to receive values through. */
export function subscriptionDown(
  { device, endpoint }: Pick<LinkTrouble, 'device' | 'endpoint'>,
  cause: unknown,
): Fault {
  const phase = 'subscription';
  const found = { device, endpoint, phase, nowMs: 0 } as const;
  return linkDown(diagnoseLink(found), cause);
}

/** @returns the fault that `linkDown` put into an error. */
export function faultIn(error: unknown): DeviceFault | undefined {
  return error instanceof Fault ? (error.details['fault'] as DeviceFault | undefined) : undefined;
}

function serverFault(verdict: ServerVerdict, device: string): DeviceFault {
  const { certificate, status, validity } = verdict;
  if (certificate === undefined) {
    return fault(
      'server-certificate-refused',
      `the server's certificate cannot be read: ${status}`,
    );
  }
  const { thumbprint } = certificate;
  const shown = describe('the server', certificate);
  if (status === 'BadCertificateUntrusted') {
    const when = validity === 'valid' ? '' : `, and ${validityWords[validity]}`;
    const command = `holdfast gateway certificates trust ${thumbprint} --device ${device}`;
    const text = `${shown} is not on the trusted list${when}: compare it, then ${command}`;
    return fault('server-certificate-untrusted', text, thumbprint);
  }
  if (status === 'BadCertificateTimeInvalid' && validity === 'expired') {
    const remedy =
      'give the server a new one, or set opcua.expiredServerCertificate: accept-trusted';
    return fault('server-certificate-expired', `${shown} has expired: ${remedy}`, thumbprint);
  }
  if (status === 'BadCertificateTimeInvalid' && validity === 'not-yet-valid') {
    const text = `${shown} is not valid before ${dayOf(certificate.validFromMs)}: check both clocks`;
    return fault('server-certificate-not-yet-valid', text, thumbprint);
  }
  const known = serverRefusals[status];
  if (known !== undefined) {
    return fault(`server-certificate-${known.code}`, `${shown} ${known.text}`, thumbprint);
  }
  return fault('server-certificate-refused', `${shown} was refused: ${status}`, thumbprint);
}

/** OPC UA Part 4, 6.1.3, beside dates and the trusted list. */
const serverRefusals: Readonly<Record<string, { readonly code: string; readonly text: string }>> = {
  BadCertificateRevoked: {
    code: 'revoked',
    text: 'was revoked by its issuer: give the server a new one',
  },
  BadCertificateIssuerRevoked: {
    code: 'revoked',
    text: 'has an issuer that was revoked: give the server one of another issuer',
  },
  BadCertificateRevocationUnknown: {
    code: 'revocation-unknown',
    text: 'comes from an issuer without a revocation list here: put the list into pki/…/issuers/crl',
  },
  BadCertificateIssuerRevocationUnknown: {
    code: 'revocation-unknown',
    text: 'has an issuer above it without a revocation list here: put the list into issuers/crl',
  },
  BadCertificateChainIncomplete: {
    code: 'chain-incomplete',
    text: 'has an issuer that is not known here: put it into issuers/certs, or trust the certificate itself',
  },
  BadCertificateHostNameInvalid: {
    code: 'wrong-host',
    text:
      'is not made for the host of opcua.endpoint, and is believed for its issuer alone: call the ' +
      'server by the name in it, or compare it and trust it itself',
  },
  BadCertificateUriInvalid: {
    code: 'wrong-uri',
    text:
      'names another application than the server says it is: give the server one of its own, or ' +
      'compare it and trust it itself',
  },
};

const validityWords = { expired: 'has expired', 'not-yet-valid': 'is not valid yet' } as const;

/** The server's words on the gateway's certificate; it need not say which of its checks failed. */
function ownFault({ device, nowMs, own, status = '' }: LinkTrouble): DeviceFault {
  const shown = own === undefined ? "the gateway's own certificate" : describe('the gateway', own);
  const isExpired = own !== undefined && validityAt(own, nowMs) !== 'valid';
  if (isExpired || status === 'BadCertificateTimeInvalid') {
    const command = `holdfast gateway certificates renew --device ${device}`;
    const text = `the server refuses ${shown} as out of date (${status}): ${command}`;
    return fault('own-certificate-expired', text, own?.thumbprint);
  }
  const text = `the server refuses ${shown} (${status}): put it on the server's trust list`;
  return fault('own-certificate-refused', text, own?.thumbprint);
}

function isCertificateStatus(status: string): boolean {
  return status.startsWith('BadCertificate') || status === 'BadSecurityChecksFailed';
}

function describe(whose: string, { subject, thumbprint, validToMs }: CertificateInfo): string {
  const name = subject.slice(0, 120);
  return `${whose}'s certificate ${name} (${thumbprint}, valid until ${dayOf(validToMs)})`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function fault(code: string, text: string, subject?: string): DeviceFault {
  const cut = text.slice(0, maxFaultText).toWellFormed();
  return { code, ...(subject === undefined ? {} : { subject }), text: cut };
}
