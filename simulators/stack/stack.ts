import { appendFileSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Link } from '../link.ts';
import type { PolledDevices } from '../opcua/opcua-server.ts';
import type { SiteLayout } from '../world/site-layout.ts';
import { freePort } from '#contracts/testing/free-port.ts';
import { GatewayClient } from './gateway-client.ts';
import { answersHttp, answersTcp } from './probe.ts';
import { cliPath } from './run-tool.ts';
import { setUpGateway, setUpHub, type HubFacts } from './set-up.ts';
import { writeSiteFiles, type SiteFiles } from './site-files.ts';
import { SupervisedProcess } from './supervised-process.ts';

export interface StackPlan {
  /** An empty folder that everything goes into. */
  readonly dir: string;
  readonly sites: readonly SiteLayout[];
  readonly say: (what: string) => void;
  /** Told when a gateway goes down and when it is ready again. */
  readonly onGatewayDown: (site: string, atMs: number) => void;
  readonly onGatewayReady: (site: string, atMs: number) => void;
}

/** One warehouse with its processes. */
export interface SiteStack {
  readonly layout: SiteLayout;
  readonly files: SiteFiles;
  readonly api: GatewayClient;
  readonly gateway: SupervisedProcess;
  /** Between the gateway and nats-server. */
  readonly link: Link;
  /** What the gateway comes to over OPC UA. */
  readonly polled: readonly PolledDevices[];
}

export interface HubStack {
  readonly configFile: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly process: SupervisedProcess;
}

const tenant = 'main';

/**
 * The real processes of a whole installation, each under a supervisor: nats-server, hub, one
 * gateway a site, and the site's OPC UA servers. Everything listens on free ports of 127.0.0.1.
 */
export class Stack {
  readonly hub: HubStack;
  readonly nats: SupervisedProcess;
  readonly sites: readonly SiteStack[];

  private constructor(hub: HubStack, nats: SupervisedProcess, sites: readonly SiteStack[]) {
    this.hub = hub;
    this.nats = nats;
    this.sites = sites;
  }

  /** Makes folders, keys and configs, and starts everything. @throws Error naming what failed. */
  static async start(plan: StackPlan): Promise<Stack> {
    mkdirSync(plan.dir, { recursive: true, mode: 0o700 });
    const natsPort = await freePort();
    plan.say('setting up the hub');
    const ports = { nats: natsPort, http: await freePort() };
    const facts = await setUpHub(join(plan.dir, 'hub'), ports);
    const started: { stop(): Promise<void> }[] = [];
    try {
      const sites = [];
      for (const layout of plan.sites) {
        const site = await prepareSite(plan, layout, facts, natsPort);
        started.push({ stop: () => stopSite(site) });
        sites.push(site);
      }
      const nats = natsProcess(plan.dir, facts.natsConfig, natsPort);
      const hub = hubStack(plan.dir, facts);
      started.push(hub.process, nats);
      plan.say('starting nats-server, hub and gateways');
      await nats.start();
      await hub.process.start();
      await Promise.all(sites.map(({ gateway }) => gateway.start()));
      return new Stack(hub, nats, sites);
    } catch (error) {
      await Promise.all(started.map((part) => part.stop()));
      throw error;
    }
  }

  /** JetStream's files: a cache of the wire, whose loss must lose nothing. */
  wipeNatsStore(): void {
    rmSync(join(dirname(this.hub.configFile), 'nats'), { recursive: true, force: true });
  }

  site(name: string): SiteStack {
    const found = this.sites.find(({ layout }) => layout.site === name);
    if (found === undefined) throw new Error(`there is no site ${name}`);
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all(this.sites.map(stopSite));
    await this.hub.process.stop();
    await this.nats.stop();
  }

  /** Everything under supervision. */
  processes(): readonly SupervisedProcess[] {
    return [this.nats, this.hub.process, ...this.sites.map(({ gateway }) => gateway)];
  }
}

