import { expect, test } from 'vitest';
import { SimulatedLane } from './testing/simulated-lane.ts';

const hourMs = 3_600_000;
/** What readers read is no event most of the time: what moves through a busy door in a second. */
const eventsPerSecond = 50;
const stepMs = 60_000;

const calm = {
  cuts: false,
  lostReceipts: false,
  repeatedReceipts: false,
  refusedBatches: false,
  lostAcks: false,
  lostBatches: false,
  hubRestarts: false,
  hubRestores: false,
  smallCredit: false,
};

/** Lets time pass at the site, which journals all the while. */
function pass(lane: SimulatedLane, ms: number): void {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    lane.append((eventsPerSecond * stepMs) / 1000);
    lane.run(stepMs);
  }
}

/**
 * Twenty-four hours in simulated time: the machine that sends is the real one, and the hub gives
 * 4,000 events of credit and takes up to 40 ms each way.
 */
test('a day without the hub is brought in a tenth of the time, though the site works on', () => {
  const lane = new SimulatedLane(() => 0.5, calm);
  pass(lane, hourMs);
  expect(lane.headSeq - lane.hubCommitted).toBeLessThan((eventsPerSecond * stepMs) / 1000);

  const before = lane.sends.length;
  lane.cutFor(24 * hourMs);
  pass(lane, 24 * hourMs);
  expect(lane.headSeq - lane.hubCommitted).toBeGreaterThan(23 * 3600 * eventsPerSecond);
  expect(lane.sends.length).toBe(before);
  expect(lane.changes).toEqual([true, false]);

  const backMs = lane.nowMs;
  while (lane.headSeq > lane.hubCommitted && lane.nowMs - backMs < 24 * hourMs) {
    pass(lane, stepMs);
    // In the end what is new goes out with the next receipt.
    lane.run(2000);
  }
  expect(lane.hubCommitted).toBe(lane.headSeq);
  expect(lane.nowMs - backMs).toBeLessThan(2.4 * hourMs);
  expect(lane.changes).toEqual([true, false, true]);
});
