import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SimulatedLane, type Faults } from './testing/simulated-lane.ts';

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const faults: fc.Arbitrary<Faults> = fc.record({
  cuts: fc.boolean(),
  lostReceipts: fc.boolean(),
  repeatedReceipts: fc.boolean(),
  refusedBatches: fc.boolean(),
  lostAcks: fc.boolean(),
  lostBatches: fc.boolean(),
  hubRestarts: fc.boolean(),
  hubRestores: fc.boolean(),
  smallCredit: fc.boolean(),
});

/** Two minutes of trouble while the journal grows, then peace. */
function runTrouble(seed: number, mix: Faults): SimulatedLane {
  const random = randomFrom(seed);
  const lane = new SimulatedLane(random, mix);
  for (let second = 0; second < 120; second += 1) {
    lane.append(Math.floor(random() ** 4 * 3_000) + 1);
    if (random() < 0.1) lane.disturb();
    lane.run(1_000);
  }
  lane.heal();
  return lane;
}

function isSettled({ headSeq, hubCommitted, state }: SimulatedLane): boolean {
  return hubCommitted === headSeq && state.committedSeq === headSeq;
}

describe('the ordered lane under any mix of faults', () => {
  test('keeps order, gap and credit rules, and the hub holds all once there is peace', () => {
    fc.assert(
      fc.property(fc.integer(), faults, (seed, mix) => {
        const lane = runTrouble(seed, mix);
        for (let second = 0; second < 90 && !isSettled(lane); second += 1) lane.run(1_000);
        expect(lane.hubCommitted).toBe(lane.headSeq);
        expect(lane.state.committedSeq).toBe(lane.headSeq);
        expect(lane.changes.at(-1)).toBe(true);
        expect(lane.state.halted).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('reports each loss and each return of the link once, in turn', () => {
    fc.assert(
      fc.property(fc.integer(), faults, (seed, mix) => {
        const { changes } = runTrouble(seed, mix);
        for (let index = 1; index < changes.length; index += 1) {
          expect(changes[index]).toBe(!changes[index - 1]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('sends nothing twice while nothing is wrong', () => {
    const calm = {
      cuts: false,
      lostReceipts: false,
      repeatedReceipts: true,
      refusedBatches: false,
    };
    const mix: Faults = {
      ...calm,
      lostAcks: false,
      lostBatches: false,
      hubRestarts: false,
      hubRestores: false,
      smallCredit: false,
    };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const lane = runTrouble(seed, mix);
        lane.run(5_000);
        let next = 1;
        for (const { firstSeq, lastSeq } of lane.sends) {
          expect(firstSeq).toBe(next);
          next = lastSeq + 1;
        }
        expect(next).toBe(lane.headSeq + 1);
      }),
      { numRuns: 20 },
    );
  });

  test('does the same for the same seed', () => {
    const mix: Faults = {
      cuts: true,
      lostReceipts: true,
      repeatedReceipts: true,
      refusedBatches: true,
      lostAcks: true,
      lostBatches: true,
      hubRestarts: true,
      hubRestores: true,
      smallCredit: true,
    };
    expect(runTrouble(7, mix).sends).toEqual(runTrouble(7, mix).sends);
    expect(runTrouble(7, mix).sends).not.toEqual(runTrouble(8, mix).sends);
  });
});
