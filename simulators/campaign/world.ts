import { unreachable } from '#contracts/assert.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { defaultTenant, parseGatewayId, parseSiteId } from '#contracts/ids.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { SiteConfigText } from '../../edge/config/site-config.ts';
import { createRandom } from '../prng.ts';
import { campaignSite } from './campaign-site.ts';
import { FakePerson, FakeScanner } from './fake-devices.ts';
import { Died, DiskError, FakeDisk, type DiskFault, type DiskOperation } from './fake-disk.ts';
import { openFakeStores, type OpenStores } from './fake-gateway-stores.ts';
import { FakeNats } from './fake-nats.ts';
import { fakePublicKey } from './fake-signatures.ts';
import { newLink, type Link } from './fake-wire.ts';
import { GatewayProcess } from './gateway-node.ts';
import { HubProcess } from './hub-node.ts';
import { RunLog } from './run-log.ts';
import { faultText, type Machine, type PlannedFault, type Schedule } from './schedule.ts';
import { MachineTime, VirtualTime } from './virtual-time.ts';

/** Wall clocks begin here. */
const beginsMs = Date.UTC(2026, 10, 22, 8);
const restartMs = 1_000;
const slowMs = 2_000;
const hubKey = fakePublicKey('hub');

/** A machine: its time, its disk, its link, and the process that runs on it now. */
export interface Host<P> {
  readonly name: Machine;
  readonly time: MachineTime;
  readonly disk: FakeDisk;
  readonly link: Link;
  process: P | undefined;
  /** Also while the process starts. */
  isUp: boolean;
  /** Since when a backup was put back, which may have lost what was acknowledged. */
  restoredFromMs: number | undefined;
  /** Another box had its identity for a while: the hub may have the other's history. */
  wasCloned: boolean;
}

export interface Site {
  readonly address: GatewayAddress;
  readonly config: SiteConfigText;
  readonly host: Host<GatewayProcess>;
  readonly scanners: readonly FakeScanner[];
  readonly person: FakePerson;
}

/** What the world tells whoever judges it. */
export interface WorldListener {
  /** The hub signed a receipt. */
  signed(gateway: string, text: string): void;
  /** What no fault explains. */
  failed(machine: string, error: unknown): void;
}

/** Two gateways, their devices and people, a server and a hub, and everything that befalls them. */
export class World {
  readonly schedule: Schedule;
  readonly time = new VirtualTime();
  readonly log: RunLog;
  readonly nats: FakeNats;
  readonly hub: Host<HubProcess>;
  readonly sites: readonly Site[];
  /** Faults that came about: those of disks only where there were so many operations. */
  readonly befallen: PlannedFault[] = [];
  readonly #listener: WorldListener;
  readonly #openStores: OpenStores;
  readonly #diskFaults = new Map<string, PlannedFault & { readonly kind: 'disk' }>();
  #isHealed = false;

  constructor(schedule: Schedule, listener: WorldListener, openStores = openFakeStores) {
    this.schedule = schedule;
    this.#openStores = openStores;
    this.#listener = listener;
    this.log = new RunLog(() => this.time.nowMs);
    this.nats = new FakeNats(this.time, createRandom(schedule.seed, 'nats'), schedule.nats);
    for (const fault of schedule.faults) {
      if (fault.kind === 'disk') {
        this.#diskFaults.set(`${fault.machine} ${fault.operation}`, fault);
      }
    }
    this.hub = this.#host('hub');
    this.sites = (['gw-1', 'gw-2'] as const).map((name) => this.#site(name));
  }

  /** Starts everything, and plans what everybody does and what goes wrong. */
  start(): void {
    this.#startHub();
    for (const site of this.sites) {
      this.#startGateway(site);
      this.#planWork(site);
    }
    for (const fault of this.schedule.faults) this.#plan(fault);
  }

  /** No fault from now on; whatever is down comes up. */
  heal(): void {
    this.#isHealed = true;
    this.nats.start();
    for (const { link, disk } of this.#hosts()) {
      link.cutUntilMs = { up: 0, down: 0 };
      disk.isFull = false;
    }
  }

  #hosts(): Host<unknown>[] {
    return [this.hub, ...this.sites.map(({ host }) => host)];
  }

