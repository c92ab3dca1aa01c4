import { setTimeout as sleep } from 'node:timers/promises';
import { effectKey, type TrueEffects } from '../check/effects-fold.ts';
import type { Finding } from '../check/finding.ts';
import { quarantineFindings } from '../check/quarantine-findings.ts';
import { judge, type Verdict } from '../check/verdict.ts';
import { Fleet, type DeviceTally } from '../fleet.ts';
import type { CutMode } from '../link.ts';
import type { GatewayStatus } from '../stack/gateway-client.ts';
import { HubClient } from '../stack/hub-client.ts';
import { createRandom } from '../prng.ts';
import { Stack } from '../stack/stack.ts';
import { planSite } from '../world/plan-site.ts';
import type { SiteLayout } from '../world/site-layout.ts';
import { World } from '../world/world.ts';
import { BlindTimes } from './blind-times.ts';
import { compare, readGateways, readHub, type WorldTruth } from './gather.ts';
import { LiveCheck, type LiveVerdict } from './live-check.ts';

export interface RunPlan {
  /** An empty folder for everything that the processes write. */
  readonly dir: string;
  readonly sites: number;
  readonly readers: number;
  /** Tag reads per second at each site. */
  readonly rate: number;
  readonly seed: number;
  /** Goes on until it is stopped, so that what a live check has proved need not be kept. */
  readonly endless?: boolean;
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
const serverDown = 'server down';
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
  readonly #live: LiveCheck;
  /** Site → how many acknowledged messages live checks have looked up. */
  readonly #lookedUp = new Map<string, number>();

  private constructor(plan: RunPlan, stack: Stack, blind: BlindTimes) {
    this.plan = plan;
    this.stack = stack;
    this.#blind = blind;
    this.#baseMs = Date.now();
    const sites = stack.sites.map(({ layout }) => layout);
    this.#world = new World({ seed: plan.seed, sites, ratePerSite: plan.rate });
    this.#fleets = new Map(
      stack.sites.map(({ layout, files, polled, gateway }) => {
        const faulty = () => !gateway.isReady;
        const { access } = files;
        const random = createRandom(plan.seed, `${layout.site}/answers`);
        const options = { layout, access, polled, faulty, random, baseMs: this.#baseMs };
        return [layout.site, new Fleet(options)];
      }),
    );
    this.#live = new LiveCheck(stack);
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
      return [layout?.gateway ?? '', layout === undefined ? [] : polledDevices(layout)] as const;
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

  /** The OPC UA servers of a site go down and come back; plain counters begin at zero again. */
  async restartServers(site: string, downMs: number): Promise<void> {
    const { polled, layout } = this.stack.site(site);
    const servers = polled.map(({ server }) => server);
    const devices = polledDevices(layout);
    this.#blind.begin(layout.gateway, devices, serverDown, Date.now());
    await Promise.all(servers.map((server) => server.stop()));
    await sleep(downMs);
    for (const { id, profile } of layout.conveyors) {
      if (profile === 'plc-counter') this.#world.restartConveyor(site, id);
    }
    for (const server of servers) await server.start();
    this.#blind.end(layout.gateway, devices, serverDown, Date.now());
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
      const seen = new Set(differences.map(({ what }) => what));
      const before = this.#live.found().filter(({ what }) => !seen.has(what));
      return judge([...differences, ...before, ...(await this.#quarantined())]);
    }
  }

  /** Compares while everything runs; see `LiveCheck`. One at a time. */
  async checkSoFar(): Promise<LiveVerdict> {
    const due = [...this.#fleets].map(([site, fleet]) => ({
      site,
      fleet,
      records: fleet.acknowledgedFrom(this.#lookedUp.get(site) ?? 0),
      until: fleet.acknowledged,
    }));
    const acknowledged = due.flatMap(({ records }) => records);
    const { gateways } = await this.status();
    const committed = new Map(
      this.stack.sites.map(({ layout }) => [
        layout.gateway,
        gateways.find(({ site }) => site === layout.site)?.committed ?? 0,
      ]),
    );
    const verdict = await this.#live.run({ acknowledged, committed }, () => this.#effects());
    for (const { site, fleet, until } of due) {
      this.#lookedUp.set(site, until);
      if (this.plan.endless === true) fleet.forgetBefore(until);
    }
    return verdict;
  }

  /** What each device did, site by site. */
  tallies(): readonly DeviceTally[] {
    return [...this.#fleets.values()].flatMap((fleet) => fleet.tallies());
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
    const sites = [...this.#fleets].map(([site, fleet]) => ({
      fleet,
      gateway: this.stack.site(site).layout.gateway,
    }));
    return {
      acknowledged: sites.flatMap(({ fleet }) => fleet.acknowledgedFrom(0)),
      effects: this.#effects(),
      blind: this.#blind.times(),
      given: sites.flatMap(({ fleet, gateway }) =>
        fleet.tallies().map(({ device, made, polled, uncovered }) => {
          return { gateway, device, polled, messages: made - uncovered };
        }),
      ),
    };
  }

  #effects(): TrueEffects {
    const all = [...this.#fleets.values()].map(({ truth }) => truth.effects());
    const merged = (of: (one: (typeof all)[number]) => ReadonlyMap<string, number>) =>
      new Map(all.flatMap((one) => [...of(one)]));
    const unitsMade = new Map<string, number>();
    for (const { layout } of this.stack.sites) {
      for (const { id } of layout.conveyors) {
        for (const [counter, units] of this.#world.unitsMade(layout.site, id)) {
          unitsMade.set(effectKey(layout.gateway, id, counter), units);
        }
      }
    }
    return {
      unitsMade,
      portalReads: merged(({ portalReads }) => portalReads),
      scansMade: merged(({ scansMade }) => scansMade),
      scansAcknowledged: merged(({ scansAcknowledged }) => scansAcknowledged),
      inputChanges: merged(({ inputChanges }) => inputChanges),
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

function polledDevices({ conveyors, readers }: SiteLayout): string[] {
  const polled = readers.filter(({ profile }) => profile === 'autoid-rfid');
  return [...conveyors, ...polled].map(({ id }) => id);
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
