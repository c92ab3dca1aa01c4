import { setTimeout as sleep } from 'node:timers/promises';
import { effectKey } from '../check/effects-fold.ts';
import type { Finding } from '../check/finding.ts';
import { quarantineFindings } from '../check/quarantine-findings.ts';
import { judge, type Verdict } from '../check/verdict.ts';
import { Fleet } from '../fleet.ts';
import type { CutMode } from '../link.ts';
import type { GatewayStatus } from '../stack/gateway-client.ts';
import { HubClient } from '../stack/hub-client.ts';
import { Stack } from '../stack/stack.ts';
import { planSite } from '../world/plan-site.ts';
import { World } from '../world/world.ts';
import { BlindTimes } from './blind-times.ts';
import { compare, readGateways, readHub, type WorldTruth } from './gather.ts';

export interface RunPlan {
  /** An empty folder for everything that the processes write. */
  readonly dir: string;
  readonly sites: number;
  readonly readers: number;
  /** Tag reads per second at each site. */
  readonly rate: number;
  readonly seed: number;
  readonly say: (what: string) => void;
}

/** World against ledger at one moment. */
export interface RunStatus {
  readonly made: number;
  readonly covered: number;
  readonly uncovered: number;
  readonly acknowledged: number;
  readonly misread: number;
  /** Messages that devices keep because no gateway acknowledged them. */
  readonly waitingInDevices: number;
  readonly gateways: readonly (Partial<GatewayStatus> & {
    readonly site: string;
    readonly linkCut: boolean;
    readonly up: boolean;
  })[];
  readonly outages: number;
  readonly restarts: number;
}

const stepMs = 50;
const drainWithinMs = 180_000;
const plcDown = 'server down';
const gatewayDown = 'gateway down';

/** A warehouse world and the real processes that look at it, with faults to inject. */
export class WarehouseRun {
  readonly plan: RunPlan;
  readonly stack: Stack;
  readonly #world: World;
  readonly #fleets: ReadonlyMap<string, Fleet>;
  readonly #blind: BlindTimes;
  readonly #baseMs: number;
  readonly #hub: HubClient;
  readonly #lastStatus = new Map<string, GatewayStatus>();
  #pump: NodeJS.Timeout | undefined;
  #outages = 0;

