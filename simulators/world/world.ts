import { createRandom } from '../prng.ts';
import { Climate } from './climate.ts';
import { Conveyor } from './conveyor.ts';
import type { Emission, Outlet, Truth } from './emission.ts';
import { Goods } from './goods.ts';
import { PhotoEyes } from './photo-eyes.ts';
import { Radio, roundMs } from './radio.ts';
import { Scanning } from './scanning.ts';
import type { SiteLayout } from './site-layout.ts';

export interface WorldPlan {
  readonly seed: number;
  readonly sites: readonly SiteLayout[];
  /** Tag reads per second at each site, all its readers together. */
  readonly ratePerSite: number;
}

/** What the world counts of itself. */
export interface WorldTally {
  /** Messages that devices had to send, and samples that controllers showed. */
  emissions: number;
  arrived: number;
  left: number;
  moved: number;
  unread: number;
  crossReads: number;
  strays: number;
  excursions: number;
}

/** A door takes about this many reads a pass on each side, so doors get this share of the rate. */
const portalShare = 0.3;
const readsPerPassage = 2 * 12;
/** A resident tag is heard about this often. */
const residentPeriodSeconds = 6;

interface SiteWorld {
  readonly goods: Goods;
  readonly radio: Radio;
  readonly eyes: PhotoEyes;
  readonly scanning: Scanning;
  readonly climate: Climate;
  readonly conveyors: ReadonlyMap<string, Conveyor>;
}

/**
 * The seeded warehouse world: ground truth for everything that is later claimed about it. It knows
 * virtual time only and does no I/O. Equal plans give equal emissions, however the time is cut.
 */
export class World {
  readonly #plan: WorldPlan;
  readonly #sites = new Map<string, SiteWorld>();
  readonly #outlet: Outlet;
  readonly #tally: WorldTally = {
    emissions: 0,
    arrived: 0,
    left: 0,
    moved: 0,
    unread: 0,
    crossReads: 0,
    strays: 0,
    excursions: 0,
  };
  #emissions: Emission[] = [];
  #truths: Truth[] = [];
  #nowMs = 0;

  constructor(plan: WorldPlan) {
    this.#plan = plan;
    this.#outlet = {
      emit: (emission) => {
        this.#tally.emissions += 1;
        this.#emissions.push(emission);
      },
      note: (truth) => {
        count(this.#tally, truth);
        this.#truths.push(truth);
      },
    };
    for (const layout of plan.sites) this.#sites.set(layout.site, this.#build(layout));
  }

  /** Lives on to `toMs` and tells what the devices have to say and what truly happened. */
  step(toMs: number): {
    readonly emissions: readonly Emission[];
    readonly truths: readonly Truth[];
  } {
    while (this.#nowMs + roundMs <= toMs) {
      this.#nowMs += roundMs;
      for (const site of this.#sites.values()) {
        site.goods.tick(this.#nowMs);
        site.radio.tick(this.#nowMs);
        site.eyes.tick(this.#nowMs);
        site.scanning.tick(this.#nowMs);
        site.climate.tick(this.#nowMs);
        for (const conveyor of site.conveyors.values()) conveyor.tick(this.#nowMs);
      }
    }
    const told = { emissions: this.#emissions, truths: this.#truths };
    this.#emissions = [];
    this.#truths = [];
    return told;
  }

  /** A conveyor's controller loses power: an input from outside, as the plan does not foresee it. */
  restartConveyor(site: string, device: string): void {
    this.#sites.get(site)?.conveyors.get(device)?.restart(this.#nowMs);
  }

  /** Units that truly passed a conveyor, by counter. */
  unitsMade(site: string, device: string): ReadonlyMap<string, number> {
    return this.#sites.get(site)?.conveyors.get(device)?.made() ?? new Map<string, number>();
  }

  tally(): Readonly<WorldTally> {
    return this.#tally;
  }

  /** Readings that were never made or made by the wrong antenna. */
  misread(): number {
    return this.#tally.unread + this.#tally.crossReads;
  }

  #build(layout: SiteLayout): SiteWorld {
    const { seed, ratePerSite } = this.#plan;
    const random = (part: string) => createRandom(seed, `${layout.site}/${part}`);
    const hasDoors = layout.portals.some((portal) => portal.flow === 'in');
    const doorReads = hasDoors ? ratePerSite * portalShare : 0;
    const zoneReads = ratePerSite - doorReads;
    const goodsPlan = {
      itemsPerSecond: doorReads / readsPerPassage,
      residentItems: Math.ceil(zoneReads * residentPeriodSeconds),
    };
    const goods = new Goods(layout, goodsPlan, random('goods'), this.#outlet);
    goods.fill();
    const conveyor = (of: SiteLayout['conveyors'][number]) =>
      new Conveyor(layout.site, of, random(of.id), this.#outlet);
    return {
      goods,
      radio: new Radio(layout, goods, ratePerSite, random('radio'), this.#outlet),
      eyes: new PhotoEyes(layout, goods, this.#outlet),
      scanning: new Scanning(layout, goods, random('scanning'), this.#outlet),
      climate: new Climate(layout, random('climate'), this.#outlet),
      conveyors: new Map(layout.conveyors.map((of) => [of.id, conveyor(of)])),
    };
  }
}

function count(tally: WorldTally, truth: Truth): void {
  switch (truth.type) {
    case 'cross-read':
      tally.crossReads += 1;
      break;
    case 'stray':
      tally.strays += 1;
      break;
    case 'excursion':
      tally.excursions += 1;
      break;
    default:
      tally[truth.type] += 1;
  }
}
