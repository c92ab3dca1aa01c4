import { createRandom, type Random } from '../prng.ts';
import type { DiskFault } from './fake-disk.ts';
import type { NatsSettings } from './fake-nats.ts';

/** Machines with a disk and a link to the server; `nats` is the server itself. */
export type Machine = 'gw-1' | 'gw-2' | 'hub';
const machines: readonly Machine[] = ['gw-1', 'gw-2', 'hub'];

/** One thing that goes wrong. Times are milliseconds since the run began. */
export type PlannedFault =
  /** At an operation of a disk, which are counted from 1 over all lives of the machine. */
  | {
      readonly kind: 'disk';
      readonly machine: Machine;
      readonly operation: number;
      readonly fault: DiskFault;
    }
  | {
      readonly kind: 'kill' | 'power-cut';
      readonly machine: Machine | 'nats';
      readonly atMs: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'pause' | 'disk-full';
      readonly machine: Machine;
      readonly atMs: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'partition';
      readonly machine: Machine;
      readonly ways: 'both' | 'up' | 'down';
      readonly atMs: number;
      readonly forMs: number;
    }
  | {
      readonly kind: 'clock-step';
      readonly machine: Machine;
      readonly atMs: number;
      readonly byMs: number;
    }
  | { readonly kind: 'stream-wiped'; readonly atMs: number }
  | { readonly kind: 'devices-unplugged'; readonly machine: 'gw-1' | 'gw-2'; readonly atMs: number }
  /** The machine's disk is set back to what it was. A gateway's intake log may be left as it is. */
  | {
      readonly kind: 'restored';
      readonly machine: Machine;
      readonly fromMs: number;
      readonly atMs: number;
      readonly what: 'all' | 'journal';
    }
  /** A copy of a gateway's disk, of some time ago, runs in another box beside it. */
  | {
      readonly kind: 'cloned';
      readonly machine: 'gw-1' | 'gw-2';
      readonly fromMs: number;
      readonly atMs: number;
      readonly forMs: number;
    };

export type FaultKind = PlannedFault['kind'];

/** Everything that a run depends on: the same schedule always runs the same way. */
export interface Schedule {
  readonly seed: number;
  readonly durationMs: number;
  /** Scans and acts of each gateway. */
  readonly scans: number;
  readonly acts: number;
  readonly nats: NatsSettings;
  readonly latencyMs: { readonly min: number; readonly max: number };
  readonly deviceRepeats: number;
  readonly faults: readonly PlannedFault[];
}

const durationMs = 60_000;

type Draw = (random: Random) => PlannedFault;

const drawn: Readonly<Record<FaultKind, Draw>> = {
  disk: (random) => ({
    kind: 'disk',
    machine: random.pick(machines),
    operation: 1 + random.below(400),
    fault: random.pick<DiskFault>([
      'kill-before',
      'kill-after',
      'power-before',
      'power-after',
      'io-error',
      'slow',
    ]),
  }),
  kill: (random) => ({ kind: 'kill', machine: anyMachine(random), ...span(random, 8_000) }),
  'power-cut': (random) => ({
    kind: 'power-cut',
    machine: anyMachine(random),
    ...span(random, 8_000),
  }),
  pause: (random) => ({ kind: 'pause', machine: random.pick(machines), ...span(random, 20_000) }),
  'disk-full': (random) => ({
    kind: 'disk-full',
    machine: random.pick(machines),
    ...span(random, 15_000),
  }),
  partition: (random) => ({
    kind: 'partition',
    machine: random.pick(machines),
    ways: random.pick(['both', 'both', 'up', 'down'] as const),
    ...span(random, 30_000),
  }),
  'clock-step': (random) => ({
    kind: 'clock-step',
    machine: random.pick(machines),
    atMs: at(random),
    byMs: Math.round(random.between(-1, 1) * random.pick([2_000, 600_000, 90_000_000])),
  }),
  'stream-wiped': (random) => ({ kind: 'stream-wiped', atMs: at(random) }),
  'devices-unplugged': (random) => ({
    kind: 'devices-unplugged',
    machine: random.pick(['gw-1', 'gw-2'] as const),
    atMs: at(random),
  }),
  restored: (random) => {
    const atMs = at(random);
    const machine = random.pick(machines);
    return {
      kind: 'restored',
      machine,
      fromMs: random.below(atMs),
      atMs,
      what: machine !== 'hub' && random.chance(0.5) ? 'journal' : 'all',
    };
  },
  cloned: (random) => {
    const { atMs, forMs } = span(random, 30_000);
    const machine = random.pick(['gw-1', 'gw-2'] as const);
    return { kind: 'cloned', machine, fromMs: random.below(atMs), atMs, forMs };
  },
};

/** How likely a kind is part of a schedule: what forks histories is rare, or hides all else. */
const weights: Readonly<Record<FaultKind, number>> = {
  disk: 0.9,
  kill: 0.5,
  'power-cut': 0.5,
  pause: 0.3,
  'disk-full': 0.4,
  partition: 0.6,
  'clock-step': 0.3,
  'stream-wiped': 0.3,
  'devices-unplugged': 0.4,
  restored: 0.25,
  cloned: 0.08,
};

const kinds = Object.keys(drawn) as FaultKind[];

/** Swarm testing (Groce et al. 2012): each seed leaves kinds out, and has more of the others. */
export function drawSchedule(seed: number): Schedule {
  const random = createRandom(seed, 'schedule');
  const chosen = kinds.filter((kind) => random.chance(weights[kind]));
  while (chosen.length < 3) {
    const kind = random.pick(kinds);
    if (!chosen.includes(kind) && weights[kind] > 0.25) chosen.push(kind);
  }
  const faults = chosen.flatMap((kind) => {
    const most = kind === 'disk' ? 8 : weights[kind] > 0.25 ? 3 : 1;
    return Array.from({ length: 1 + random.below(most) }, () => drawn[kind](random));
  });
  return {
    seed,
    durationMs,
    scans: 90 + random.below(60),
    acts: 10 + random.below(10),
    nats: {
      dedupMs: random.pick([5_000, 120_000, 600_000]),
      mostOfSubject: random.pick([4, 2_000]),
      syncEveryMs: random.pick([1_000, 20_000, 120_000]),
      repeats: random.pick([0, 0.02, 0.2]),
    },
    latencyMs: random.pick([
      { min: 0.2, max: 1 },
      { min: 20, max: 80 },
      { min: 100, max: 900 },
    ]),
    deviceRepeats: random.pick([0, 0.05, 0.3]),
    faults,
  };
}

/** A fault as a line of a report. */
export function faultText(fault: PlannedFault): string {
  const { kind, ...rest } = fault;
  const of = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  return [kind, ...of].join(', ');
}

function at(random: Random): number {
  return 2_000 + random.below(durationMs - 4_000);
}

function span(random: Random, longestMs: number): { atMs: number; forMs: number } {
  return { atMs: at(random), forMs: 100 + random.below(longestMs) };
}

function anyMachine(random: Random): Machine | 'nats' {
  return random.pick([...machines, 'nats' as const]);
}
