import { X509Certificate } from 'node:crypto';
import type {
  ClientSession,
  OPCUACertificateManager,
  OPCUAClient,
  Response,
  UserIdentityInfo,
} from 'node-opcua';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { DeviceFault } from '../device-fault.ts';
import { closeClient } from './close-client.ts';
import type { DriverLog } from './driver-log.ts';
import { assertInternals } from './library-internals.ts';
import { diagnoseLink, faultIn, linkDown, linkWarnings } from './link-fault.ts';
import type { LinkTrouble } from './link-fault.ts';
import { loadOpcUa } from './opcua-library.ts';
import type { OpcUaLibrary } from './opcua-library.ts';
import { OpcUaLink } from './opcua-link.ts';
import type { LinkEvents } from './opcua-link.ts';
import { keepAliveMs } from './opcua-rates.ts';
import { readClockAhead, readServer } from './opcua-server-identity.ts';
import {
  claimedUri,
  judgeServers,
  openCertificateStore,
  shownCertificate,
  trustShownCertificate,
  trustsNobody,
} from './opcua-trust.ts';
import type { ClientApplication, ExpiredCertificatePolicy, ServerVerdict } from './opcua-trust.ts';
import { applicationOf, ensureOwnCertificate, ownCertificate } from './own-certificate.ts';
import type { LinkOwner } from './own-certificate.ts';
import { reachServer } from './reach-server.ts';

export interface LinkOptions {
  readonly device: string;
  /** Named in the gateway's certificate. */
  readonly owner: LinkOwner;
  readonly endpoint: string;
  readonly username?: string;
  readonly password?: string;
  readonly pkiDir: string;
  readonly trustFirst?: boolean;
  readonly expiredServerCertificate?: ExpiredCertificatePolicy;
  readonly clock: Clock;
  readonly log: DriverLog;
}

export interface ConnectedLink {
  readonly link: OpcUaLink;
  /** What will or may go wrong: certificates that expire, clocks that differ. */
  readonly warnings: (clockAheadMs: number | undefined) => readonly DeviceFault[];
  readonly clockAheadMs: number | undefined;
}

/**
 * A session outlives its client so long: enough for a broken link, short where PLCs have few
 * sessions.
 */
const sessionTimeoutMs = 60_000;
const transactionTimeoutMs = 10_000;

/** What one try to connect saw, for the diagnosis. */
interface Seen {
  phase: LinkTrouble['phase'];
  verdict: ServerVerdict | undefined;
  /** The last answer that was not good. */
  status: string | undefined;
}

/**
 * Connects with SignAndEncrypt and Basic256Sha256, opens a session and reads who answers. One try;
 * later breaks of the connection are repaired by the library for as long as it takes.
 *
 * @throws Fault LINK_DOWN with its diagnosis (`faultIn`) of a server that is away, not trusted or
 *   refuses.
 */
export async function connectLink(
  options: LinkOptions,
  events: LinkEvents,
  signal: AbortSignal,
): Promise<ConnectedLink> {
  const library = await loadOpcUa(options.log);
  const nowMs = (): number => options.clock.nowMs();
  const seen: Seen = { phase: 'connect', verdict: undefined, status: undefined };
  let client: OPCUAClient | undefined;
  let session: ClientSession | undefined;
  try {
    client = await orAborted(createClient(library, options, seen), signal);
    await orAborted(client.connect(options.endpoint), signal);
    seen.verdict = await judgeUri(library, client, seen.verdict, options.pkiDir);
    if (seen.verdict?.accepted === false) throw new Error('its URI is not that of its certificate');
    seen.phase = 'session';
    session = await orAborted(client.createSession(identityOf(library, options)), signal);
    assertInternals('session', session);
    const server = await orAborted(readServer(session), signal);
    const clockAheadMs = await orAborted(readClockAhead(session, nowMs), signal);
    const { verdict } = seen;
    const own = ownCertificate(options.pkiDir);
    return {
      link: new OpcUaLink(library, client, session, server, events),
      warnings: (aheadMs) => linkWarnings({ verdict, own, clockAheadMs: aheadMs, nowMs: nowMs() }),
      clockAheadMs,
    };
  } catch (error) {
    if (client !== undefined) await closeClient(client, session);
    if (signal.aborted || faultIn(error) !== undefined) throw error;
    throw linkDown(await diagnose(library, options, seen, error), error);
  }
}

/**
 * Holds the URI in the server's certificate against the one that its endpoint claims (OPC UA Part 4,
 * 6.1.3). One that a person compared and trusts itself goes on; for its issuer's sake alone it would
 * let any machine of the plant stand in for this one.
 */
async function judgeUri(
  library: OpcUaLibrary,
  client: OPCUAClient,
  verdict: ServerVerdict | undefined,
  pkiDir: string,
): Promise<ServerVerdict | undefined> {
  if (verdict === undefined) return undefined;
  const { MessageSecurityMode, SecurityPolicy } = library;
  const { Basic256Sha256 } = SecurityPolicy;
  const offer = client.findEndpointForSecurity(MessageSecurityMode.SignAndEncrypt, Basic256Sha256);
  const judged = claimedUri(verdict, offer?.server.applicationUri ?? undefined);
  if (!judged.accepted && offer !== undefined) {
    // Kept where a person finds it, as every certificate that is refused for want of trust.
    const store = await openCertificateStore(library, pkiDir);
    await store.rejectCertificate(new X509Certificate(offer.serverCertificate).raw);
  }
  return judged;
}

