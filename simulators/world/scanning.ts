import type { Random } from '../prng.ts';
import type { Label, Outlet } from './emission.ts';
import type { Goods } from './goods.ts';
import { zoneKey, type SiteLayout } from './site-layout.ts';

/** How long somebody takes from one scan to the next. */
const pauseMs = { min: 1500, max: 4500 } as const;
const shelfChance = 0.15;
/** Now and then two labels are read before the scanner sends. */
const pairChance = 0.2;

interface Person {
  readonly device: string;
  readonly zone: string;
  nextMs: number;
  emissions: number;
}

/** People who scan labels of what truly stands in front of them, and of shelves. */
export class Scanning {
  readonly #layout: SiteLayout;
  readonly #goods: Goods;
  readonly #random: Random;
  readonly #outlet: Outlet;
  readonly #people: readonly Person[];

  constructor(layout: SiteLayout, goods: Goods, random: Random, outlet: Outlet) {
    this.#layout = layout;
    this.#goods = goods;
    this.#random = random;
    this.#outlet = outlet;
    const handhelds = layout.readers.flatMap(({ id, scansIn }) =>
      scansIn === undefined ? [] : [{ device: id, zone: scansIn }],
    );
    const scanners = layout.scanners.map(({ id, zone }) => ({ device: id, zone }));
    this.#people = [...handhelds, ...scanners].map((at) => ({
      ...at,
      nextMs: this.#pause(),
      emissions: 0,
    }));
  }

  tick(atMs: number): void {
    for (const person of this.#people) {
      if (atMs < person.nextMs) continue;
      person.nextMs = atMs + this.#pause();
      person.emissions += 1;
      const count = this.#random.chance(pairChance) ? 2 : 1;
      this.#outlet.emit({
        type: 'scans',
        site: this.#layout.site,
        device: person.device,
        atMs,
        number: person.emissions,
        labels: Array.from({ length: count }, () => this.#label(person.zone)),
        chance: this.#random.below(2 ** 32),
      });
    }
  }

  #label(zone: string): Label {
    const pallets = [...this.#goods.at(zoneKey(zone))];
    if (pallets.length === 0 || this.#random.chance(shelfChance)) {
      return { type: 'shelf', text: `SHELF ${zone}-${1 + this.#random.below(40)}` };
    }
    return { type: 'item', sgtin: this.#random.pick(this.#random.pick(pallets).items).sgtin };
  }

  #pause(): number {
    return Math.round(this.#random.between(pauseMs.min, pauseMs.max));
  }
}
