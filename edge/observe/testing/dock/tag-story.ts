import {
  doorCount,
  neighbourZone,
  outsideSite,
  zoneOfDoor,
  type Place,
  type Zone,
} from './dock-site.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * What happens to one thing, or to one pallet: where it is at each time, and which moves that makes.
 * Times are seconds, distances metres from the plane of a door, positive inside.
 */
export type Stretch =
  /** In the field of a door, from one distance to another at constant speed. */
  | {
      readonly at: 'door';
      readonly door: number;
      readonly from: number;
      readonly to: number;
      readonly fromS: number;
      readonly toS: number;
      /** Part of a pass: what is shadowed is not read in it at all. */
      readonly pass: number | undefined;
    }
  /** In a zone; `near` is a door that it stands or is carried by, and how far from it. */
  | { readonly at: 'zone'; readonly zone: Zone; readonly fromS: number; readonly toS: number }
  /** From one zone to another. */
  | {
      readonly at: 'gate';
      readonly from: Zone;
      readonly to: Zone;
      readonly fromS: number;
      readonly toS: number;
      readonly pass: number;
    };

export interface TrueMove {
  readonly from: Place;
  readonly to: Place;
  readonly fromS: number;
  readonly toS: number;
}

export interface Story {
  readonly stretches: readonly Stretch[];
  readonly moves: readonly TrueMove[];
  readonly endS: number;
}

/** How far a door's reader reads to either side. */
const reachM = 3;
const receivingDoors = Array.from({ length: doorCount }, (_, door) => door).filter(
  (door) => zoneOfDoor(door) === 'receiving',
);
const shippingDoors = receivingDoors.map((door) => door + 1);

/**
 * From the truck to storage and out again. On the way it may wait outside a door, stand inside one,
 * be carried along a row of them, come up to one and turn back, or go in and come back.
 */
export function tellStory(startS: number, random: SeededRandom): Story {
  const teller = new Teller(startS, random);
  const inbound = random.pick(receivingDoors);
  if (random.chance(0.2)) teller.wait(inbound, -random.between(1.5, reachM), 5, 40);
  if (random.chance(0.08)) teller.turnBack(inbound, -1);
  teller.pass(inbound, 'in', 'receiving');
  if (random.chance(0.1)) {
    teller.stay('receiving', 8, 20);
    teller.pass(inbound, 'out', 'receiving');
    teller.away(10, 40);
    teller.pass(inbound, 'in', 'receiving');
  }
  teller.linger('receiving', receivingDoors);
  const stored = random.pick(['storage', 'cold'] as const);
  teller.go('receiving', stored);
  teller.stay(stored, 20, 90);
  if (random.chance(0.2)) {
    teller.go(stored, neighbourZone[stored]);
    teller.stay(neighbourZone[stored], 10, 60);
    teller.go(neighbourZone[stored], stored);
    teller.stay(stored, 10, 60);
  }
  teller.go(stored, 'shipping');
  teller.linger('shipping', shippingDoors);
  const outbound = random.pick(shippingDoors);
  if (random.chance(0.08)) teller.turnBack(outbound, 1);
  teller.pass(outbound, 'out', 'shipping');
  if (random.chance(0.1)) {
    teller.away(10, 40);
    teller.pass(outbound, 'in', 'shipping');
    teller.stay('shipping', 10, 40);
    teller.pass(outbound, 'out', 'shipping');
  }
  return teller.story();
}

class Teller {
  readonly #random: SeededRandom;
  readonly #stretches: Stretch[] = [];
  readonly #moves: TrueMove[] = [];
  #atS: number;
  #passes = 0;

  constructor(startS: number, random: SeededRandom) {
    this.#atS = startS;
    this.#random = random;
  }

  story(): Story {
    return { stretches: this.#stretches, moves: this.#moves, endS: this.#atS };
  }

  wait(door: number, distance: number, leastS: number, mostS: number): void {
    const [fromS, toS] = this.#next(leastS, mostS);
    this.#stretches.push({
      at: 'door',
      door,
      from: distance,
      to: distance,
      fromS,
      toS,
      pass: undefined,
    });
  }

  away(leastS: number, mostS: number): void {
    this.#next(leastS, mostS);
  }

  stay(zone: Zone, leastS: number, mostS: number): void {
    const [fromS, toS] = this.#next(leastS, mostS);
    this.#stretches.push({ at: 'zone', zone, fromS, toS });
  }

  /** Through a door within two to six seconds. */
  pass(door: number, direction: 'in' | 'out', zone: Zone): void {
    const [fromS, toS] = this.#next(2, 6);
    const from = direction === 'in' ? -reachM : reachM;
    this.#passes += 1;
    this.#stretches.push({ at: 'door', door, from, to: -from, fromS, toS, pass: this.#passes });
    const places =
      direction === 'in' ? ([outsideSite, zone] as const) : ([zone, outsideSite] as const);
    this.#moves.push({ from: places[0], to: places[1], fromS, toS });
  }

  /** Up to the plane of the door, or a little beyond it, and back. @param side 1: from inside */
  turnBack(door: number, side: 1 | -1): void {
    const end = -side * this.#random.between(-0.5, 0.3);
    for (const [from, to] of [
      [side * reachM, end],
      [end, side * reachM],
    ] as const) {
      const [fromS, toS] = this.#next(1.5, 3);
      this.#stretches.push({ at: 'door', door, from, to, fromS, toS, pass: undefined });
    }
  }

  /** From zone to zone within two to six seconds. */
  go(from: Zone, to: Zone): void {
    const [fromS, toS] = this.#next(2, 6);
    this.#passes += 1;
    this.#stretches.push({ at: 'gate', from, to, fromS, toS, pass: this.#passes });
    this.#moves.push({ from, to, fromS, toS });
  }

  /** A stay near the doors: some stand at one, some are carried along them. */
  linger(zone: Zone, doors: readonly number[]): void {
    this.stay(zone, 20, 90);
    const distance = this.#random.between(1.5, reachM);
    if (this.#random.chance(0.15)) this.#beside(zone, this.#random.pick(doors), distance, 10, 40);
    if (this.#random.chance(0.1)) {
      for (let door = 0; door < doorCount; door += 1) this.#beside(zone, door, distance, 1, 2);
    }
    this.stay(zone, 5, 20);
  }

  /** Inside a door, and in the zone all the same. */
  #beside(zone: Zone, door: number, distance: number, leastS: number, mostS: number): void {
    const [fromS, toS] = this.#next(leastS, mostS);
    this.#stretches.push({ at: 'zone', zone, fromS, toS });
    this.#stretches.push({
      at: 'door',
      door,
      from: distance,
      to: distance,
      fromS,
      toS,
      pass: undefined,
    });
  }

  #next(leastS: number, mostS: number): [fromS: number, toS: number] {
    const fromS = this.#atS;
    this.#atS += this.#random.between(leastS, mostS);
    return [fromS, this.#atS];
  }
}
