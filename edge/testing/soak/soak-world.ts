import { site } from './soak-site.ts';

/** One read of one tag: what an R700 sends a message for. */
export interface Read {
  readonly reader: number;
  readonly antenna: number;
  readonly tag: number;
  readonly rssiCdbm: number;
}

/** A pallet on its way through a door. */
interface Pass {
  readonly reader: number;
  readonly slots: readonly number[];
  readonly inbound: boolean;
  readonly startsAt: number;
  reads: number;
}

const shelves = site.readers - site.doors;
const away = 255;
const passSeconds = 5;
const readsPerPass = site.tagsPerPallet * site.readsPerSide * 2;

/** Where each tag is. Its next read depends on nothing but the reads so far and the time. */
export class SoakWorld {
  /** The tag on each slot; a slot of goods that left is given to goods that come. */
  readonly #tagOf: Uint32Array;
  readonly #shelfOf: Uint8Array;
  readonly #free: number[] = [];
  readonly #passes: Pass[] = [];
  #nextTag: number;
  #nextShelf = 0;
  #leaving = 0;
  #reading = 0;
  #random = 0x2545_f491;
  #done = { inbound: 0, outbound: 0, relocations: 0 };

  constructor() {
    const spare = site.tagsPerPallet * 20;
    this.#tagOf = Uint32Array.from({ length: site.tags + spare }, (_, slot) => slot);
    this.#shelfOf = Uint8Array.from(this.#tagOf, (slot) =>
      slot < site.tags ? shelfOf(slot) : away,
    );
    this.#nextTag = site.tags;
    for (let slot = site.tags; slot < this.#tagOf.length; slot += 1) this.#free.push(slot);
  }

  /** Goods come, go and move as is due at this second of the site's time. */
  advance(second: number): void {
    const done = this.#done;
    const due = (perHour: number) => Math.floor((second * perHour) / 3600);
    for (; done.inbound < due(site.palletsPerHour); done.inbound += 1) this.#arrive(second);
    for (; done.outbound < due(site.palletsPerHour); done.outbound += 1) this.#leave(second);
    for (; done.relocations < due(site.relocationsPerHour); done.relocations += 1) {
      const shelf = this.#anyShelf();
      for (const slot of this.#pallet()) this.#shelfOf[slot] = shelf;
    }
  }

  /** What is at a door is read there; the readers at the shelves go round all the time. */
  next(second: number): Read {
    for (const pass of this.#passes) {
      const due = Math.floor(((second - pass.startsAt) / passSeconds) * readsPerPass);
      if (pass.reads < Math.min(due, readsPerPass)) return this.#readPass(pass);
    }
    for (;;) {
      const slot = this.#reading;
      this.#reading = (slot + 1) % this.#tagOf.length;
      const reader = this.#shelfOf[slot] ?? away;
      if (reader !== away) return this.#readOf(slot, reader, 1 + (slot % 4));
    }
  }

  #arrive(second: number): void {
    const slots = this.#free.splice(0, site.tagsPerPallet);
    for (const slot of slots) this.#tagOf[slot] = this.#nextTag++;
    const door = this.#done.inbound % (site.doors / 2);
    this.#passes.push({ reader: shelves + door, slots, inbound: true, startsAt: second, reads: 0 });
  }

  #leave(second: number): void {
    const slots = this.#pallet();
    for (const slot of slots) this.#shelfOf[slot] = away;
    const door = site.doors / 2 + (this.#done.outbound % (site.doors / 2));
    this.#passes.push({
      reader: shelves + door,
      slots,
      inbound: false,
      startsAt: second,
      reads: 0,
    });
  }

  /** The next so many tags that stand on shelves, the longest there first. */
  #pallet(): number[] {
    const slots: number[] = [];
    for (; slots.length < site.tagsPerPallet; this.#leaving += 1) {
      const slot = this.#leaving % this.#tagOf.length;
      if (this.#shelfOf[slot] !== away) slots.push(slot);
    }
    return slots;
  }

  /** Round after round of the pallet's tags, half of them on each side. */
  #readPass(pass: Pass): Read {
    const round = Math.floor(pass.reads / site.tagsPerPallet);
    const slot = pass.slots[pass.reads % site.tagsPerPallet] ?? 0;
    const outside = round < site.readsPerSide === pass.inbound;
    pass.reads += 1;
    if (pass.reads === readsPerPass) this.#end(pass);
    return this.#readOf(slot, pass.reader, outside ? 1 : 2);
  }

  #end(pass: Pass): void {
    this.#passes.splice(this.#passes.indexOf(pass), 1);
    if (pass.inbound) {
      const shelf = this.#anyShelf();
      for (const slot of pass.slots) this.#shelfOf[slot] = shelf;
    } else this.#free.push(...pass.slots);
  }

  #anyShelf(): number {
    this.#nextShelf = (this.#nextShelf + 1) % shelves;
    return this.#nextShelf;
  }

  #readOf(slot: number, reader: number, antenna: number): Read {
    const tag = this.#tagOf[slot] ?? 0;
    return { reader, antenna, tag, rssiCdbm: -4000 - this.#draw(2000) };
  }

  /** In [0, below): xorshift (Marsaglia 2003), so that every run reads the same. */
  #draw(below: number): number {
    let word = this.#random;
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    this.#random = word;
    return (word >>> 0) % below;
  }
}

/** The shelf that a tag stands on in the morning. */
export function shelfOf(tag: number): number {
  return Math.floor((tag * shelves) / site.tags);
}

/** SGTIN-96 of a tag: one of four items, and a serial of its own. */
export function epcOf(tag: number): string {
  const item = (tag % 4) << 6;
  return `3034257BF7194E${item.toString(16).padStart(2, '0')}${tag.toString(16).padStart(8, '0')}`.toUpperCase();
}
