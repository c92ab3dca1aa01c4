import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { Fleet } from '../fleet.ts';
import { Link } from '../link.ts';
import type { MqttAccess } from '../mqtt-device.ts';
import { readGatewayFile, siteFromConfig, type GatewayFile } from '../world/site-from-config.ts';
import type { SiteLayout } from '../world/site-layout.ts';
import { World } from '../world/world.ts';

/** A gateway that runs already, as its config file describes it. */
export interface GivenGateway {
  readonly layout: SiteLayout;
  readonly broker: { readonly host: string; readonly port: number };
  readonly access: ReadonlyMap<string, Omit<MqttAccess, 'host' | 'port'>>;
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
  const access = new Map<string, { username: string; password: string }>();
  for (const { id, mqtt } of file.devices) {
    if (mqtt === undefined) continue;
    const password = readFileSync(resolve(dirname(path), mqtt.passwordFile), 'utf8').trim();
    access.set(id, { username: mqtt.username, password });
  }
  // A broker that listens everywhere is reached on this machine.
  const host = ['0.0.0.0', '::'].includes(file.mqtt.host) ? '127.0.0.1' : file.mqtt.host;
  return { layout: siteFromConfig(file), broker: { host, port: file.mqtt.port }, access };
}

const stepMs = 50;

/**
 * Devices alone, against gateways that somebody else runs. Between each gateway and its devices is
 * a link: an outage of it is a device network that is down.
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
    const links = gateways.map(({ broker }) => new Link(broker));
    const run = new DeviceRun(world, links, baseMs);
    for (const [index, { layout, access }] of gateways.entries()) {
      const link = links[index];
      if (link === undefined) continue;
      const at = { host: '127.0.0.1', port: await link.start() };
      run.#fleets.set(
        layout.site,
        new Fleet({
          layout,
          access: new Map([...access].map(([id, who]) => [id, { ...who, ...at }])),
          plc: undefined,
          faulty: () => link.isCut,
          baseMs,
        }),
      );
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
