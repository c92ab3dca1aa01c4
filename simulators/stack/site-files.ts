import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetAccess } from '../fleet.ts';
import type { HttpAccess } from '../http-device.ts';
import type { MqttAccess } from '../mqtt-device.ts';
import { counterNode, stateNode } from '../opcua/plc-node-ids.ts';
import { readerNode } from '../opcua/reader-node-id.ts';
import type {
  ClimateLayout,
  ConveyorLayout,
  Delivery,
  ReaderLayout,
  ScannerLayout,
  SiteLayout,
} from '../world/site-layout.ts';

/** What a gateway's config file needs beside the layout of its site. */
export interface SiteAddresses {
  readonly tenant: string;
  readonly natsUrl: string;
  readonly hubPublicKey: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  /** Device → its OPC UA server. */
  readonly endpoints: ReadonlyMap<string, string>;
}

export interface SiteFiles {
  readonly configFile: string;
  readonly dataDir: string;
  readonly access: FleetAccess;
}

const mebibyte = 1_048_576;

/**
 * Writes a gateway's config file over the one that `init` made in `dir`, beside its keys, and the
 * secrets of its devices, each in a file of its own that only its owner may read.
 */
export function writeSiteFiles(dir: string, layout: SiteLayout, at: SiteAddresses): SiteFiles {
  const secretsDir = join(dir, 'secrets');
  mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
  const secret = (name: string) => {
    const value = randomBytes(18).toString('base64url');
    writeFileSync(join(secretsDir, name), `${value}\n`, { mode: 0o600 });
    return value;
  };
  const mqtt = new Map<string, MqttAccess>();
  const http = new Map<string, HttpAccess>();
  for (const { id, profile } of [...layout.readers, ...layout.climate, ...layout.scanners]) {
    if (profile === 'http-scanner') {
      const url = `http://127.0.0.1:${at.httpPort}/scans`;
      http.set(id, { url, token: secret(`${id}.token`) });
    } else if (profile !== 'autoid-rfid') {
      const password = secret(`${id}.password`);
      mqtt.set(id, { host: '127.0.0.1', port: at.mqttPort, username: id, password });
    }
  }
  const configFile = join(dir, 'gateway.yaml');
  // JSON is YAML; a person would leave out the quotes.
  writeFileSync(configFile, `${JSON.stringify(configOf(layout, at), null, 2)}\n`);
  return { configFile, dataDir: join(dir, 'data'), access: { mqtt, http } };
}

function configOf(layout: SiteLayout, at: SiteAddresses): object {
  const endpoint = (id: string) => at.endpoints.get(id) ?? 'opc.tcp://127.0.0.1:1';
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
      ...layout.readers.map((reader) => readerConfig(reader, endpoint(reader.id))),
      ...layout.climate.map(climateConfig),
      ...layout.scanners.map(scannerConfig),
      ...layout.conveyors.map((conveyor) => conveyorConfig(conveyor, endpoint(conveyor.id))),
    ],
  };
}

function readerConfig(reader: ReaderLayout, endpoint: string): object {
  const { antennas, id, profile } = reader;
  if (profile === 'autoid-rfid') {
    const scans = { notifier: readerNode(id) };
    const opcua = { endpoint, samplingMs: 100, queueSize: 1000, scans };
    return { id, profile, antennas, opcua, buffers: false, silentAfterMs: 60_000 };
  }
  const [first] = antennas;
  // A handheld names no antenna: it is wherever somebody carries it.
  const isHandheld = profile === 'zebra-rfd' && first !== undefined && 'zone' in first;
  return { ...mqttDevice(reader), ...(isHandheld ? { zone: first.zone } : { antennas }) };
}

function climateConfig(device: ClimateLayout): object {
  return { ...mqttDevice(device), sensors: device.sensors };
}

function scannerConfig(scanner: ScannerLayout): object {
  const { buffers, id, profile, zone } = scanner;
  if (profile === 'mqtt-scanner') return { ...mqttDevice(scanner), zone };
  const http = { tokenFile: `secrets/${id}.token` };
  return { id, profile, zone, http, buffers, silentAfterMs };
}

const silentAfterMs = 30_000;

function mqttDevice(device: Delivery & { readonly profile: string }): object {
  const { id, topic, profile, buffers } = device;
  const mqtt = { topic, username: id, passwordFile: `secrets/${id}.password` };
  return { id, profile, mqtt, buffers, silentAfterMs };
}

function conveyorConfig(conveyor: ConveyorLayout, endpoint: string): object {
  const { id, profile, zone, counters } = conveyor;
  const tags = counters.map((counter) => ({
    name: counter.name,
    node: counterNode(conveyor, counter),
    role: 'counter',
    ...(counter.registerMax === undefined ? {} : { registerMax: counter.registerMax }),
  }));
  const state = { name: 'state', node: stateNode(conveyor), role: 'state' };
  return {
    id,
    profile,
    zone,
    opcua: {
      endpoint,
      samplingMs: 100,
      queueSize: 100,
      tags: profile === 'packml' ? [...tags, state] : tags,
    },
    buffers: false,
    silentAfterMs: 60_000,
  };
}
