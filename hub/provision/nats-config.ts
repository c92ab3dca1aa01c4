import { inboxPrefix, subjectOf, type GatewayAddress, type Lane } from '#contracts/subjects.ts';
import type { TenantId } from '#contracts/ids.ts';

/** A gateway as NATS knows it. */
export interface NatsGateway {
  readonly address: GatewayAddress;
  /** Its public nkey, `U…`. */
  readonly nkey: string;
}

export interface NatsServerSettings {
  readonly tenant: TenantId;
  readonly host: string;
  readonly port: number;
  readonly storeDir: string;
  readonly storeBytes: number;
  readonly pidFile?: string | undefined;
  /** Files of the server's certificate; `caFile` signs for clients where they must have one too. */
  readonly tls?:
    | {
        readonly certFile: string;
        readonly keyFile: string;
        readonly caFile?: string;
        readonly verifyClients?: boolean;
      }
    | undefined;
  readonly webSocket?: { readonly host: string; readonly port: number } | undefined;
  readonly hubNkey: string;
  readonly gateways: readonly NatsGateway[];
}

const heading = '# Written by the hub. Changes by hand are lost.';

/** Whether the hub wrote this configuration. */
export function isOurs(text: string): boolean {
  return text.startsWith(heading);
}

const publishedLanes: readonly Lane[] = ['up', 'now', 'hello', 'downlink'];
const heardLanes: readonly Lane[] = ['receipt', 'evidence', 'nudge'];

/**
 * The text of a nats-server configuration in which only the hub and the listed gateways can
 * connect, by nkey, and each only to its own subjects. Understood by nats-server 2.9 and later.
 */
export function natsConfigText(settings: NatsServerSettings): string {
  const users = [
    hubRights(settings.tenant, settings.hubNkey),
    ...settings.gateways.map(gatewayUser),
  ];
  return `${heading}
server_name: ${quoted(`holdfast-${settings.tenant}`)}
host: ${quoted(settings.host)}
port: ${settings.port}
${settings.pidFile === undefined ? '' : `pid_file: ${quoted(settings.pidFile)}\n`}\
${tlsText(settings.tls)}${webSocketText(settings)}\
max_payload: 1MB
max_pending: 64MB
max_control_line: 4KB
max_connections: ${64 + 4 * settings.gateways.length}
write_deadline: "10s"
jetstream {
  store_dir: ${quoted(settings.storeDir)}
  max_memory_store: 16MB
  max_file_store: ${settings.storeBytes}
}
authorization {
  timeout: 5
  users: [
${users.join('\n')}
  ]
}
`;
}

/** A handshake over a slow line takes its time: the server's own two seconds are few. */
function tlsText(tls: NatsServerSettings['tls'], indent = ''): string {
  if (tls === undefined) return '';
  const verify = tls.verifyClients === true;
  const lines = [
    `cert_file: ${quoted(tls.certFile)}`,
    `key_file: ${quoted(tls.keyFile)}`,
    ...(verify && tls.caFile !== undefined ? [`ca_file: ${quoted(tls.caFile)}`] : []),
    ...(verify ? ['verify: true'] : []),
    'timeout: 10',
  ];
  return `${indent}tls {\n${lines.map((line) => `${indent}  ${line}\n`).join('')}${indent}}\n`;
}

/** Over a WebSocket Node shows no certificate of its own: there the nkey alone says who it is. */
function webSocketText({ webSocket, tls }: NatsServerSettings): string {
  if (webSocket === undefined) return '';
  const { host, port } = webSocket;
  const secured =
    tls === undefined ? '  no_tls: true\n' : tlsText({ ...tls, verifyClients: false }, '  ');
  return `websocket {\n  host: ${quoted(host)}\n  port: ${port}\n${secured}}\n`;
}

/**
 * The hub hears every lane of its tenant, speaks receipts, asks for evidence, nudges, and alone may
 * manage streams. It answers a hello and a pull at the inbox that came with it, and at no other.
 */
export function hubRights(tenant: TenantId, hubNkey: string): string {
  return user('the hub', hubNkey, {
    publish: [
      '$JS.API.>',
      '$JS.ACK.>',
      '$JS.FC.>',
      `hf.1.${tenant}.*.*.receipt`,
      `hf.1.${tenant}.*.*.evidence`,
      `hf.1.${tenant}.*.*.nudge`,
    ],
    subscribe: [`hf.1.${tenant}.>`, '_INBOX.>'],
    answers: true,
  });
}

/**
 * A gateway speaks on its own lanes, hears its own receipts, and answers what the hub asks it:
 * nothing of any other.
 */
function gatewayUser({ address, nkey }: NatsGateway): string {
  return user(`${address.site}/${address.gateway}`, nkey, {
    publish: publishedLanes.map((lane) => subjectOf(address, lane)),
    subscribe: [...heardLanes.map((lane) => subjectOf(address, lane)), `${inboxPrefix(address)}.>`],
    answers: true,
  });
}

function user(
  comment: string,
  nkey: string,
  rights: { publish: readonly string[]; subscribe: readonly string[]; answers: boolean },
): string {
  const list = (subjects: readonly string[]) => subjects.map(quoted).join(', ');
  const answers = rights.answers ? '\n      allow_responses: { max: 1, expires: "1m" }' : '';
  return `    # ${comment}
    { nkey: ${quoted(nkey)}, permissions: {
      publish: { allow: [${list(rights.publish)}] }
      subscribe: { allow: [${list(rights.subscribe)}] }${answers}
    } }`;
}

/** JSON's escapes are those of the server's own format. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
