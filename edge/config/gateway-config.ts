import Type from 'typebox';
import type { Static } from 'typebox';
import { namePattern } from '#contracts/ids.ts';
import { closed, name, oneOf } from '#contracts/schema.ts';
import { configOwners } from '#contracts/downlink.ts';
import { stockStatus } from '#contracts/posting.ts';
import { feedConfig } from './feed-config.ts';
import { mqttAccess, mqttListeners, rateLimits } from './mqtt-config.ts';
import { opcUa, plcTemplate, type OpcUaTagConfig } from './opcua-config.ts';

/**
 * What a person writes in a gateway's config file. The schema is types, checks, defaults' meaning
 * and documentation in one. Paths are relative to the file's own folder.
 */
const port = Type.Integer({ minimum: 1, maximum: 65535 });
const path = Type.String({ minLength: 1, maxLength: 500 });
const millis = (description: string, minimum = 0) =>
  Type.Integer({ minimum, maximum: 31 * 24 * 3_600_000, description });

const limits = closed({
  min: Type.Optional(Type.Number({ description: '°C, or % relative humidity' })),
  max: Type.Optional(Type.Number({ description: '°C, or % relative humidity' })),
});

const zone = closed({
  id: name,
  status: stockStatus,
  gateway: Type.Optional(
    Type.String({
      pattern: namePattern,
      description:
        'the gateway of this site that owns the zone and alone posts there; default: this one',
    }),
  ),
  site: Type.Optional(
    Type.String({
      pattern: namePattern,
      description: 'of a zone at another site, with its gateway: goods can be sent there',
    }),
  ),
  temperature: Type.Optional(limits),
  humidity: Type.Optional(limits),
  holdAfterMs: Type.Optional(
    millis('outside the limits for this long: perishable goods go on hold; default 0'),
  ),
});

const portal = closed({
  id: name,
  zone: Type.String({ description: 'the zone that goods enter through this portal' }),
  leadsTo: Type.Optional(
    Type.String({
      pattern: namePattern,
      description:
        'the gateway on the other side of this door: what goes out leaves for it, what comes in ' +
        'is from there; default: the outside world',
    }),
  ),
  counter: Type.Optional(
    closed(
      {
        device: name,
        counter: Type.String({ minLength: 1, maxLength: 40 }),
        counts: oneOf(['items', 'units']),
      },
      { description: 'counts the pieces that pass here: tagged items, or handling units' },
    ),
  ),
});

const antenna = closed({
  antenna: Type.Integer({ minimum: 0, maximum: 64 }),
  zone: Type.Optional(name),
  portal: Type.Optional(name),
  side: Type.Optional(oneOf(['inside', 'outside'])),
});

/** For a device that posts: its own bearer token, which says who it is. */
const httpAccess = closed({ tokenFile: path });

/** One sensor behind a bridge (Zigbee2MQTT) or an edge node (Sparkplug), by the name it has there. */
const sensor = closed({ name: Type.String({ minLength: 1, maxLength: 120 }), zone: name });

const device = closed({
  id: name,
  profile: Type.String({ minLength: 1, maxLength: 40 }),
  zone: Type.Optional(name),
  antennas: Type.Optional(Type.Array(antenna, { maxItems: 64 })),
  mqtt: Type.Optional(mqttAccess),
  http: Type.Optional(httpAccess),
  limits: Type.Optional(rateLimits),
  sensors: Type.Optional(Type.Array(sensor, { maxItems: 500 })),
  opcua: Type.Optional(opcUa),
  buffers: Type.Boolean({ description: 'the device keeps what was not acknowledged' }),
  silentAfterMs: millis('quiet for longer than this is reported', 1000),
});

const observe = closed({
  minReads: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'reads before a tag is believed',
  }),
  absentAfterMs: millis('unread for this long: departed', 100),
  moveReads: Type.Integer({
    minimum: 1,
    maximum: 100,
    description: 'reads before a move is believed',
  }),
  passWindowMs: millis('quiet for this long at a portal: the pass is over', 100),
});

