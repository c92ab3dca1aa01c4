import type { Random } from '../prng.ts';
import type { Outlet } from './emission.ts';
import { encodeSgtin96, type Sgtin } from './sgtin96.ts';
import {
  portalKey,
  zoneKey,
  type PortalLayout,
  type PortalSide,
  type SiteLayout,
} from './site-layout.ts';

/** A tagged thing. `audibility` is how well its tag answers: metal and liquids shadow some. */
export interface Item {
  readonly epc: string;
  /** As on the tag, and printed on the label as well. */
  readonly sgtin: Sgtin;
  readonly audibility: number;
  /** Set by the radio: some antenna heard it since the pallet came to this place. */
  heard: boolean;
}

export interface Pallet {
  readonly items: readonly Item[];
  place: Place;
  leavesAtMs: number;
}

type Place =
  | { readonly type: 'portal'; readonly portal: PortalLayout; readonly side: PortalSide }
  | { readonly type: 'zone'; readonly zone: string; readonly role: 'dock' | 'store' | 'staging' };

/** How often goods come, and how much stood in the racks when the world began. */
export interface GoodsPlan {
  readonly itemsPerSecond: number;
  readonly residentItems: number;
}

const palletItems = { min: 4, max: 12 } as const;
const passSideMs = { min: 1200, max: 2000 } as const;
const dwellMs = { dock: [4000, 8000], store: [6000, 12_000], staging: [4000, 8000] } as const;
const moveWithinStoreChance = 0.2;
/** GS1 keeps prefix 952 for examples. */
const companyPrefix = 9_521_321;
const itemReferences = 12;

/**
 * The goods of one site and where each truly is: pallets come through an inbound door, wait at the
 * dock, stand in a rack, go to staging and leave. What stood there from the start stays.
 */
export class Goods {
  readonly #layout: SiteLayout;
  readonly #random: Random;
  readonly #outlet: Outlet;
  readonly #plan: GoodsPlan;
  readonly #serialBase: number;
  readonly #byPlace = new Map<string, Set<Pallet>>();
  #serials = 0;
  #nextArrivalMs = 500;

  constructor(layout: SiteLayout, plan: GoodsPlan, random: Random, outlet: Outlet) {
    this.#layout = layout;
    this.#plan = plan;
    this.#random = random;
    this.#outlet = outlet;
    // Serials of different sites must differ: one serial is one thing.
    this.#serialBase = siteNumber(layout.site) * 100_000_000;
  }