async function stopSite(site: SiteStack): Promise<void> {
  await site.gateway.stop();
  await site.link.stop();
  await Promise.all(site.polled.map(({ server }) => server.stop()));
}

function natsProcess(dir: string, config: string, port: number): SupervisedProcess {
  return new SupervisedProcess({
    name: 'nats-server',
    command: 'nats-server',
    args: ['-c', config],
    logFile: join(dir, 'logs/nats-server.log'),
    ready: () => answersTcp(port, true),
  });
}

function hubStack(dir: string, facts: HubFacts): HubStack {
  return {
    configFile: facts.config,
    url: facts.url,
    ...facts.administrator,
    process: new SupervisedProcess({
      name: 'hub',
      command: process.execPath,
      args: [cliPath('hub'), 'run', '--config', facts.config],
      logFile: join(dir, 'logs/hub.log'),
      ready: () => answersHttp(`${facts.url}/health`),
    }),
  };
}

async function prepareSite(
  plan: StackPlan,
  layout: SiteLayout,
  hub: HubFacts,
  natsPort: number,
): Promise<SiteStack> {
  const { site, gateway: id } = layout;
  const dir = join(plan.dir, id);
  plan.say(`setting up ${id} for ${site}`);
  await setUpGateway(dir, { site, id }, hub);
  const polled = await startPolled(dir, layout);
  const link = new Link({ host: '127.0.0.1', port: natsPort });
  const httpPort = await freePort();
  const mqttPort = await freePort();
  const files = writeSiteFiles(dir, layout, {
    tenant,
    natsUrl: `nats://127.0.0.1:${await link.start()}`,
    hubPublicKey: hub.publicKey,
    mqttPort,
    httpPort,
    endpoints: new Map(
      polled.flatMap(({ devices, server }) => devices.map((device) => [device, server.endpoint])),
    ),
  });
  for (const { devices, server } of polled) trust(files.dataDir, devices, server.certificateFile);
  const api = new GatewayClient(`http://127.0.0.1:${httpPort}`, join(dir, 'keys/http.token'));
  const gateway = new SupervisedProcess({
    name: id,
    command: process.execPath,
    args: [cliPath('edge'), 'run', '--config', files.configFile],
    logFile: join(plan.dir, `logs/${id}.log`),
    ready: async () => (await answersHttp(`${api.url}/health`)) && (await answersTcp(mqttPort)),
    onDown: (atMs) => plan.onGatewayDown(site, atMs),
    onReady: (atMs) => plan.onGatewayReady(site, atMs),
  });
  return { layout, files, api, gateway, link, polled };
}

/** The OPC UA stack is large: it is loaded only where something speaks it. */
async function startPolled(dir: string, layout: SiteLayout): Promise<readonly PolledDevices[]> {
  const { conveyors } = layout;
  const readers = layout.readers.filter(({ profile }) => profile === 'autoid-rfid');
  if (conveyors.length + readers.length === 0) return [];
  const { redirectOpcUaLog } = await import('../opcua/opcua-server.ts');
  const { OpcUaPlc } = await import('../opcua/opcua-plc.ts');
  const { OpcUaReader } = await import('../opcua/opcua-reader.ts');
  redirectOpcUaLog((line) => appendFileSync(join(dir, 'opcua.log'), `${line}\n`));
  const polled: PolledDevices[] = readers.map(
    ({ id }) => new OpcUaReader(id, join(dir, `${id}-pki`)),
  );
  if (conveyors.length > 0) polled.push(new OpcUaPlc(conveyors, join(dir, 'plc-pki')));
  for (const { server } of polled) await server.start();
  return polled;
}

/** What a site engineer does once: copies a server's certificate to where it is trusted. */
function trust(dataDir: string, devices: readonly string[], certificateFile: string): void {
  for (const id of devices) {
    const trusted = join(dataDir, 'pki', id, 'trusted/certs');
    mkdirSync(trusted, { recursive: true, mode: 0o700 });
    copyFileSync(certificateFile, join(trusted, 'server.pem'));
  }
}
