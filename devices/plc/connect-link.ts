import type { ClientSession, OPCUAClient, UserIdentityInfo } from 'node-opcua';
import { Fault } from '#contracts/fault.ts';
import type { DriverLog } from './driver-log.ts';
import { loadOpcUa } from './opcua-library.ts';
import type { OpcUaLibrary } from './opcua-library.ts';
import { OpcUaLink, closeClient } from './opcua-link.ts';
import type { LinkEvents } from './opcua-link.ts';
import { keepAliveMs } from './opcua-rates.ts';
import { readServer } from './opcua-server-identity.ts';
import { openCertificateStore, trustShownCertificate, trustsNobody } from './opcua-trust.ts';

export interface LinkOptions {
  readonly device: string;
  readonly endpoint: string;
  readonly username?: string;
  readonly password?: string;
  readonly pkiDir: string;
  readonly trustFirst?: boolean;
  readonly log: DriverLog;
}

/**
 * A session outlives its client so long: enough for a broken link, short where PLCs have few
 * sessions.
 */
const sessionTimeoutMs = 60_000;
const transactionTimeoutMs = 10_000;

/**
 * Connects with SignAndEncrypt and Basic256Sha256, opens a session and reads who answers. One try;
 * later breaks of the connection are repaired by the library for as long as it takes.
 *
 * @throws whatever the library says of a server that is away, not trusted or refuses.
 */
export async function connectLink(
  options: LinkOptions,
  events: LinkEvents,
  signal: AbortSignal,
): Promise<OpcUaLink> {
  const library = await loadOpcUa(options.log);
  const client = await orAborted(createClient(library, options), signal);
  let session: ClientSession | undefined;
  try {
    await orAborted(client.connect(options.endpoint), signal);
    session = await orAborted(client.createSession(identityOf(library, options)), signal);
    const server = await orAborted(readServer(session), signal);
    return new OpcUaLink(library, client, session, server, events);
  } catch (error) {
    await closeClient(client, session);
    throw error;
  }
}

async function createClient(library: OpcUaLibrary, options: LinkOptions): Promise<OPCUAClient> {
  const { device, endpoint, pkiDir, trustFirst = false } = options;
  const application = {
    applicationName: 'Holdfast',
    applicationUri: `urn:holdfast:gateway:${device}`,
  };
  let store = await openCertificateStore(library, pkiDir);
  if (trustFirst && (await trustsNobody(pkiDir))) {
    await trustShownCertificate(library, store, endpoint, application);
    store = await openCertificateStore(library, pkiDir);
  }
  return library.OPCUAClient.create({
    ...application,
    clientCertificateManager: store,
    clientName: `holdfast-${device}`,
    // One retry: with none the library would not repair a broken connection later either.
    connectionStrategy: { initialDelay: 500, maxDelay: 10_000, maxRetry: 1 },
    defaultTransactionTimeout: transactionTimeoutMs,
    endpointMustExist: false,
    keepAliveInterval: keepAliveMs,
    keepSessionAlive: true,
    requestedSessionTimeout: sessionTimeoutMs,
    securityMode: library.MessageSecurityMode.SignAndEncrypt,
    securityPolicy: library.SecurityPolicy.Basic256Sha256,
    transportTimeout: transactionTimeoutMs,
  });
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
