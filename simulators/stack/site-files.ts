import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MqttAccess } from '../mqtt-device.ts';
import { counterNode, stateNode } from '../plc-node-ids.ts';
import type {
  ClimateLayout,
  ConveyorLayout,
  Delivery,
  ReaderLayout,
  SiteLayout,
} from '../world/site-layout.ts';

/** What a gateway's config file needs beside the layout of its site. */
export interface SiteAddresses {
  readonly tenant: string;
  readonly natsUrl: string;
  readonly hubPublicKey: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  /** Of the controller that all conveyors hang on. */
  readonly plcEndpoint: string;
}

export interface SiteFiles {
  readonly configFile: string;
  readonly dataDir: string;
  readonly access: ReadonlyMap<string, MqttAccess>;
}

/** What a device is called in a gateway's config. */
const profileIds = {
  impinj: 'impinj-r700',
  zebra: 'zebra-iotc',
  packml: 'packml',
  counter: 'plc-counter',
  zigbee2mqtt: 'zigbee2mqtt',
  sparkplug: 'sparkplug-b',
} as const;

const mebibyte = 1_048_576;

/**
 * Writes a gateway's config file over the one that `init` made in `dir`, beside its keys, and the secrets of its devices, each in a file of its own that
 * only its owner may read.
 */
export function writeSiteFiles(dir: string, layout: SiteLayout, at: SiteAddresses): SiteFiles {
  const secretsDir = join(dir, 'secrets');
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
  const secret = (name: string) => {
    const value = randomBytes(18).toString('base64url');
    writeFileSync(join(secretsDir, name), `${value}\n`, { mode: 0o600 });
    return value;
  };
  const access = new Map<string, MqttAccess>();
  for (const { id } of [...layout.readers, ...layout.climate]) {
    const password = secret(`${id}.password`);
    access.set(id, { host: '127.0.0.1', port: at.mqttPort, username: id, password });
  }
  const configFile = join(dir, 'gateway.yaml');
  // JSON is YAML; a person would leave out the quotes.
  writeFileSync(configFile, `${JSON.stringify(configOf(layout, at), null, 2)}\n`);
  return { configFile, dataDir: join(dir, 'data'), access };
}

function configOf(layout: SiteLayout, at: SiteAddresses): object {
  return {
    gateway: { tenant: at.tenant, site: layout.site, id: layout.gateway },
    dataDir: 'data',
    hub: {
      servers: [at.natsUrl],
      loginSeedFile: 'keys/login.seed',
      signingKeyFile: 'keys/signing.pem',
      publicKey: at.hubPublicKey,
    },
    mqtt: { host: '127.0.0.1', port: at.mqttPort, maxConnections: 500 },
    http: { host: '127.0.0.1', port: at.httpPort, tokenFile: 'keys/http.token' },
    // The checker needs the whole intake log, so nothing of it may be pruned during a run.
    disk: {
      intakeBudgetBytes: 2048 * mebibyte,
      floorBytes: 64 * mebibyte,
      reserveBytes: 8 * mebibyte,
    },
    observe: { minReads: 2, absentAfterMs: 20_000, moveReads: 3, passWindowMs: 1500 },
    posting: { receive: 'post', move: 'post', ship: 'post', confirmReads: 3 },
    zones: layout.zones.map(({ id, status, temperature }) => ({
      id,
      status,
      ...(temperature === undefined ? {} : { temperature }),
    })),
    portals: layout.portals.map(({ id, zone }) => ({ id, zone })),
    devices: [
      ...layout.readers.map(readerConfig),
      ...layout.climate.map(climateConfig),
      ...layout.conveyors.map((conveyor) => conveyorConfig(conveyor, at.plcEndpoint)),
    ],
  };
}

function readerConfig({ antennas, ...device }: ReaderLayout): object {
  return { ...mqttDevice(device), antennas };
}

function climateConfig({ sensors, ...device }: ClimateLayout): object {
  return { ...mqttDevice(device), sensors };
}

function mqttDevice(device: Delivery & { readonly family: keyof typeof profileIds }): object {
  const { id, topic, family, buffers } = device;
  return {
    id,
    profile: profileIds[family],
    mqtt: { topic, username: id, passwordFile: `secrets/${id}.password` },
    buffers,
    silentAfterMs: 30_000,
  };
}

function conveyorConfig(conveyor: ConveyorLayout, endpoint: string): object {
  const { id, family, zone, counters } = conveyor;
  const tags = counters.map((counter) => ({
    name: counter.name,
    node: counterNode(conveyor, counter),
    role: 'counter',
    ...(counter.registerMax === undefined ? {} : { registerMax: counter.registerMax }),
  }));
  const state = { name: 'state', node: stateNode(conveyor), role: 'state' };
  return {
    id,
    profile: profileIds[family],
    zone,
    opcua: {
      endpoint,
      samplingMs: 100,
      queueSize: 100,
      tags: family === 'packml' ? [...tags, state] : tags,
    },
    buffers: false,
    silentAfterMs: 60_000,
  };
}
