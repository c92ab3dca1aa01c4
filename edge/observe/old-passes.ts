import type { ExpiringStore } from './expiring-store.ts';
import type { KeyedStore } from './keyed-store.ts';
import type { Moment } from './moment.ts';
import type { PassState } from './portal-pass.ts';
import type { StateRow } from './state-row.ts';

/** One side of a pass in rows of version 0.1; its weight is in reads. */
type OldSide = readonly [
  device: string,
  receivedAtMs: number,
  weight: number,
  meanMs: number,
  firstMs: number,
  secondMs: number,
  beforeLastMs: number,
  lastMs: number,
];

type OldPass = {
  readonly reads: number;
  readonly inside: OldSide | null;
  readonly outside: OldSide | null;
  readonly last: Moment;
};

const perRead = 64;
const mostWeight = 16 * perRead;

/**
 * Passes that were under way when a gateway of version 0.1 stopped: `pass` and `half-pass` rows go
 * on as rows of today, and are gone with the first entry, in the transaction that stores those.
 */
export class OldPasses {
  readonly #read: StateRow[] = [];
  readonly #passes: KeyedStore<PassState>;
  readonly #halves: ExpiringStore<PassState>;

  constructor(passes: KeyedStore<PassState>, halves: ExpiringStore<PassState>) {
    this.#passes = passes;
    this.#halves = halves;
  }

  /** @returns false for a row that is none of these */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === 'pass') {
      this.#passes.set(key, passOf(JSON.parse(value) as OldPass));
    } else if (machine === 'half-pass') {
      const [old, keptAtMs] = JSON.parse(value) as [OldPass, number];
      this.#halves.keep(key, passOf(old), keptAtMs);
    } else {
      return false;
    }
    this.#read.push({ machine, key, value: null });
    return true;
  }

  drainDirty(rows: StateRow[]): void {
    rows.push(...this.#read.splice(0));
  }
}

/** Without strengths, and without what presence knew: each read counted as one. */
function passOf({ reads, inside, outside, last }: OldPass): PassState {
  const firstMs = (side: OldSide | null) => side?.[4] ?? Infinity;
  const lastMs = (side: OldSide | null) => side?.[7] ?? -Infinity;
  const began = firstMs(inside) < firstMs(outside) ? 1 : -1;
  const ended = lastMs(inside) >= lastMs(outside) ? 1 : -1;
  return {
    reads,
    inside: sideOf(inside),
    outside: sideOf(outside),
    last,
    peakCdbm: null,
    start: began * perRead,
    startWeight: perRead,
    end: ended * 1000,
    known: null,
  };
}

function sideOf(old: OldSide | null): PassState['inside'] {
  if (old === null) return null;
  const [device, receivedAtMs, weight, meanMs, firstMs, , , lastMs] = old;
  return [device, receivedAtMs, Math.min(weight * perRead, mostWeight), meanMs, firstMs, lastMs];
}
