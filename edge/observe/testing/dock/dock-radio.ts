import {
  doorCount,
  doorReader,
  insideAntenna,
  neighbourZone,
  outsideAntenna,
  zoneReader,
  zones,
  type Zone,
} from './dock-site.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Stretch, Story } from './tag-story.ts';

/** What one antenna says of one tag about one second. */
export interface RoundReport {
  /** The end of the round, when it is sent. */
  readonly sentS: number;
  /** Of the first read in it. */
  readonly readS: number;
  readonly device: string;
  readonly antenna: number;
  readonly reads: number;
  /** Whole dBm, as Zebra's readers say it. */
  readonly peakDbm: number;
}

export interface RadioRates {
  /** Chance that a tag in the field is read in a one-second round. */
  readonly read: number;
  /** Chance that the reader next door reads it too in such a round. */
  readonly cross: number;
  /** Chance that any other antenna does, by a reflection. */
  readonly stray: number;
  /** Chance that a tag is not read at all while it passes. */
  readonly shadow: number;
}

/** Tries of a reader per second, in turn with each of its antennas. */
const triesPerSecond = 6;
/** A try below this is no read; one of the neighbour's has help by a reflection. */
const leastDbm = -68;
/** A tag beside the antenna at the height of a pallet; backscatter falls by 40 dB a decade. */
const nearDbm = -48;
const besideM = 1.5;
/** An antenna looks to its side of the door. */
const backDb = 12;
const fadingDb = 3;
const zoneDbm = -55;
const crossDb = 10;
const strayDbm = -68;

/**
 * All reports of one tag's story. Whether a round reads it is drawn for each reader and round by
 * itself; partly covered rounds have a part of the chance. Strength: free space to the antenna,
 * the tag's own offset, fading of each try; neighbours hear it ten dB weaker, give or take five.
 */
export function listen(
  story: Story,
  start: { readonly offsetDb: number; readonly shadowed: (pass: number) => boolean },
  rates: RadioRates,
  random: SeededRandom,
): RoundReport[] {
  const ear = new Ear(start.offsetDb, rates, random);
  for (const stretch of story.stretches) {
    if (stretch.at === 'zone') ear.hearZone(stretch.zone, stretch.fromS, stretch.toS);
    else if (stretch.pass !== undefined && start.shadowed(stretch.pass)) continue;
    else if (stretch.at === 'door') ear.hearDoor(stretch);
    else ear.hearGate(stretch);
  }
  return ear.reports;
}

class Ear {
  readonly reports: RoundReport[] = [];
  readonly #offsetDb: number;
  readonly #rates: RadioRates;
  readonly #random: SeededRandom;

  constructor(offsetDb: number, rates: RadioRates, random: SeededRandom) {
    this.#offsetDb = offsetDb;
    this.#rates = rates;
    this.#random = random;
  }

