import type { Random } from '../prng.ts';
import type { Outlet } from './emission.ts';
import type { ConveyorLayout } from './site-layout.ts';

/** PackML state numbers of the execute state machine that this machine goes through (OPC 30050). */
const execute = 6;
const cycle = [
  { stateNumber: 15, minMs: 500, maxMs: 1000 },
  { stateNumber: 4, minMs: 500, maxMs: 1500 },
  { stateNumber: 3, minMs: 500, maxMs: 1000 },
  { stateNumber: execute, minMs: 12_000, maxMs: 20_000 },
  { stateNumber: 10, minMs: 500, maxMs: 1000 },
  { stateNumber: 11, minMs: 2000, maxMs: 4000 },
  { stateNumber: 12, minMs: 500, maxMs: 1000 },
  { stateNumber: execute, minMs: 12_000, maxMs: 20_000 },
  { stateNumber: 16, minMs: 500, maxMs: 1000 },
  { stateNumber: 17, minMs: 1000, maxMs: 2000 },
] as const;
const unitsPerSecond = 2;
const defectiveChance = 0.05;

/** One conveyor: counters that wrap and that a restart sets to zero, and the machine's states. */
export class Conveyor {
  readonly #site: string;
  readonly #layout: ConveyorLayout;
  readonly #random: Random;
  readonly #outlet: Outlet;
  readonly #registers: Map<string, number>;
  readonly #made = new Map<string, number>();
  #phase = 0;
  #phaseEndsAtMs = 0;
  #nextUnitAtMs = 0;
  #number = 0;

  constructor(site: string, layout: ConveyorLayout, random: Random, outlet: Outlet) {
    this.#site = site;
    this.#layout = layout;
    this.#random = random;
    this.#outlet = outlet;
    this.#registers = new Map(layout.counters.map(({ name, startsAt }) => [name, startsAt]));
  }

  /** Units that truly passed, by counter: what no sum of counted units may exceed. */
  made(): ReadonlyMap<string, number> {
    return this.#made;
  }

  /** A controller that loses power begins to count from zero again. */
  restart(atMs: number): void {
    for (const name of this.#registers.keys()) this.#registers.set(name, 0);
    this.#phase = 0;
    this.#phaseEndsAtMs = atMs + 1000;
    this.#emit(atMs);
  }

  tick(atMs: number): void {
    const changed = this.#changePhase(atMs);
    const running = this.#layout.profile === 'plc-counter' || this.#stateNumber() === execute;
    if (!running) this.#nextUnitAtMs = atMs;
    const counted = running && this.#run(atMs);
    if (changed || counted) this.#emit(atMs);
  }

  #run(atMs: number): boolean {
    const counts = this.#nextUnitAtMs <= atMs;
    while (this.#nextUnitAtMs <= atMs) {
      this.#count();
      this.#nextUnitAtMs += (1000 / unitsPerSecond) * this.#random.between(0.5, 1.5);
    }
    return counts;
  }

  #changePhase(atMs: number): boolean {
    if (this.#layout.profile === 'plc-counter' || atMs < this.#phaseEndsAtMs) return false;
    this.#phase = (this.#phase + 1) % cycle.length;
    const { minMs, maxMs } = cycle[this.#phase] ?? cycle[0];
    this.#phaseEndsAtMs = atMs + Math.round(this.#random.between(minMs, maxMs));
    return true;
  }

  #stateNumber(): number {
    return (cycle[this.#phase] ?? cycle[0]).stateNumber;
  }

  /** The first counter counts every unit, a second one the defective among them. */
  #count(): void {
    this.#layout.counters.forEach((counter, index) => {
      if (index > 0 && !this.#random.chance(defectiveChance)) return;
      const value = (this.#registers.get(counter.name) ?? 0) + 1;
      const wraps = counter.registerMax !== undefined && value > counter.registerMax;
      this.#registers.set(counter.name, wraps ? 0 : value);
      this.#made.set(counter.name, (this.#made.get(counter.name) ?? 0) + 1);
    });
  }

  #emit(atMs: number): void {
    this.#number += 1;
    this.#outlet.emit({
      type: 'conveyor',
      site: this.#site,
      device: this.#layout.id,
      atMs,
      number: this.#number,
      counters: Object.fromEntries(this.#registers),
      ...(this.#layout.profile === 'packml' ? { stateNumber: this.#stateNumber() } : {}),
    });
  }
}