async function diagnose(
  library: OpcUaLibrary,
  options: LinkOptions,
  { phase, status, verdict }: Seen,
  error: unknown,
): Promise<DeviceFault> {
  const { clock, device, endpoint, pkiDir } = options;
  // What it came to is told by codes and probes alone: the library's words go to the log.
  const found = statusOf(error) ?? status;
  const own = ownCertificate(pkiDir);
  // It came to no certificate and no answer: nobody is there, or nobody with encryption.
  const isUnclear = phase === 'connect' && verdict === undefined && found === undefined;
  const offersSecurity = isUnclear ? await offersSecurityAt(library, options) : undefined;
  const isAway = isUnclear && offersSecurity === undefined;
  const reach = isAway ? await reachServer(endpoint) : undefined;
  return diagnoseLink({
    device,
    endpoint,
    phase,
    nowMs: clock.nowMs(),
    ...(reach === undefined ? {} : { reach }),
    ...(found === undefined ? {} : { status: found }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(own === undefined ? {} : { own }),
    ...(offersSecurity === undefined ? {} : { offersSecurity }),
  });
}

async function offersSecurityAt(
  library: OpcUaLibrary,
  { device, endpoint, owner, pkiDir }: LinkOptions,
): Promise<boolean | undefined> {
  try {
    const store = await openCertificateStore(library, pkiDir);
    const application = applicationOf(owner, device, pkiDir);
    return (await shownCertificate(library, store, endpoint, application)) !== undefined;
  } catch {
    return undefined;
  }
}

/** The StatusCode that the library attaches to an error that is a server's answer. */
function statusOf(error: unknown): string | undefined {
  const of = error as {
    statusCode?: { name?: string };
    response?: { responseHeader?: { serviceResult?: { name?: string } } };
  } | null;
  return of?.statusCode?.name ?? of?.response?.responseHeader?.serviceResult?.name;
}

async function createClient(
  library: OpcUaLibrary,
  options: LinkOptions,
  seen: Seen,
): Promise<OPCUAClient> {
  const { device, owner, pkiDir } = options;
  const application = applicationOf(owner, device, pkiDir);
  const store = await openTrustingStore(library, options, application);
  assertInternals('store', store);
  const policy = options.expiredServerCertificate ?? 'refuse';
  judgeServers(
    library,
    store,
    { policy, endpoint: options.endpoint },
    () => options.clock.nowMs(),
    (verdict) => {
      seen.verdict = verdict;
    },
  );
  const client = library.OPCUAClient.create({
    ...application,
    clientCertificateManager: store,
    clientName: `holdfast-${device}`,
    // One retry: with none the library would not repair a broken connection later either.
    connectionStrategy: { initialDelay: 500, maxDelay: 10_000, maxRetry: 1 },
    // Types are asked for when a value of theirs arrives: a PLC may describe thousands.
    dataTypeExtractStrategy: library.DataTypeExtractStrategy.Lazy,
    defaultTransactionTimeout: transactionTimeoutMs,
    endpointMustExist: false,
    keepAliveInterval: keepAliveMs,
    keepSessionAlive: true,
    requestedSessionTimeout: sessionTimeoutMs,
    securityMode: library.MessageSecurityMode.SignAndEncrypt,
    securityPolicy: library.SecurityPolicy.Basic256Sha256,
    transportTimeout: transactionTimeoutMs,
  });
  client.on('receive_response', (response: Response) => {
    const { serviceResult } = response.responseHeader;
    if (!serviceResult.isGood()) seen.status = serviceResult.name;
  });
  return client;
}

async function openTrustingStore(
  library: OpcUaLibrary,
  { clock, endpoint, owner, pkiDir, trustFirst = false }: LinkOptions,
  application: ClientApplication,
): Promise<OPCUACertificateManager> {
  const store = await openCertificateStore(library, pkiDir);
  await ensureOwnCertificate(store, owner, application, clock.nowMs());
  if (!trustFirst || !(await trustsNobody(pkiDir))) return store;
  await trustShownCertificate(library, store, endpoint, application);
  return await openCertificateStore(library, pkiDir);
}

function identityOf(
  { UserTokenType }: OpcUaLibrary,
  { username, password = '' }: LinkOptions,
): UserIdentityInfo {
  return username === undefined
    ? { type: UserTokenType.Anonymous }
    : { type: UserTokenType.UserName, userName: username, password };
}

/** Waits for `work` until the driver is being stopped, then fails with Fault LINK_DOWN. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Fault('LINK_DOWN', 'the driver is being stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const settled = (): void => signal.removeEventListener('abort', stop);
    work.then(resolve, reject).finally(settled);
  });
}