  #hostOf(name: Machine): Host<unknown> {
    return this.#hosts().find((host) => host.name === name) ?? this.hub;
  }

  /** @param role of a box beside the one of that name, which nothing befalls */
  #host<P>(name: Machine, role?: 'clone'): Host<P> {
    const { seed, latencyMs } = this.schedule;
    const time = new MachineTime(this.time, beginsMs, (error) => this.#escaped(name, error));
    const disk = new FakeDisk(
      {
        faultAt: (operation) => (role === undefined ? this.#faultAt(name, operation) : undefined),
        killed: () => this.#down(name, restartMs),
        powerCut: () => this.#cutPower(name, restartMs),
        slowed: () => time.stall(slowMs),
      },
      createRandom(seed, `disk of ${name}${role ?? ''}`),
    );
    const link = newLink(latencyMs.min, latencyMs.max);
    return {
      name,
      time,
      disk,
      link,
      process: undefined,
      isUp: false,
      restoredFromMs: undefined,
      wasCloned: false,
    };
  }

  #site(name: 'gw-1' | 'gw-2'): Site {
    const { seed, deviceRepeats } = this.schedule;
    const address: GatewayAddress = {
      tenant: defaultTenant,
      site: parseSiteId(`site-${name}`),
      gateway: parseGatewayId(name),
    };
    const host = this.#host<GatewayProcess>(name);
    const reached = () => host.process;
    const scanners = ['scan-a', 'scan-b'].map(
      (device) =>
        new FakeScanner({
          device,
          time: this.time,
          random: createRandom(seed, `${name} ${device}`),
          link: newLink(0.5, 30),
          reached,
          repeats: deviceRepeats,
        }),
    );
    const person = new FakePerson({
      person: 'mia',
      time: this.time,
      random: createRandom(seed, `${name} mia`),
      reached,
      nowMs: () => host.time.nowMs(),
    });
    return { address, config: campaignSite(address), host, scanners, person };
  }

  #planWork({ scanners, person, host }: Site): void {
    const { acts, durationMs, scans, seed } = this.schedule;
    const random = createRandom(seed, `work of ${host.name}`);
    for (let scan = 0; scan < scans; scan += 1) {
      const scanner = random.pick(scanners);
      this.time.at(random.below(durationMs), () => scanner.scan());
    }
    for (let act = 0; act < acts; act += 1) {
      this.time.at(random.below(durationMs), () => person.receive());
    }
  }

  #startHub(): void {
    const { disk, link, time } = this.hub;
    this.hub.isUp = true;
    const gateways = this.sites.map(({ address }) => ({
      address,
      gateway: address.gateway,
      site: address.site,
      key: fakePublicKey(address.gateway),
      retiring: undefined,
      former: [],
    }));
    try {
      const process = new HubProcess({
        publicKey: hubKey,
        gateways,
        disk: disk.mount(),
        time,
        link,
        nats: this.nats,
        log: this.log.of('hub'),
        signed: (gateway, text) => this.#listener.signed(gateway, text),
        fatal: () => this.#down('hub', restartMs),
      });
      this.hub.process = process;
      process.start().catch((error: unknown) => this.#escaped('hub', error));
    } catch (error) {
      this.#escaped('hub', error);
    }
  }

  #startGateway({ address, host, config }: Site): void {
    const { disk, link, name, time } = host;
    host.isUp = true;
    try {
      host.process = new GatewayProcess({
        address,
        site: config,
        hubPublicKey: hubKey,
        disk: disk.mount(),
        openStores: this.#openStores,
        time,
        link,
        nats: this.nats,
        random: createRandom(this.schedule.seed, `${name} ${this.time.nowMs}`),
        log: this.log.of(name),
        fatal: () => this.#down(name, restartMs),
      });
    } catch (error) {
      this.#escaped(name, error);
    }
  }

  /** A process that died, or whose disk failed, may throw what it likes. */
  #escaped(name: Machine, error: unknown): void {
    if (error instanceof Died) return;
    if (error instanceof DiskError || error instanceof Fault) {
      this.log.say(name, `ends: ${messageOf(error)}`);
      if (!(error instanceof Fault) || error.code.startsWith('STORE_')) {
        this.#down(name, restartMs);
        return;
      }
    }
    this.#listener.failed(name, error);
  }

  #faultAt(machine: Machine, { number }: DiskOperation): DiskFault | undefined {
    const planned = this.#diskFaults.get(`${machine} ${number}`);
    if (planned === undefined || this.#isHealed) return undefined;
    this.#befalls(planned);
    return planned.fault;
  }

  #befalls(fault: PlannedFault): void {
    this.befallen.push(fault);
    this.log.say('fault', faultText(fault));
  }

  #plan(fault: PlannedFault): void {
    if (fault.kind === 'disk') return;
    if (fault.kind === 'restored') this.#planBackup(fault);
    if (fault.kind === 'cloned') this.#planClone(fault);
    this.time.at(fault.atMs, () => {
      this.#befalls(fault);
      this.#befall(fault);
    });
  }

  #befall(fault: Exclude<PlannedFault, { kind: 'disk' }>): void {
    switch (fault.kind) {
      case 'kill':
        if (fault.machine === 'nats') this.#natsDown(() => this.nats.kill(), fault.forMs);
        else this.#down(fault.machine, fault.forMs);
        break;
      case 'power-cut':
        if (fault.machine === 'nats') this.#natsDown(() => this.nats.cutPower(), fault.forMs);
        else this.#cutPower(fault.machine, fault.forMs);
        break;
      case 'pause':
        this.#hostOf(fault.machine).time.stall(fault.forMs);
        break;
      case 'disk-full': {
        const { disk } = this.#hostOf(fault.machine);
        disk.isFull = true;
        this.time.after(fault.forMs, () => (disk.isFull = false));
        break;
      }
      case 'partition': {
        const { link } = this.#hostOf(fault.machine);
        const untilMs = this.time.nowMs + fault.forMs;
        if (fault.ways !== 'down') link.cutUntilMs.up = untilMs;
        if (fault.ways !== 'up') link.cutUntilMs.down = untilMs;
        break;
      }
      case 'clock-step':
        this.#hostOf(fault.machine).time.stepClock(fault.byMs);
        break;
      case 'stream-wiped':
        this.nats.wipe();
        break;
      case 'devices-unplugged': {
        const site = this.sites.find(({ host }) => host.name === fault.machine);
        for (const scanner of site?.scanners ?? []) scanner.unplug();
        break;
      }
      case 'restored':
      case 'cloned':
        break;
      default:
        unreachable(fault);
    }
  }

  /** Of one moment, put back at another: the machine is off meanwhile. */
  #planBackup({ fromMs, atMs, machine, what }: PlannedFault & { readonly kind: 'restored' }): void {
    const host = this.#hostOf(machine);
    this.time.at(fromMs, () => {
      const backup = host.disk.backup();
      this.time.at(atMs, () => {
        this.#down(machine, restartMs);
        host.disk.restore(backup, what === 'journal' ? ['journal'] : undefined);
        if (what === 'all') host.restoredFromMs = Math.min(host.restoredFromMs ?? fromMs, fromMs);
      });
    });
  }

  /** The copy has no devices: what it says is that it started, and that time passes. */
  #planClone({ fromMs, atMs, forMs, machine }: PlannedFault & { readonly kind: 'cloned' }): void {
    const site = this.sites.find(({ host }) => host.name === machine);
    if (site === undefined) return;
    this.time.at(fromMs, () => {
      const backup = site.host.disk.backup();
      this.time.at(atMs, () => {
        site.host.wasCloned = true;
        const clone = this.#host<GatewayProcess>(machine, 'clone');
        clone.disk.restore(backup, [...backup.keys()]);
        this.#startGateway({ ...site, host: clone });
        this.time.after(forMs, () => {
          clone.time.die();
          clone.disk.unmount();
        });
      });
    });
  }

  #natsDown(fall: () => void, forMs: number): void {
    if (!this.nats.isUp) return;
    fall();
    this.time.after(forMs, () => this.nats.start());
  }

  #cutPower(name: Machine, forMs: number): void {
    this.#down(name, forMs);
    this.#hostOf(name).disk.cutPower();
  }

  #down(name: Machine, forMs: number): void {
    const host = this.#hostOf(name);
    if (!host.isUp) return;
    host.isUp = false;
    host.process = undefined;
    host.time.die();
    host.disk.unmount();
    this.time.after(1, () => this.nats.reset(name));
    const start = () => {
      if (host.isUp) return;
      const site = this.sites.find((one) => one.host === host);
      if (site === undefined) this.#startHub();
      else this.#startGateway(site);
    };
    this.time.after(forMs, start);
  }
}