const posting = closed({
  /** What an inbound or outbound pass of a serial item does. */
  receive: oneOf(['post', 'unverified', 'task']),
  move: oneOf(['post', 'unverified', 'task']),
  ship: oneOf(['post', 'unverified', 'task']),
  /** A pass with fewer reads than this is too thin to post and becomes `unverified`. */
  confirmReads: Type.Integer({ minimum: 1, maximum: 1000 }),
  documents: Type.Optional(
    oneOf(['ignore', 'prefer', 'require'], {
      description:
        'prefer (default): a thin pass that a document or handling unit expects is posted; ' +
        'require: a pass that none expects is unverified; ignore: reads alone decide',
    }),
  ),
  unitQuorumPermille: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'this share of a unit read together stands for all of it; default 600',
    }),
  ),
  settleMs: Type.Optional(
    millis('quiet for this long at a portal: what went through is summed up; default 15000', 1000),
  ),
  documentRequired: Type.Optional(
    closed(
      { receive: Type.Optional(Type.Boolean()), ship: Type.Optional(Type.Boolean()) },
      {
        description:
          'whether a person takes goods in, or sends them out, only on a document; default: ' +
          'receive false; ship true, because what goes out without one is a write-off past all limits',
      },
    ),
  ),
  transferWithinMs: Type.Optional(
    millis(
      'sent to another gateway and not known to have arrived for this long: somebody looks; ' +
        'default one day',
      60_000,
    ),
  ),
  recountBy: Type.Optional(
    oneOf(['other', 'anyone'], { description: 'who may recount; default other: not who counted' }),
  ),
});

const trackings = ['bulk', 'lot', 'serial-at-receipt', 'serial-at-shipment', 'serial'] as const;

/** How one item is kept. An item that is not listed is kept by serial where it comes with one. */
const itemPolicy = closed({
  item: Type.String({ minLength: 1, maxLength: 80 }),
  tracking: oneOf(trackings),
  countTolerance: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'a count this many base units off is adjusted without a recount, within the limits of ' +
        'who counts, and once in 30 days each way; default 0',
    }),
  ),
  perishable: Type.Optional(
    Type.Boolean({
      description: 'a climate excursion puts it on hold; default: where it is kept by lot',
    }),
  ),
  unitValueMinor: Type.Optional(
    Type.Integer({ minimum: 0, description: 'of one base unit, for limits by value' }),
  ),
});

const evidence = closed({
  budgetBytes: Type.Integer({
    minimum: 1_048_576,
    description: 'disk for sealed raw messages, compressed; the oldest go first; default 4 GiB',
  }),
  pinDays: Type.Integer({
    minimum: 0,
    maximum: 3660,
    description: 'what postings and excursions stand on is kept this long; default 90',
  }),
});

/** The page for people on the floor, at `/floor/` of the gateway's own HTTP. */
const floor = closed({
  peopleFile: Type.String({
    minLength: 1,
    maxLength: 500,
    description: 'who may sign in, mode 0600; written by `gateway people`',
  }),
  publicOrigin: Type.Optional(
    Type.String({
      pattern: '^https?://[0-9A-Za-z.:\\[\\]-]{1,250}$',
      description: 'where people open it, when a proxy with TLS or a name stands in front',
    }),
  ),
});

/** Files are read at every dial, so that a renewed certificate needs no restart. */
const hubTls = closed({
  caFile: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'PEM of the private CA of hub and NATS; absent: those that the system trusts',
    }),
  ),
  certFile: Type.Optional(path),
  keyFile: Type.Optional(path),
});

