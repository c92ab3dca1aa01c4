import Type from 'typebox';
import type { Static } from 'typebox';
import { closed } from '#contracts/schema.ts';

/** How a gateway's config file says where MQTT devices come in, and who they are. */

const port = Type.Integer({ minimum: 1, maximum: 65535 });
const path = Type.String({ minLength: 1, maxLength: 500 });

/** Of a device that signs in by a client certificate: its common name, or the very certificate. */
const deviceCertificate = closed({
  commonName: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description:
        'of the subject, in a certificate that clientCaFile stands for: a renewed one is taken as it is',
    }),
  ),
  sha256: Type.Optional(
    Type.String({
      pattern: '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$',
      description: 'fingerprint of the one certificate that is taken, whoever signed it',
    }),
  ),
});

export const mqttAccess = closed({
  /**
   * The device publishes at or below this topic and nowhere else. Default: its own id. `+` stands
   * for one level, as in Sparkplug's `spBv1.0/plant/+/edge-1`.
   */
  topic: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  username: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  passwordFile: Type.Optional(path),
  certificate: Type.Optional(deviceCertificate),
});
export type MqttAccessConfig = Static<typeof mqttAccess>;

export const mqttTls = closed({
  host: Type.Optional(Type.String({ description: 'default: that of mqtt' })),
  port,
  certFile: Type.String({
    minLength: 1,
    maxLength: 500,
    description: "the gateway's certificate, PEM, followed by those of its issuers",
  }),
  keyFile: Type.String({ minLength: 1, maxLength: 500, description: 'PEM, mode 0600' }),
  clientCaFile: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'who may sign the certificates of devices, PEM; any of them is believed',
    }),
  ),
  requireClientCertificate: Type.Optional(
    Type.Boolean({
      description:
        'who shows no certificate that is believed is let go before MQTT begins; default false',
    }),
  ),
});
export type MqttTlsConfig = Static<typeof mqttTls>;

export const mqttListeners = closed({
  host: Type.String(),
  port: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: 'of plain MQTT, which others on the wire can read; without it there is none',
    }),
  ),
  tls: Type.Optional(mqttTls),
  maxConnections: Type.Integer({ minimum: 1, maximum: 20_000 }),
});

/** How much one device may send; beyond it, it is read more slowly, and nothing is lost. */
export const rateLimits = closed({
  messagesPerS: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  burstMessages: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      description: 'so many at once after a quiet time; default: what comes in ten seconds',
    }),
  ),
  bytesPerS: Type.Optional(Type.Integer({ minimum: 1024, maximum: 1_000_000_000 })),
});
export type RateLimits = Static<typeof rateLimits>;