  /** Puts the goods that were there before anybody looked where antennas will see them. */
  fill(): void {
    const seen = new Set(
      this.#layout.readers.flatMap(({ antennas }) =>
        antennas.flatMap((antenna) => ('zone' in antenna ? [antenna.zone] : [])),
      ),
    );
    const zones = this.#layout.zones.filter(({ id }) => seen.has(id));
    const stores = zones.filter(({ role }) => role === 'store');
    if (zones.length === 0) return;
    let left = this.#plan.residentItems;
    while (left > 0) {
      const { id } = this.#random.pick(stores.length > 0 ? stores : zones);
      const pallet = this.#pallet(this.#inZone(id));
      pallet.leavesAtMs = Number.POSITIVE_INFINITY;
      this.#place(pallet);
      left -= pallet.items.length;
    }
  }

  /** Moves everything that is due at `atMs`. */
  tick(atMs: number): void {
    this.#arrive(atMs);
    const due: Pallet[] = [];
    for (const pallets of this.#byPlace.values()) {
      for (const pallet of pallets) if (pallet.leavesAtMs <= atMs) due.push(pallet);
    }
    for (const pallet of due) this.#advance(pallet, atMs);
  }

  /** The pallets at a place, by `placeKey`. */
  at(key: string): ReadonlySet<Pallet> {
    return this.#byPlace.get(key) ?? nothing;
  }

  #arrive(atMs: number): void {
    const doors = this.#layout.portals.filter((portal) => portal.flow === 'in');
    if (doors.length === 0 || this.#plan.itemsPerSecond <= 0) return;
    while (this.#nextArrivalMs <= atMs) {
      const portal = this.#random.pick(doors);
      const pallet = this.#pallet({ type: 'portal', portal, side: 'outside' });
      pallet.leavesAtMs = this.#nextArrivalMs + this.#spell(passSideMs.min, passSideMs.max);
      this.#place(pallet);
      const meanGapMs = (pallet.items.length / this.#plan.itemsPerSecond) * 1000;
      this.#nextArrivalMs += meanGapMs * this.#random.between(0.6, 1.4);
    }
  }

  #advance(pallet: Pallet, atMs: number): void {
    this.#byPlace.get(keyOf(pallet.place))?.delete(pallet);
    this.#noteUnread(pallet, atMs);
    const from = pallet.place;
    const next = this.#next(from);
    if (next === undefined) {
      for (const { epc } of pallet.items) this.#note('left', epc, atMs);
      return;
    }
    this.#notePassage(pallet, from, next, atMs);
    pallet.place = next;
    pallet.leavesAtMs = atMs + this.#stay(next);
    for (const item of pallet.items) item.heard = false;
    this.#place(pallet);
  }

  /** Where goods go from a place; undefined: out of the world. */
  #next(from: Place): Place | undefined {
    if (from.type === 'portal') {
      const { portal, side } = from;
      const towards: PortalSide = portal.flow === 'in' ? 'inside' : 'outside';
      if (side !== towards) return { type: 'portal', portal, side: towards };
      return portal.flow === 'in' ? this.#inZone(portal.zone) : undefined;
    }
    if (from.role === 'dock') return this.#zoneOf('store') ?? this.#zoneOf('staging') ?? from;
    if (from.role === 'store') {
      const wanders = this.#random.chance(moveWithinStoreChance);
      return (wanders ? this.#zoneOf('store') : this.#zoneOf('staging')) ?? from;
    }
    const doors = this.#layout.portals.filter(
      (portal) => portal.flow === 'out' && portal.zone === from.zone,
    );
    return doors.length === 0
      ? from
      : { type: 'portal', portal: this.#random.pick(doors), side: 'inside' };
  }

  #zoneOf(role: 'store' | 'staging'): Place | undefined {
    const zones = this.#layout.zones.filter((zone) => zone.role === role);
    return zones.length === 0 ? undefined : this.#inZone(this.#random.pick(zones).id);
  }

  #inZone(zone: string): Place {
    const role = this.#layout.zones.find(({ id }) => id === zone)?.role ?? 'store';
    return { type: 'zone', zone, role };
  }

  #stay(place: Place): number {
    if (place.type === 'portal') return this.#spell(passSideMs.min, passSideMs.max);
    const [min, max] = dwellMs[place.role];
    return this.#spell(min, max);
  }

  #spell(min: number, max: number): number {
    return Math.round(this.#random.between(min, max));
  }

  #notePassage(pallet: Pallet, from: Place, to: Place, atMs: number): void {
    for (const { epc } of pallet.items) {
      if (from.type === 'portal' && to.type === 'zone') this.#note('arrived', epc, atMs);
      if (from.type !== 'zone' || to.type !== 'zone' || from.zone === to.zone) continue;
      const site = this.#layout.site;
      this.#outlet.note({ type: 'moved', site, atMs, epc, fromZone: from.zone, zone: to.zone });
    }
  }

  #noteUnread(pallet: Pallet, atMs: number): void {
    const { place } = pallet;
    if (place.type !== 'portal') return;
    const { site } = this.#layout;
    for (const { epc, heard } of pallet.items) {
      if (heard) continue;
      const portal = place.portal.id;
      this.#outlet.note({ type: 'unread', site, atMs, epc, portal, side: place.side });
    }
  }

  #note(type: 'arrived' | 'left', epc: string, atMs: number): void {
    this.#outlet.note({ type, site: this.#layout.site, atMs, epc });
  }

  #pallet(place: Place): Pallet {
    const count = palletItems.min + this.#random.below(palletItems.max - palletItems.min + 1);
    return { items: Array.from({ length: count }, () => this.#item()), place, leavesAtMs: 0 };
  }

  #item(): Item {
    this.#serials += 1;
    const sgtin: Sgtin = {
      companyPrefix,
      itemReference: 100_001 + this.#random.below(itemReferences),
      serial: this.#serialBase + this.#serials,
    };
    const shadowed = this.#random.chance(0.02);
    const audibility = shadowed ? 0.05 : this.#random.between(0.7, 0.95);
    return { epc: encodeSgtin96(sgtin), sgtin, audibility, heard: false };
  }

  #place(pallet: Pallet): void {
    const key = keyOf(pallet.place);
    const pallets = this.#byPlace.get(key);
    if (pallets === undefined) this.#byPlace.set(key, new Set([pallet]));
    else pallets.add(pallet);
  }
}

const nothing: ReadonlySet<Pallet> = new Set();

function keyOf(place: Place): string {
  return place.type === 'zone' ? zoneKey(place.zone) : portalKey(place.portal.id, place.side);
}

function siteNumber(site: string): number {
  const digits = /(\d+)$/.exec(site)?.[1];
  if (digits !== undefined) return Number(digits) % 2000;
  let sum = 0;
  for (const letter of site) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 2000;
  return sum;
}