export const gatewayConfig = closed({
  gateway: closed({ tenant: name, site: name, id: name }),
  configOwner: Type.Optional(
    oneOf(configOwners, {
      description:
        'hub: zones, devices and the like come from there, as pushed; default file: from here alone',
    }),
  ),
  dataDir: path,
  hub: closed({
    servers: Type.Array(Type.String({ pattern: '^(nats|tls|ws|wss)://' }), { minItems: 1 }),
    loginSeedFile: Type.String({ description: 'nkey seed for NATS, mode 0600' }),
    signingKeyFile: Type.String({ description: 'Ed25519 private key, PEM, mode 0600' }),
    publicKey: Type.String({
      description: "the hub's Ed25519 public key, base64 of the raw 32 bytes",
    }),
    tls: Type.Optional(hubTls),
    apiUrls: Type.Optional(
      Type.Array(Type.String({ pattern: '^https?://[^/]+$', maxLength: 300 }), {
        minItems: 1,
        maxItems: 10,
        description: "the hub's API, which `rotate-login` asks; written by `enroll`",
      }),
    ),
  }),
  mqtt: mqttListeners,
  http: closed({
    host: Type.String(),
    port,
    tokenFile: path,
    trustedProxies: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 60 }), {
        maxItems: 20,
        description: 'addresses or networks whose X-Forwarded-For is believed; default: none',
      }),
    ),
  }),
  floor: Type.Optional(floor),
  limits: Type.Optional(rateLimits),
  disk: closed({
    intakeBudgetBytes: Type.Integer({
      minimum: 1_048_576,
      description: 'observed raw intake kept',
    }),
    floorBytes: Type.Integer({
      minimum: 1_048_576,
      description: 'free space below which intake holds',
    }),
    reserveBytes: Type.Integer({ minimum: 1_048_576, description: "the journal's reserved room" }),
  }),
  evidence: Type.Optional(evidence),
  feed: Type.Optional(feedConfig),
  observe,
  posting,
  zones: Type.Array(zone, { minItems: 1, maxItems: 2000 }),
  portals: Type.Array(portal, { maxItems: 500 }),
  plcTemplates: Type.Optional(Type.Array(plcTemplate, { maxItems: 200 })),
  devices: Type.Array(device, { maxItems: 5000 }),
  items: Type.Optional(Type.Array(itemPolicy, { maxItems: 100_000 })),
});
export type GatewayConfig = Static<typeof gatewayConfig>;
export type DeviceConfig = GatewayConfig['devices'][number];
export type ItemPolicy = Static<typeof itemPolicy>;

/**
 * The part that observers and policies work from. It goes through the intake log as canonical text,
 * so limits are integers of a small unit and nothing in it is secret.
 */
export type SiteConfig = Pick<
  GatewayConfig,
  'gateway' | 'observe' | 'posting' | 'portals' | 'items'
> & {
  readonly zones: readonly SiteZone[];
  readonly devices: readonly SiteDevice[];
  /** Zones of other gateways; absent: none is known. */
  readonly elsewhere?: readonly ZoneElsewhere[];
};

/** A zone that another gateway posts in, and where goods can be sent. */
export type ZoneElsewhere = {
  readonly gateway: string;
  readonly id: string;
  /** Where it is not the gateway's own site. */
  readonly site?: string;
};

/** Both ends may be open; a value on a limit is inside it. */
export type SiteLimits = {
  readonly min?: number;
  readonly max?: number;
};

/** A zone with its limits in thousandths of a °C and permille of relative humidity. */
export type SiteZone = Pick<GatewayConfig['zones'][number], 'id' | 'status' | 'holdAfterMs'> & {
  readonly temperatureMilliC?: SiteLimits;
  readonly humidityPermille?: SiteLimits;
};

/** A device without its secrets and network settings. */
export type SiteDevice = Omit<DeviceConfig, 'mqtt' | 'opcua' | 'http' | 'limits'> & {
  readonly tags?: readonly Omit<OpcUaTagConfig, 'node' | 'element' | 'member'>[];
  /** Names under which events of a PLC come. */
  readonly eventChannels?: readonly string[];
};