  private constructor(plan: RunPlan, stack: Stack, blind: BlindTimes) {
    this.plan = plan;
    this.stack = stack;
    this.#blind = blind;
    this.#baseMs = Date.now();
    const sites = stack.sites.map(({ layout }) => layout);
    this.#world = new World({ seed: plan.seed, sites, ratePerSite: plan.rate });
    this.#fleets = new Map(
      stack.sites.map(({ layout, files, plc, gateway }) => {
        const faulty = () => !gateway.isReady;
        const { access } = files;
        return [layout.site, new Fleet({ layout, access, plc, faulty, baseMs: this.#baseMs })];
      }),
    );
    this.#hub = new HubClient(stack.hub.url, stack.hub);
  }

  /** Sets everything up and lets the world begin. @throws Error naming what failed. */
  static async start(plan: RunPlan): Promise<WarehouseRun> {
    const layouts = Array.from({ length: plan.sites }, (_, index) =>
      planSite(index + 1, plan.readers),
    );
    const blind = new BlindTimes();
    const polled = (site: string) => {
      const layout = layouts.find((one) => one.site === site);
      return [layout?.gateway ?? '', (layout?.conveyors ?? []).map(({ id }) => id)] as const;
    };
    const stack = await Stack.start({
      dir: plan.dir,
      sites: layouts,
      say: plan.say,
      onGatewayDown: (site, atMs) => blind.begin(...polled(site), gatewayDown, atMs),
      onGatewayReady: (site, atMs) => blind.end(...polled(site), gatewayDown, atMs),
    });
    const run = new WarehouseRun(plan, stack, blind);
    for (const fleet of run.#fleets.values()) fleet.start();
    run.#pump = setInterval(() => run.#step(), stepMs);
    return run;
  }

  /** Cuts a site off from the hub. */
  cutLink(site: string, mode: CutMode = 'refuse'): void {
    this.#outages += 1;
    this.stack.site(site).link.cut(mode);
  }

  healLink(site: string): void {
    this.stack.site(site).link.heal();
  }

  /** The controller of a site goes down and comes back; its plain counters begin at zero again. */
  async restartPlc(site: string, downMs: number): Promise<void> {
    const { plc, layout } = this.stack.site(site);
    if (plc === undefined) return;
    const devices = layout.conveyors.map(({ id }) => id);
    this.#blind.begin(layout.gateway, devices, plcDown, Date.now());
    await plc.stop();
    await sleep(downMs);
    for (const { id, family } of layout.conveyors) {
      if (family === 'counter') this.#world.restartConveyor(site, id);
    }
    await plc.start();
    this.#blind.end(layout.gateway, devices, plcDown, Date.now());
  }

  async status(): Promise<RunStatus> {
    const gateways = await Promise.all(
      this.stack.sites.map(async ({ layout, api, gateway, link }) => {
        const { site } = layout;
        const status = gateway.isReady ? await api.status() : undefined;
        if (status !== undefined) this.#lastStatus.set(site, status);
        const last = this.#lastStatus.get(site);
        return { ...last, site, linkCut: link.isCut, up: status !== undefined };
      }),
    );
    const tallies = [...this.#fleets.values()].map((fleet) => fleet.tally());
    const sum = (of: (tally: (typeof tallies)[number]) => number) =>
      tallies.reduce((total, tally) => total + of(tally), 0);
    return {
      made: sum(({ made }) => made),
      covered: sum(({ covered }) => covered),
      uncovered: sum(({ uncovered }) => uncovered),
      acknowledged: sum(({ acknowledged }) => acknowledged),
      misread: this.#world.misread(),
      waitingInDevices: this.#waitingInDevices(),
      gateways,
      outages: this.#outages,
      restarts: this.stack.sites.reduce((total, { gateway }) => total + gateway.restarts, 0),
    };
  }

  /** No new emissions; devices stay connected and deliver what they keep. */
  endWorld(): void {
    clearInterval(this.#pump);
  }

  /** Heals all links and waits until nothing waits anywhere. @throws Error naming what still does. */
  async drain(signal?: AbortSignal): Promise<void> {
    for (const { link } of this.stack.sites) link.heal();
    const deadline = performance.now() + drainWithinMs;
    for (let calm = 0; calm < 3;) {
      signal?.throwIfAborted();
      const waiting = waitingOf(await this.status());
      calm = waiting === undefined ? calm + 1 : 0;
      if (waiting !== undefined && performance.now() > deadline) {
        throw new Error(`not drained after ${drainWithinMs / 1000} s: ${waiting}`);
      }
      await sleep(500);
    }
  }

  /** Compares everything, after `drain`. Devices must have stopped. */
  async check(): Promise<Verdict> {
    for (let attempt = 1; ; attempt += 1) {
      const gateways = await readGateways(this.stack);
      await this.#committed(gateways.journals);
      const shown = await this.#hub.stock();
      const hub = await readHub(this.stack);
      // What a timer posted while this read cannot be compared: read again.
      if (hub.postedLater(gateways.journals) && attempt < 5) continue;
      const differences = compare(gateways, hub, this.#truth(), shown);
      return judge([...differences, ...(await this.#quarantined())]);
    }
  }

  /**
   * Compares while everything runs: what was acknowledged and committed when the check began. What
   * it proved is forgotten, so that a run of any length keeps little.
   */
  async checkSoFar(): Promise<Verdict> {
    const { acknowledged } = this.#truth();
    const counts = new Map<string, number>();
    for (const [site, fleet] of this.#fleets) counts.set(site, fleet.acknowledged().length);
    const { gateways: now } = await this.status();
    const committed = new Map(
      this.stack.sites.map(({ layout }) => [
        layout.gateway,
        now.find(({ site }) => site === layout.site)?.committed ?? 0,
      ]),
    );
    const gateways = await readGateways(this.stack);
    const hub = await readHub(this.stack);
    // What the world made is asked last, or a journal might know more than the world had made.
    const world = { acknowledged, effects: this.#truth().effects, blind: [] };
    const verdict = judge(compare(gateways, hub, world, undefined, committed));
    if (verdict.lost === 0) {
      for (const [site, fleet] of this.#fleets) fleet.forget(counts.get(site) ?? 0);
    }
    return verdict;
  }

  async stop(): Promise<void> {
    clearInterval(this.#pump);
    await Promise.all([...this.#fleets.values()].map((fleet) => fleet.stop()));
    await this.stack.stop();
  }

  #step(): void {
    for (const emission of this.#world.step(Date.now() - this.#baseMs).emissions) {
      this.#fleets.get(emission.site)?.deliver(emission);
    }
  }

  async #quarantined(): Promise<Finding[]> {
    const findings = this.stack.sites.map(async ({ layout, api }) =>
      quarantineFindings(layout.gateway, await api.quarantine()),
    );
    return (await Promise.all(findings)).flat();
  }

  #waitingInDevices(): number {
    let waiting = 0;
    for (const fleet of this.#fleets.values()) waiting += fleet.waiting;
    return waiting;
  }

  #truth(): WorldTruth {
    const fleets = [...this.#fleets.values()];
    const unitsMade = new Map<string, number>();
    for (const { layout } of this.stack.sites) {
      for (const { id } of layout.conveyors) {
        for (const [counter, units] of this.#world.unitsMade(layout.site, id)) {
          unitsMade.set(effectKey(layout.gateway, id, counter), units);
        }
      }
    }
    return {
      acknowledged: fleets.flatMap((fleet) => fleet.acknowledged()),
      effects: {
        portalReads: new Map(fleets.flatMap((fleet) => [...fleet.portalReads()])),
        unitsMade,
      },
      blind: this.#blind.times(),
    };
  }

  /** Waits until the hub has receipted what was read of the journals. */
  async #committed(journals: readonly { gateway: string; lastSeq: number }[]): Promise<void> {
    const deadline = performance.now() + drainWithinMs;
    for (;;) {
      const { gateways } = await this.status();
      const behind = this.stack.sites.filter(({ layout }) => {
        const committed = gateways.find(({ site }) => site === layout.site)?.committed ?? 0;
        const journal = journals.find(({ gateway }) => gateway === layout.gateway);
        return committed < (journal?.lastSeq ?? 0);
      });
      if (behind.length === 0) return;
      if (performance.now() > deadline) {
        throw new Error(`the hub does not catch up with ${behind[0]?.layout.gateway}`);
      }
      await sleep(300);
    }
  }
}

/** What still waits, in words; undefined: nothing. */
function waitingOf({ waitingInDevices, gateways }: RunStatus): string | undefined {
  if (waitingInDevices > 0) return `${waitingInDevices} messages in devices`;
  for (const { site, up, intakeBacklog, journalled = 0, committed = 0 } of gateways) {
    if (!up) return `the gateway of ${site} is not up`;
    if (intakeBacklog !== 0) return `${intakeBacklog} intake entries at ${site}`;
    if (committed < journalled) return `${journalled - committed} events of ${site}`;
  }
  return undefined;
}
