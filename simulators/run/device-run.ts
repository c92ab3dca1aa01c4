import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { Fleet } from '../fleet.ts';
import { Link } from '../link.ts';
import { createRandom } from '../prng.ts';
import { readGatewayFile, siteFromConfig, type GatewayFile } from '../world/site-from-config.ts';
import type { SiteLayout } from '../world/site-layout.ts';
import { World } from '../world/world.ts';

/** A gateway that runs already, as its config file describes it. */
export interface GivenGateway {
  readonly layout: SiteLayout;
  readonly broker: Address;
  readonly http: Address;
  /** Device → how it signs in over MQTT. */
  readonly logins: ReadonlyMap<string, { readonly username: string; readonly password: string }>;
  /** Device → its token over HTTP. */
  readonly tokens: ReadonlyMap<string, string>;
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads the config files of running gateways. @returns every fault of all of them. */
export function readGateways(
  paths: readonly string[],
): { readonly ok: true; readonly gateways: GivenGateway[] } | { ok: false; faults: string[] } {
  const faults: string[] = [];
  const gateways: GivenGateway[] = [];
  for (const path of paths) {
    try {
      const read = readGatewayFile(parse(readFileSync(path, 'utf8')));
      if (read.ok) gateways.push(givenGateway(path, read.file));
      else faults.push(...read.faults.map((fault) => `${path}: ${fault}`));
    } catch (error) {
      faults.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, gateways };
}

function givenGateway(path: string, file: GatewayFile): GivenGateway {
  const logins = new Map<string, { username: string; password: string }>();
  const tokens = new Map<string, string>();
  const secretIn = (name: string) => readFileSync(resolve(dirname(path), name), 'utf8').trim();
  for (const { http, id, mqtt } of file.devices) {
    if (http !== undefined) tokens.set(id, secretIn(http.tokenFile));
    if (mqtt === undefined) continue;
    logins.set(id, { username: mqtt.username, password: secretIn(mqtt.passwordFile) });
  }
  const layout = siteFromConfig(file);
  return { layout, broker: reached(file.mqtt), http: reached(file.http), logins, tokens };
}

/** What listens everywhere is reached on this machine. */
function reached({ host, port }: Address): Address {
  return { host: ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host, port };
}

const stepMs = 50;

/**
 * Devices alone, against gateways that somebody else runs. Between each gateway and its devices are
 * links, for MQTT and for HTTP: an outage of them is a device network that is down.
 */
export class DeviceRun {
  readonly #world: World;
  readonly #fleets = new Map<string, Fleet>();
  readonly #links: readonly Link[];
  readonly #baseMs: number;
  #pump: NodeJS.Timeout | undefined;

  private constructor(world: World, links: readonly Link[], baseMs: number) {
    this.#world = world;
    this.#links = links;
    this.#baseMs = baseMs;
  }

  static async start(
    gateways: readonly GivenGateway[],
    plan: { readonly rate: number; readonly seed: number },
  ): Promise<DeviceRun> {
    const baseMs = Date.now();
    const sites = gateways.map(({ layout }) => layout);
    const world = new World({ seed: plan.seed, sites, ratePerSite: plan.rate });
    const lines = gateways.map((gateway) => ({
      ...gateway,
      mqttLink: new Link(gateway.broker),
      httpLink: new Link(gateway.http),
    }));
    const links = lines.flatMap(({ httpLink, mqttLink }) => [mqttLink, httpLink]);
    const run = new DeviceRun(world, links, baseMs);
    for (const { httpLink, layout, logins, mqttLink, tokens } of lines) {
      const at = { host: '127.0.0.1', port: await mqttLink.start() };
      const url = `http://127.0.0.1:${await httpLink.start()}/scans`;
      const access = {
        mqtt: new Map([...logins].map(([id, who]) => [id, { ...who, ...at }])),
        http: new Map([...tokens].map(([id, token]) => [id, { url, token }])),
      };
      const random = createRandom(plan.seed, `${layout.site}/answers`);
      const faulty = () => mqttLink.isCut;
      const options = { layout, access, polled: [], faulty, random, baseMs };
      run.#fleets.set(layout.site, new Fleet(options));
    }
    for (const fleet of run.#fleets.values()) fleet.start();
    run.#pump = setInterval(() => run.#step(), stepMs);
    return run;
  }

  cut(): void {
    for (const link of this.#links) link.cut('refuse');
  }

  heal(): void {
    for (const link of this.#links) link.heal();
  }

  /** The world ends; devices go on until everything is acknowledged, at most `withinMs`. */
  async drain(withinMs: number, signal: AbortSignal): Promise<void> {
    clearInterval(this.#pump);
    this.heal();
    const deadline = performance.now() + withinMs;
    while (this.result().waiting > 0 && performance.now() < deadline) {
      await sleep(100, undefined, { signal });
    }
  }

  result() {
    const sum = { events: 0, covered: 0, uncovered: 0, acknowledged: 0, waiting: 0 };
    for (const fleet of this.#fleets.values()) {
      const { made, covered, uncovered, acknowledged } = fleet.tally();
      sum.events += made;
      sum.covered += covered;
      sum.uncovered += uncovered;
      sum.acknowledged += acknowledged;
      sum.waiting += fleet.waiting;
    }
    return { ...sum, misread: this.#world.misread() };
  }

  async stop(): Promise<void> {
    clearInterval(this.#pump);
    await Promise.all([...this.#fleets.values()].map((fleet) => fleet.stop()));
    await Promise.all(this.#links.map((link) => link.stop()));
  }

  #step(): void {
    for (const emission of this.#world.step(Date.now() - this.#baseMs).emissions) {
      this.#fleets.get(emission.site)?.deliver(emission);
    }
  }
}
