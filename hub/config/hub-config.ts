import Type from 'typebox';
import type { Static } from 'typebox';
import { closed, name, oneOf } from '#contracts/schema.ts';

/**
 * What a person writes in the hub's config file. The schema is types, checks and documentation in
 * one. Paths are relative to the file's own folder; secrets are files, never values.
 */
const port = Type.Integer({ minimum: 1, maximum: 65535 });
const path = Type.String({ minLength: 1, maxLength: 500 });
const host = Type.String({ minLength: 1, maxLength: 253 });

const http = closed({
  host,
  port,
  publicUrl: Type.Optional(
    Type.String({
      pattern: '^https?://[^/]+$',
      maxLength: 300,
      description: 'what people type into the browser, where a TLS proxy stands in front',
    }),
  ),
  trustedProxies: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 60 }), {
      maxItems: 20,
      description: 'addresses or networks whose X-Forwarded-For is believed',
    }),
  ),
});

const natsAddresses = Type.Array(Type.String({ pattern: '^(nats|tls|ws|wss)://' }), {
  minItems: 1,
  maxItems: 20,
});

const nats = closed({
  servers: natsAddresses,
  tls: Type.Optional(
    closed(
      {
        caFile: Type.Optional(path),
        certFile: Type.Optional(path),
        keyFile: Type.Optional(path),
      },
      { description: "the hub's own connection: whom it trusts, and who it is to the server" },
    ),
  ),
});

/** Certificates are read by nats-server itself, again at every reload. */
const natsTls = closed({
  certFile: path,
  keyFile: path,
  caFile: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'the private CA that signed; given to gateways as they enrol',
    }),
  ),
  verifyClients: Type.Optional(
    Type.Boolean({ description: 'gateways also need a certificate that caFile signed' }),
  ),
});

/** What a token tells a new gateway about where this hub is. */
const enrolment = closed({
  hubUrls: Type.Optional(
    Type.Array(Type.String({ pattern: '^https?://[^/]+$', maxLength: 300 }), {
      minItems: 1,
      maxItems: 10,
      description: 'where gateways reach this API; default: http.publicUrl',
    }),
  ),
  natsServers: Type.Optional(natsAddresses),
  caFile: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'the private CA of hub and NATS; default: natsServer.tls.caFile',
    }),
  ),
});

/** The nats-server whose rights this hub writes. Absent where somebody else runs NATS. */
const natsServer = closed({
  configFile: path,
  host,
  port,
  tls: Type.Optional(natsTls),
  webSocket: Type.Optional(
    closed(
      { host, port },
      { description: 'for sites that only 443 is open to; with tls under the same certificate' },
    ),
  ),
  storeDir: path,
  storeBytes: Type.Integer({
    minimum: 64 * 1024 * 1024,
    description: 'disk that JetStream may use',
  }),
  pidFile: Type.Optional(path),
});

export const hubConfig = closed({
  tenant: name,
  store: closed({ file: path }),
  keysDir: Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'signing key, NATS login and metrics token, mode 0600 each',
  }),
  http,
  nats,
  natsServer: Type.Optional(natsServer),
  enrolment: Type.Optional(enrolment),
  consoleDir: Type.Optional(
    Type.String({ minLength: 1, description: 'built console; default: the one that came along' }),
  ),
  logLevel: Type.Optional(oneOf(['debug', 'info', 'warn', 'error'])),
});
export type HubConfig = Static<typeof hubConfig>;
export type NatsServerConfig = Static<typeof natsServer>;
