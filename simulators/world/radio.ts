import type { Random } from '../prng.ts';
import type { Outlet, TagRead } from './emission.ts';
import type { Goods, Item, Pallet } from './goods.ts';
import {
  placeKey,
  portalKey,
  zoneKey,
  type AntennaLayout,
  type ReaderLayout,
  type SiteLayout,
} from './site-layout.ts';

/** One inventory round of a portal's antennas. */
export const roundMs = 200;
const overreachChance = 0.004;
const strayChance = 0.002;
const readsPerMessage = 4;

/** Tags that are no goods of ours: a TID in place of an EPC, an empty tag, a truncated one. */
const strays = ['E2801160600002084F1A2B3C', '000000000000000000000000', '3074257BF719'] as const;

/** An antenna that looks into a zone, and whose it is. */
interface ZoneAntenna {
  readonly reader: ReaderLayout;
  readonly antenna: number;
  readonly zone: string;
}

/**
 * What the readers of one site hear. At a portal every round asks every tag there; what is left of
 * the site's read rate goes to random samples of the zones. Antennas overreach now and then: weaker,
 * and noted as a cross-read.
 */
export class Radio {
  readonly #layout: SiteLayout;
  readonly #goods: Goods;
  readonly #random: Random;
  readonly #outlet: Outlet;
  readonly #readsPerRound: number;
  readonly #zoneAntennas: readonly ZoneAntenna[];
  readonly #messages = new Map<string, number>();
  /** Reads that the rate asks for and nobody has made yet; below zero after a rush at a door. */
  #owed = 0;

  /** @param readsPerSecond of all readers of the site together. */
  constructor(
    layout: SiteLayout,
    goods: Goods,
    readsPerSecond: number,
    random: Random,
    outlet: Outlet,
  ) {
    this.#layout = layout;
    this.#goods = goods;
    this.#random = random;
    this.#outlet = outlet;
    this.#readsPerRound = (readsPerSecond * roundMs) / 1000;
    this.#zoneAntennas = layout.readers.flatMap((reader) =>
      reader.antennas.flatMap((of) =>
        'zone' in of ? [{ reader, antenna: of.antenna, zone: of.zone }] : [],
      ),
    );
  }

  /** One round of every reader. Call every `roundMs`. */
  tick(atMs: number): void {
    // Where nothing can be read, what is owed is not saved up for a rush.
    this.#owed = Math.min(this.#owed, 2 * this.#readsPerRound) + this.#readsPerRound;
    const heard = new Map<ReaderLayout, TagRead[]>();
    for (const reader of this.#layout.readers) {
      const reads: TagRead[] = [];
      for (const antenna of reader.antennas) {
        if (!('zone' in antenna)) this.#askPortal(reader, antenna, atMs, reads);
      }
      this.#owed -= reads.length;
      heard.set(reader, reads);
    }
    this.#sampleZones(atMs, heard);
    for (const [reader, reads] of heard) this.#emit(reader, atMs, reads);
  }

  #askPortal(
    reader: ReaderLayout,
    antenna: Extract<AntennaLayout, { portal: string }>,
    atMs: number,
    reads: TagRead[],
  ): void {
    for (const item of itemsOf(this.#goods.at(placeKey(antenna)))) {
      if (this.#random.chance(item.audibility)) reads.push(this.#near(item, antenna.antenna));
    }
    const side = antenna.side === 'inside' ? 'outside' : 'inside';
    for (const item of itemsOf(this.#goods.at(portalKey(antenna.portal, side)))) {
      if (!this.#random.chance(item.audibility * overreachChance)) continue;
      reads.push(this.#far(reader, item, antenna.antenna, atMs));
    }
    if (reads.length > 0 && this.#random.chance(strayChance)) {
      const epc = this.#random.pick(strays);
      this.#outlet.note({ type: 'stray', site: this.#layout.site, atMs, epc });
      reads.push({ epc, antenna: antenna.antenna, rssiCdbm: this.#rssi(-6500), seen: 1 });
    }
  }

  #sampleZones(atMs: number, heard: ReadonlyMap<ReaderLayout, TagRead[]>): void {
    const pallets = new Map(
      this.#layout.zones.map(({ id }) => [id, [...this.#goods.at(zoneKey(id))]]),
    );
    const anyItem = (zone: string) =>
      this.#random.pick(this.#random.pick(pallets.get(zone) ?? []).items);
    const filled = (zone: string) => (pallets.get(zone) ?? []).length > 0;
    const antennas = this.#zoneAntennas.filter(({ zone }) => filled(zone));
    // Tags that answer badly cost more than one try.
    for (
      let tries = 3 * this.#owed;
      antennas.length > 0 && this.#owed >= 1 && tries > 0;
      tries -= 1
    ) {
      const { reader, antenna, zone } = this.#random.pick(antennas);
      const overreaches = this.#random.chance(overreachChance);
      const elsewhere = overreaches
        ? this.#layout.zones.filter(({ id }) => id !== zone && filled(id))
        : [];
      const item = anyItem(elsewhere.length > 0 ? this.#random.pick(elsewhere).id : zone);
      if (!this.#random.chance(item.audibility)) continue;
      const read =
        elsewhere.length > 0 ? this.#far(reader, item, antenna, atMs) : this.#near(item, antenna);
      heard.get(reader)?.push(read);
      this.#owed -= 1;
    }
  }

  #near(item: Item, antenna: number): TagRead {
    item.heard = true;
    return {
      epc: item.epc,
      antenna,
      rssiCdbm: this.#rssi(-4800),
      seen: 1 + this.#random.below(3),
    };
  }

  #far(reader: ReaderLayout, item: Item, antenna: number, atMs: number): TagRead {
    const { site } = this.#layout;
    this.#outlet.note({ type: 'cross-read', site, atMs, epc: item.epc, device: reader.id });
    return { epc: item.epc, antenna, rssiCdbm: this.#rssi(-7000), seen: 1 };
  }

  #rssi(meanCdbm: number): number {
    return Math.round(meanCdbm + 300 * this.#random.normal());
  }

  /** Most messages carry one tag; a busy round also sends several together, as real readers do. */
  #emit(reader: ReaderLayout, atMs: number, reads: readonly TagRead[]): void {
    for (let index = 0; index < reads.length;) {
      const together = this.#random.chance(0.1) ? readsPerMessage : 1;
      const number = (this.#messages.get(reader.id) ?? 0) + 1;
      this.#messages.set(reader.id, number);
      this.#outlet.emit({
        type: 'tags',
        site: this.#layout.site,
        device: reader.id,
        atMs,
        number,
        reads: reads.slice(index, index + together),
      });
      index += together;
    }
  }
}

function* itemsOf(pallets: ReadonlySet<Pallet>): Iterable<Item> {
  for (const pallet of pallets) yield* pallet.items;
}
