import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, parseDocument } from 'yaml';
import { freePort } from '#contracts/testing/free-port.ts';
import { GatewayClient } from '../stack/gateway-client.ts';
import { HubClient } from '../stack/hub-client.ts';
import { answersHttp, answersTcp } from '../stack/probe.ts';
import { cliPath, runTool, toolLines } from '../stack/run-tool.ts';
import { setUpGateway, setUpHub, type GatewayFacts, type HubFacts } from '../stack/set-up.ts';
import { SupervisedProcess } from '../stack/supervised-process.ts';

/** An event as the hub holds it, with header and payload read. */
export interface HubEvent {
  readonly gateway: string;
  readonly epoch: number;
  readonly seq: number;
  readonly kind: string;
  readonly state: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A hub, its nats-server and one gateway, with nothing simulated in it. */
export interface Installation {
  /** The gateway's own folder, with its config file, keys and data. */
  readonly gatewayDir: string;
  readonly mqttPort: number;
  readonly hub: HubClient;
  /** The hub's own process and folder. */
  readonly hubProcess: SupervisedProcess;
  readonly hubDir: string;
  readonly natsProcess: SupervisedProcess;
  readonly gatewayProcess: SupervisedProcess;
  /** The gateway of another site, named as its gateway is, with the same sections or its own. */
  addGateway(
    id: string,
    sections?: string,
  ): Promise<
    Pick<Installation, 'gatewayDir' | 'api' | 'gatewayProcess' | 'mqttPort'> & {
      readonly passwords: ReadonlyMap<string, string>;
    }
  >;
  passwordOf(device: string): string;
  readonly api: GatewayClient;
  /** Every event that the hub has applied so far. */
  hubEvents(): Promise<HubEvent[]>;
  stop(): Promise<void>;
}

interface Ports {
  readonly mqtt: number;
  readonly http: number;
}

const site = 'lyon';
const gatewayId = 'lyon-1';

/**
 * Sets it up with the commands and in the order of docs/operations.md, and starts it.
 *
 * @param sections YAML of whole sections (`zones:`, `devices:` …), as an engineer would write them
 * into the file that `gateway init` made. Devices get a password file each.
 * @throws Error with what the part said that did not start.
 */
export async function startInstallation(sections: string): Promise<Installation> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-site-'));
  const started: SupervisedProcess[] = [];
  const stop = async () => {
    for (const one of started.toReversed()) await one.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const start = async (name: string, command: string, args: string[], ready: Ready) => {
      const logFile = join(dir, `logs/${name}.log`);
      const child = new SupervisedProcess({ name, command, args, logFile, ready });
      started.push(child);
      await child.start();
      return child;
    };
    const { facts: hub, hubProcess, natsProcess } = await startHub(dir, start);
    const addGateway = async (id: string, of = sections, at = id) => {
      const gatewayDir = join(dir, id);
      const gateway = await setUpFor(gatewayDir, { site: at, id }, hub);
      const ports = { mqtt: await freePort(), http: await freePort() };
      const passwords = writeConfig(gateway.config, of, ports);
      await runTool({ part: 'edge', command: 'check', options: { config: gateway.config } });
      const tokenFile = join(gatewayDir, 'keys/http.token');
      const api = new GatewayClient(`http://127.0.0.1:${ports.http}`, tokenFile);
      const args = [cliPath('edge'), '--config', gateway.config];
      const gatewayProcess = await start(id, process.execPath, args, () =>
        answersHttp(`${api.url}/health`),
      );
      return { api, gatewayDir, gatewayProcess, mqttPort: ports.mqtt, passwords };
    };
    const { passwords, ...gateway } = await addGateway(gatewayId, sections, site);
    return {
      ...gateway,
      hub: new HubClient(hub.url, hub.administrator),
      hubProcess,
      hubDir: join(dir, 'hub'),
      natsProcess,
      addGateway: (id, of) => addGateway(id, of),
      passwordOf: (device) => passwords.get(device) ?? '',
      hubEvents: () => readHubEvents(hub.config),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Ready = () => Promise<boolean>;
type Start = (
  name: string,
  command: string,
  args: string[],
  ready: Ready,
) => Promise<SupervisedProcess>;

async function startHub(dir: string, start: Start) {
  const natsPort = await freePort();
  const ports = { nats: natsPort, http: await freePort() };
  const facts = await setUpHub(join(dir, 'hub'), ports);
  const natsProcess = await start('nats-server', 'nats-server', ['-c', facts.natsConfig], () =>
    answersTcp(natsPort, true),
  );
  const args = [cliPath('hub'), '--config', facts.config];
  const hubProcess = await start('hub', process.execPath, args, () =>
    answersHttp(`${facts.url}/health`),
  );
  return { facts, hubProcess, natsProcess };
}

/** As a person does who gives it the hub's address and key. */
async function setUpFor(
  dir: string,
  of: { site: string; id: string },
  hub: HubFacts,
): Promise<GatewayFacts> {
  const natsUrl = parseDocument(readFileSync(hub.config, 'utf8')).getIn(['nats', 'servers', 0]);
  const more = { 'hub-server': String(natsUrl), 'hub-key': hub.publicKey };
  return await setUpGateway(dir, of, hub, more);
}

/** @returns the passwords that it wrote, by device. */
function writeConfig(file: string, sections: string, ports: Ports): Map<string, string> {
  const config = parseDocument(readFileSync(file, 'utf8'));
  const wanted = parse(sections) as Record<string, unknown>;
  for (const [section, value] of Object.entries(wanted))
    config.set(section, config.createNode(value));
  config.setIn(['mqtt', 'host'], '127.0.0.1');
  config.setIn(['mqtt', 'port'], ports.mqtt);
  config.setIn(['http', 'port'], ports.http);
  writeFileSync(file, config.toString());
  const devices = wanted['devices'] as { id: string; mqtt?: { passwordFile: string } }[];
  const passwords = new Map<string, string>();
  for (const { id, mqtt } of devices) {
    if (mqtt === undefined) continue;
    const password = randomBytes(12).toString('base64url');
    passwords.set(id, password);
    writeFileSync(join(file, '..', mqtt.passwordFile), `${password}\n`, { mode: 0o600 });
  }
  return passwords;
}

async function readHubEvents(config: string): Promise<HubEvent[]> {
  const events: HubEvent[] = [];
  const tool = { part: 'hub', command: 'export-lane --evidence', options: { config } } as const;
  for await (const line of toolLines(tool)) {
    const event = JSON.parse(line) as HubEvent & Record<'header' | 'payload', string>;
    const header = JSON.parse(event.header) as HubEvent['header'];
    const payload = JSON.parse(event.payload) as HubEvent['payload'];
    events.push({ ...event, header, payload });
  }
  return events;
}

/** Looks again and again until something is there. The test's own time limit ends it. */
export async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(200);
  }
}
