import type { GatewayConfig } from './gateway-config.ts';

/** What `gateway init` fills in. */
export interface StarterValues {
  readonly tenant: string;
  readonly site: string;
  readonly id: string;
  readonly hubServers: readonly string[];
  readonly hubPublicKey: string;
  readonly hubApiUrls?: readonly string[];
  /** Relative to the config. */
  readonly hubCaFile?: string;
}

/**
 * How the observers smooth, and when a pass is evidence enough. `npm run bench -- tune-observe`
 * compares them with others on seeds 1 to 100, which `npm run bench -- observe` does not report on.
 */
export const starterObserve: GatewayConfig['observe'] = {
  minReads: 5,
  absentAfterMs: 60_000,
  moveReads: 2,
  passWindowMs: 3000,
};
export const starterPosting: GatewayConfig['posting'] = {
  receive: 'post',
  move: 'post',
  ship: 'post',
  confirmReads: 3,
};

/** A config file to begin with: it is right once the hub's key is in it, and has no device yet. */
export function starterConfig(values: StarterValues): string {
  const { id, hubServers, hubPublicKey } = values;
  // Quoted, because a name may look like a number.
  const [tenant, site, gateway] = [values.tenant, values.site, id].map((name) => `"${name}"`);
  return `# Gateway ${id}. Every setting is described by: gateway schema. Check with: gateway check FILE.
gateway: { tenant: ${tenant}, site: ${site}, id: ${gateway} }
dataDir: data
# configOwner: hub # zones, devices and the like come from the hub then, as it pushes them
hub:
  servers: ${JSON.stringify(hubServers)}
  loginSeedFile: keys/login.seed
  signingKeyFile: keys/signing.pem
  publicKey: ${JSON.stringify(hubPublicKey)} # printed by the hub
${hubExtras(values)}\
# Devices come in from this machine alone. For those on the network, either over TLS:
#   mqtt: { host: 0.0.0.0, maxConnections: 500, tls: { port: 8883, certFile: keys/mqtt.pem, keyFile: keys/mqtt.key } }
# or, on a network of the devices alone, plainly: host: 0.0.0.0. Then whoever is on it reads passwords.
mqtt: { host: 127.0.0.1, port: 1883, maxConnections: 500 }
limits: { messagesPerS: 5000, bytesPerS: 8388608 } # of each device; beyond it, it is read more slowly
http: { host: 127.0.0.1, port: 8090, tokenFile: keys/http.token }
# floor: { peopleFile: keys/people.json } # the floor page at /floor/; see gateway people add
disk:
  intakeBudgetBytes: 1073741824 # raw messages kept after they were observed
  floorBytes: 268435456 # below this, acknowledgements are held
  reserveBytes: 67108864 # room reserved for the journal
evidence:
  budgetBytes: 4294967296 # sealed raw messages, compressed; the oldest go first
  pinDays: 90 # what postings and excursions stand on is kept this long
observe: ${flow(starterObserve)}
posting: ${flow(starterPosting)}
zones:
  - { id: receiving-dock, status: receiving }
  - { id: storage, status: available }
portals: []
devices: []
#  - id: dock-reader
#    profile: impinj-r700
#    mqtt: { username: dock-reader, passwordFile: keys/dock-reader.password }
#    antennas: [{ antenna: 1, zone: receiving-dock }]
#    buffers: true
#    silentAfterMs: 60000
`;
}

/** What a token tells besides: where `rotate-login` asks, and a private CA. */
function hubExtras({ hubApiUrls, hubCaFile }: StarterValues): string {
  const api = hubApiUrls === undefined ? '' : `  apiUrls: ${JSON.stringify(hubApiUrls)}\n`;
  return hubCaFile === undefined ? api : `${api}  tls: { caFile: ${hubCaFile} }\n`;
}

/** A flat record in YAML's flow style. */
function flow(record: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(record).map(([key, value]) => `${key}: ${String(value)}`);
  return `{ ${fields.join(', ')} }`;
}