  hearDoor(of: Extract<Stretch, { at: 'door' }>): void {
    const speed = (of.to - of.from) / (of.toS - of.fromS);
    const placeAt = (atS: number) => of.from + (atS - of.fromS) * speed;
    for (const [fromS, toS] of rounds(of.fromS, of.toS)) {
      const sentS = Math.ceil(toS);
      if (this.#isHeard(this.#rates.read, toS - fromS)) {
        this.#askDoor(of.door, placeAt, fromS, toS, sentS, 0);
      }
      for (const next of [of.door - 1, of.door + 1]) {
        if (next < 0 || next >= doorCount) continue;
        if (!this.#isHeard(this.#rates.cross, toS - fromS)) continue;
        this.#askDoor(next, placeAt, fromS, toS, sentS, crossDb + 4 * this.#random.normal());
      }
      this.#stray(fromS, toS, [of.door - 1, of.door, of.door + 1]);
    }
  }

  /** A stay: visible and not in turn, and in storage seldom, as goods come to stand before it. */
  hearZone(zone: Zone, fromS: number, toS: number): void {
    const isStaging = zone === 'receiving' || zone === 'shipping';
    const [seenS, hiddenS] = isStaging ? [20, 6] : [8, 20];
    const ownDbm = zoneDbm + 4 * this.#random.normal();
    const crossDbm = zoneDbm - crossDb + 4 * this.#random.normal();
    let visible = true;
    // Goods are put down first; what comes to stand before them does so later.
    let changesS = fromS + 4 + this.#random.waiting(seenS);
    for (const [from, to] of rounds(fromS, toS)) {
      while (changesS < from) {
        visible = !visible;
        changesS += this.#random.waiting(visible ? seenS : hiddenS);
      }
      if (visible) this.#askZones(zone, ownDbm, neighbourZone[zone], crossDbm, from, to);
      this.#stray(from, to, []);
    }
  }

  hearGate(of: Extract<Stretch, { at: 'gate' }>): void {
    const [leftDbm, enteredDbm] = [zoneDbm, zoneDbm].map((dbm) => dbm + 4 * this.#random.normal());
    for (const [fromS, toS] of rounds(of.fromS, of.toS)) {
      const way = ((fromS + toS) / 2 - of.fromS) / (of.toS - of.fromS);
      this.#askGate(of.from, 1 - way, leftDbm ?? zoneDbm, fromS, toS);
      this.#askGate(of.to, way, enteredDbm ?? zoneDbm, fromS, toS);
      this.#stray(fromS, toS, []);
    }
  }

  /** @param share how far the tag is in the zone; its field ends a little beyond the middle */
  #askGate(zone: Zone, share: number, dbm: number, fromS: number, toS: number): void {
    const rate = share > 0.4 ? this.#rates.read : this.#rates.cross;
    if (!this.#isHeard(rate, toS - fromS)) return;
    this.#sayZone(zone, dbm - crossDb * (1 - share), fromS, toS);
  }

  #askZones(
    zone: Zone,
    ownDbm: number,
    next: Zone,
    crossDbm: number,
    fromS: number,
    toS: number,
  ): void {
    if (this.#isHeard(this.#rates.read, toS - fromS)) this.#sayZone(zone, ownDbm, fromS, toS);
    if (this.#isHeard(this.#rates.cross, toS - fromS)) this.#sayZone(next, crossDbm, fromS, toS);
  }

  #sayZone(zone: Zone, dbm: number, fromS: number, toS: number): void {
    const peakDbm = dbm + this.#offsetDb + fadingDb * this.#random.normal();
    const reads = 1 + this.#random.below(3);
    this.#say(zoneReader(zone), 1, reads, peakDbm, this.#random.between(fromS, toS), toS);
  }

  /** One round of a door's reader that hears the tag at least once. */
  #askDoor(
    door: number,
    placeAt: (atS: number) => number,
    fromS: number,
    toS: number,
    sentS: number,
    weakerDb: number,
  ): void {
    const tries = Math.max(1, Math.round(triesPerSecond * (toS - fromS)));
    const heard = new Map<number, { reads: number; peakDbm: number; readS: number }>();
    let best = { antenna: 0, dbm: -Infinity, atS: fromS };
    const turn = this.#random.below(2);
    for (let index = 0; index < tries; index += 1) {
      const atS = fromS + ((index + this.#random.next()) * (toS - fromS)) / tries;
      const antenna = (index + turn) % 2 === 0 ? outsideAntenna : insideAntenna;
      const fading = this.#offsetDb - weakerDb + fadingDb * this.#random.normal();
      const dbm = antennaDbm(antenna, placeAt(atS)) + fading;
      for (const one of [outsideAntenna, insideAntenna]) {
        const would = antennaDbm(one, placeAt(atS)) + fading;
        if (would > best.dbm) best = { antenna: one, dbm: would, atS };
      }
      if (dbm < leastDbm) continue;
      const before = heard.get(antenna);
      heard.set(antenna, {
        reads: (before?.reads ?? 0) + 1,
        peakDbm: Math.max(before?.peakDbm ?? -Infinity, dbm),
        readS: before?.readS ?? atS,
      });
    }
    if (heard.size === 0) heard.set(best.antenna, { reads: 1, peakDbm: best.dbm, readS: best.atS });
    for (const [antenna, { reads, peakDbm, readS }] of heard) {
      this.#say(doorReader(door), antenna, reads, peakDbm, readS, sentS);
    }
  }

  #stray(fromS: number, toS: number, besides: readonly number[]): void {
    if (!this.#isHeard(this.#rates.stray, toS - fromS)) return;
    const place = this.#random.below(2 * doorCount + zones.length);
    const door = Math.floor(place / 2);
    if (besides.includes(door)) return;
    const zone = zones[place - 2 * doorCount];
    const device = zone === undefined ? doorReader(door) : zoneReader(zone);
    const antenna = zone === undefined ? 1 + (place % 2) : 1;
    const dbm = strayDbm + 4 * this.#random.normal();
    this.#say(device, antenna, 1, dbm, this.#random.between(fromS, toS), toS);
  }

  #isHeard(rate: number, partS: number): boolean {
    return this.#random.chance(1 - (1 - rate) ** partS);
  }

  #say(
    device: string,
    antenna: number,
    reads: number,
    dbm: number,
    readS: number,
    toS: number,
  ): void {
    const peakDbm = Math.round(dbm);
    this.reports.push({ sentS: Math.ceil(toS), readS, device, antenna, reads, peakDbm });
  }
}

/** The one-second rounds that a span of time touches, cut to it. */
function* rounds(fromS: number, toS: number): Generator<[fromS: number, toS: number]> {
  for (let second = Math.floor(fromS); second < toS; second += 1) {
    yield [Math.max(second, fromS), Math.min(second + 1, toS)];
  }
}

/** @param atM metres inside the plane of the door; antennas hang one metre to either side of it */
function antennaDbm(antenna: number, atM: number): number {
  const hangsAt = antenna === insideAntenna ? 1 : -1;
  const distance = Math.hypot(atM - hangsAt, besideM);
  const isBehind = Math.sign(atM) !== hangsAt;
  // The pattern turns over within half a metre of the plane.
  const behind = isBehind ? backDb * Math.min(1, Math.abs(atM) / 0.5) : 0;
  return nearDbm - 40 * Math.log10(distance / besideM) - behind;
}
