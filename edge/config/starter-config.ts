/** What `gateway init` fills in. */
export interface StarterValues {
  readonly tenant: string;
  readonly site: string;
  readonly id: string;
  readonly hubServers: readonly string[];
  readonly hubPublicKey: string;
}

/** A config file to begin with: it is right once the hub's key is in it, and has no device yet. */
export function starterConfig(values: StarterValues): string {
  const { id, hubServers, hubPublicKey } = values;
  // Quoted, because a name may look like a number.
  const [tenant, site, gateway] = [values.tenant, values.site, id].map((name) => `"${name}"`);
  return `# Gateway ${id}. Every setting is described by: gateway schema. Check with: gateway check FILE.
gateway: { tenant: ${tenant}, site: ${site}, id: ${gateway} }
dataDir: data
hub:
  servers: ${JSON.stringify(hubServers)}
  loginSeedFile: keys/login.seed
  signingKeyFile: keys/signing.pem
  publicKey: ${JSON.stringify(hubPublicKey)} # printed by the hub
mqtt: { host: 0.0.0.0, port: 1883, maxConnections: 500 }
http: { host: 127.0.0.1, port: 8090, tokenFile: keys/http.token }
# floor: { peopleFile: keys/people.json } # the floor page at /floor/; see gateway people add
disk:
  intakeBudgetBytes: 1073741824 # raw messages kept after they were observed
  floorBytes: 268435456 # below this, acknowledgements are held
  reserveBytes: 67108864 # room reserved for the journal
evidence:
  budgetBytes: 4294967296 # sealed raw messages, compressed; the oldest go first
  pinDays: 90 # what postings and excursions stand on is kept this long
observe: { minReads: 2, absentAfterMs: 60000, moveReads: 2, passWindowMs: 3000 }
posting: { receive: post, move: post, ship: post, confirmReads: 3 }
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
