import { jetstream, JetStreamApiError } from '@nats-io/jetstream';
import {
  AuthorizationError,
  connect,
  hasWsProtocol,
  NoRespondersError,
  PermissionViolationError,
  TimeoutError,
  wsconnect,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
  type Status,
} from '@nats-io/transport-node';
import { messageOf } from '#contracts/fault.ts';
import { inboxPrefix, subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import { natsTls, trustForWebSockets, type HubTls } from './hub-tls.ts';

/** What the connection tells its owner. */
export interface HubListener {
  receipt(text: string): void;
  /** A subscription or publication was refused by the server. */
  refused(reason: string): void;
  /** The hub asks for raw evidence. */
  evidence?(data: Uint8Array): Promise<Uint8Array>;
  /** The hub has something for this gateway. */
  nudged?(): void;
}

/** One life of a connection to the hub's NATS server. It never reconnects: the machine dials anew. */
export interface HubConnection {
  /** Bytes that one message may have, headers included. */
  readonly maxPayload: number;
  /** Known a little before `closed` settles: what was under way fails without a reason of its own. */
  isGone(): boolean;
  /** Settles when the connection is gone, with the reason. */
  readonly closed: Promise<string>;
  /** @throws Error that says why there is no answer. */
  requestReceipt(hello: string, timeoutMs: number): Promise<string>;
  /** @throws Error that says why the stream did not acknowledge it. */
  store(message: Uint8Array, id: string): Promise<{ duplicate: boolean }>;
  /** Asks for the downlink. @throws Error when nobody answers in time. */
  requestDownlink(request: string, timeoutMs: number): Promise<Uint8Array>;
  /** Fire and forget, beside the ordered lane. */
  sendNow(facts: string): void;
  close(): Promise<void>;
}

const pingIntervalMs = 5_000;
const dialTimeoutMs = 5_000;
const storeTimeoutMs = 5_000;

/**
 * Dials the servers once, plain NATS before WebSocket: a site whose firewall lets only 443 out lists
 * both.
 *
 * @throws Error of the last server that refused.
 */
export async function dialHub(
  servers: readonly string[],
  authenticator: Authenticator,
  address: GatewayAddress,
  listener: HubListener,
  hubTls?: HubTls,
): Promise<HubConnection> {
  const options: ConnectionOptions = {
    authenticator,
    inboxPrefix: inboxPrefix(address),
    name: `${address.tenant}/${address.site}/${address.gateway}`,
    // The library would keep unsent messages over a reconnection and hide that it happened.
    reconnect: false,
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
    pingInterval: pingIntervalMs,
    timeout: dialTimeoutMs,
  };
  const web = servers.filter((server) => hasWsProtocol({ servers: [server] }));
  const plain = servers.filter((server) => !web.includes(server));
  if (web.length > 0 && hubTls !== undefined) trustForWebSockets(hubTls);
  if (plain.length === 0)
    return open(await wsconnect({ ...options, servers: web }), address, listener);
  try {
    const tls = natsTls(plain, hubTls);
    return open(await connect({ ...options, ...tls, servers: plain }), address, listener);
  } catch (error) {
    if (web.length === 0) throw error;
    return open(await wsconnect({ ...options, servers: web }), address, listener);
  }
}

function open(
  connection: NatsConnection,
  address: GatewayAddress,
  listener: HubListener,
): HubConnection {
  connection.subscribe(subjectOf(address, 'receipt'), {
    callback: (error, message) => {
      // What a listener throws must reach the supervisor: here the library would swallow it, and
      // stop reading.
      if (error === null) setImmediate(() => listener.receipt(message.string()));
    },
  });
  connection.subscribe(subjectOf(address, 'evidence'), {
    callback: (error, message) => {
      if (error !== null || listener.evidence === undefined) return;
      const answered = listener.evidence(message.data);
      answered
        .then((answer) => !connection.isClosed() && message.respond(answer))
        // The hub asks again: a server that takes less, or a connection that just went.
        .catch((failure: unknown) => listener.refused(failureReason(failure, 'hello')));
    },
  });
  connection.subscribe(subjectOf(address, 'nudge'), {
    callback: (error) => {
      if (error === null) setImmediate(() => listener.nudged?.());
    },
  });
  let gone = false;
  void watch(connection, (status) => {
    gone ||= status.type === 'disconnect' || status.type === 'close';
    if (status.type === 'error') listener.refused(failureReason(status.error, 'hello'));
  });
  const js = jetstream(connection, { timeout: storeTimeoutMs });
  const [upSubject, nowSubject] = [subjectOf(address, 'up'), subjectOf(address, 'now')];
  return {
    maxPayload: connection.info?.max_payload ?? 1_048_576,
    isGone: () => gone || connection.isClosed(),
    closed: connection
      .closed()
      .then((error) => (error instanceof Error ? messageOf(error) : 'the connection was closed')),
    async requestReceipt(hello, timeoutMs) {
      const subject = subjectOf(address, 'hello');
      const reply = connection.request(subject, hello, { timeout: timeoutMs });
      return (await reply.catch(inWords('hello'))).string();
    },
    async store(message, id) {
      const stored = js.publish(upSubject, message, { msgID: id });
      const { duplicate } = await stored.catch(inWords('batch'));
      return { duplicate };
    },
    async requestDownlink(request, timeoutMs) {
      const subject = subjectOf(address, 'downlink');
      return (await connection.request(subject, request, { timeout: timeoutMs })).data;
    },
    sendNow(facts) {
      if (!connection.isClosed()) connection.publish(nowSubject, facts);
    },
    close: () => connection.close(),
  };
}

function inWords(of: 'hello' | 'batch'): (error: unknown) => never {
  return (cause) => {
    throw new Error(failureReason(cause, of), { cause });
  };
}

async function watch(connection: NatsConnection, hear: (status: Status) => void): Promise<void> {
  for await (const status of connection.status()) hear(status);
}

/** Why a hello or a batch came back, in words for an operator. Decided by type and code only. */
export function failureReason(error: unknown, of: 'hello' | 'batch'): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof JetStreamApiError) return refusalReason(cause);
    if (cause instanceof PermissionViolationError) {
      return refusedSubject(cause);
    }
    if (cause instanceof AuthorizationError) {
      return "the server does not accept this gateway's login";
    }
    if (cause instanceof NoRespondersError) {
      return of === 'hello' ? 'no hub is listening' : 'there is no stream for this tenant';
    }
    if (cause instanceof TimeoutError) return 'no answer in time';
  }
  return messageOf(error);
}

/** Of an inbox the prefix is named: what follows is another one each time. */
function refusedSubject({ operation, subject }: PermissionViolationError): string {
  const [inbox = ''] = subject.startsWith('_INBOX') ? subject.split('.') : [];
  const what = `${operation} to ${inbox === '' ? subject : `${inbox}.>`}`;
  return `the server does not permit ${what}: is this gateway's login known there?`;
}

function refusalReason({ code, message }: JetStreamApiError): string {
  // 10077: a stream with `discard new` is full; 10047 and 10023: the server has no room.
  return [10077, 10047, 10023].includes(code)
    ? 'the stream is full: the hub has to commit and purge first'
    : `the stream refused the batch (${code}: ${message})`;
}
