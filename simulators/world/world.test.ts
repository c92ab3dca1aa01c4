import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Emission, TagEmission, Truth } from './emission.ts';
import { planSite } from './plan-site.ts';
import { encodeSgtin96 } from './sgtin96.ts';
import { World, type WorldPlan } from './world.ts';

function plan(seed: number, overrides: Partial<WorldPlan> = {}): WorldPlan {
  return { seed, sites: [planSite(1, 4), planSite(2, 4)], ratePerSite: 100, ...overrides };
}

function live(world: World, untilMs: number, cutMs = untilMs) {
  const emissions: Emission[] = [];
  const truths: Truth[] = [];
  for (let now = 0; now < untilMs;) {
    now = Math.min(untilMs, now + cutMs);
    const told = world.step(now);
    emissions.push(...told.emissions);
    truths.push(...told.truths);
  }
  return { emissions, truths };
}

describe('determinism', () => {
  test('equal plans give equal emissions and truths, however the time is cut', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 50, max: 5000 }), (seed, cutMs) => {
        const whole = live(new World(plan(seed)), 10_000);
        expect(live(new World(plan(seed)), 10_000, cutMs)).toEqual(whole);
        expect(whole.emissions.length).toBeGreaterThan(100);
      }),
      { numRuns: 8 },
    );
  });

  test('another seed gives another world', () => {
    const one = live(new World(plan(1)), 5000).emissions;
    expect(live(new World(plan(2)), 5000).emissions).not.toEqual(one);
  });

  test('a second site changes nothing at the first', () => {
    const alone = live(new World(plan(3, { sites: [planSite(1, 4)] })), 8000).emissions;
    const both = live(new World(plan(3)), 8000).emissions;
    expect(both.filter(({ site }) => site === 'site-1')).toEqual(alone);
  });
});

describe('goods', () => {
  const { truths } = live(new World(plan(5)), 120_000);
  const of = <T extends Truth['type']>(type: T) =>
    truths.filter((truth): truth is Extract<Truth, { type: T }> => truth.type === type);

  test('arrive, move between zones and leave, each at most once through a door', () => {
    for (const type of ['arrived', 'left'] as const) {
      const epcs = of(type).map(({ epc }) => epc);
      expect(epcs.length).toBeGreaterThan(20);
      expect(new Set(epcs).size).toBe(epcs.length);
    }
    expect(of('moved').length).toBeGreaterThan(of('arrived').length);
  });

  test('leave only after they arrived', () => {
    const arrivedAt = new Map(of('arrived').map(({ epc, atMs }) => [epc, atMs]));
    for (const { epc, atMs } of of('left')) {
      expect(arrivedAt.get(epc)).toBeLessThan(atMs);
    }
  });

  test('carry serials that no other site uses', () => {
    const sites = new Map<string, string>();
    for (const { epc, site } of of('arrived')) {
      expect(sites.get(epc) ?? site).toBe(site);
      sites.set(epc, site);
    }
  });
});

describe('radio', () => {
  const ratePerSite = 200;
  const seconds = 120;
  const world = new World({ seed: 9, sites: [planSite(1, 6)], ratePerSite });
  const { emissions, truths } = live(world, seconds * 1000);
  const tags = emissions.filter((emission): emission is TagEmission => emission.type === 'tags');
  const reads = tags.flatMap((emission) => emission.reads);

  test('gives the read rate that was asked for', () => {
    expect(Math.abs(reads.length / seconds / ratePerSite - 1)).toBeLessThan(0.02);
  });

  test.each([1, 2, 3, 12])('gives it with %i readers as well', (readers) => {
    const few = new World({ seed: 2, sites: [planSite(1, readers)], ratePerSite: 50 });
    const heard = live(few, 60_000).emissions.flatMap((emission) =>
      emission.type === 'tags' ? emission.reads : [],
    );
    expect(Math.abs(heard.length / 60 / 50 - 1)).toBeLessThan(0.05);
  });

  test('misses some tags at the doors and hears some where they are not, and counts both', () => {
    const unread = truths.filter(({ type }) => type === 'unread').length;
    const cross = truths.filter(({ type }) => type === 'cross-read').length;
    const passages = 2 * truths.filter(({ type }) => type === 'arrived').length;
    expect(unread).toBeGreaterThan(0);
    expect(unread / passages).toBeLessThan(0.05);
    expect(cross).toBeGreaterThan(0);
    expect(cross / reads.length).toBeLessThan(0.02);
    expect(world.misread()).toBe(unread + cross);
  });

  test('numbers the messages of each device from 1 without gaps', () => {
    const last = new Map<string, number>();
    for (const { device, number } of tags) {
      expect(number).toBe((last.get(device) ?? 0) + 1);
      last.set(device, number);
    }
    // Six fixed readers, a handheld and one over OPC UA.
    expect(last.size).toBe(8);
  });

  test('hears cross-reads weaker than tags that stand before the antenna', () => {
    const crossed = new Set(
      truths.filter((truth) => truth.type === 'cross-read').map(({ epc, atMs }) => epc + atMs),
    );
    const strengths = { near: [] as number[], far: [] as number[] };
    for (const { reads, atMs } of tags) {
      if (reads.length > 1) continue;
      for (const { epc, rssiCdbm } of reads) {
        strengths[crossed.has(epc + atMs) ? 'far' : 'near'].push(rssiCdbm);
      }
    }
    const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
    expect(mean(strengths.far)).toBeLessThan(mean(strengths.near) - 1000);
  });
});

describe('machines', () => {
  function counters(world: World, untilMs: number, device: string): Record<string, number>[] {
    return live(world, untilMs, 200).emissions.flatMap((emission) =>
      emission.type === 'conveyor' && emission.device === device ? [{ ...emission.counters }] : [],
    );
  }

  test('a counter counts up, wraps at its register and never skips', () => {
    const world = new World(plan(4, { sites: [planSite(1, 1)] }));
    const values = counters(world, 60_000, 'sorter-1').map((counter) => counter['sorted'] ?? -1);
    expect(Math.max(...values)).toBe(65_535);
    expect(values.at(-1)).toBeLessThan(200);
    const steps = values.slice(1).map((value, index) => value - (values[index] ?? 0));
    const made = steps.reduce((sum, step) => sum + (step < 0 ? step + 65_536 : step), 0);
    const first = (values[0] ?? 0) - 65_500;
    expect(world.unitsMade('site-1', 'sorter-1').get('sorted')).toBe(made + first);
  });

  test('a restart sets the counters to zero and forgets nothing that was made', () => {
    const world = new World(plan(4, { sites: [planSite(1, 1)] }));
    world.step(30_000);
    const before = world.unitsMade('site-1', 'line-1').get('processed') ?? 0;
    expect(before).toBeGreaterThan(5);
    world.restartConveyor('site-1', 'line-1');
    const [first] = world
      .step(30_000)
      .emissions.filter(({ type, device }) => type === 'conveyor' && device === 'line-1');
    expect(first).toMatchObject({ counters: { processed: 0, defective: 0 } });
    world.step(60_000);
    expect(world.unitsMade('site-1', 'line-1').get('processed')).toBeGreaterThan(before);
  });

  test('a PackML machine goes through its states and counts only while it executes', () => {
    const states = new Set<number>();
    let last: { state: number; processed: number } | undefined;
    const { emissions } = live(new World(plan(6, { sites: [planSite(1, 1)] })), 90_000, 200);
    for (const emission of emissions) {
      if (emission.type !== 'conveyor' || emission.stateNumber === undefined) continue;
      const processed = emission.counters['processed'] ?? 0;
      states.add(emission.stateNumber);
      if (last !== undefined && last.state !== 6 && emission.stateNumber !== 6) {
        expect(processed).toBe(last.processed);
      }
      last = { state: emission.stateNumber, processed };
    }
    expect(states.size).toBeGreaterThanOrEqual(8);
  });

  test('a cold room drifts out of its limits as often as the world says, and back', () => {
    const { emissions, truths } = live(new World(plan(8, { sites: [planSite(1, 1)] })), 120_000);
    const excursions = truths.filter((truth) => truth.type === 'excursion');
    expect(excursions.length).toBeGreaterThanOrEqual(2);
    const probe = emissions.filter(
      (emission) => emission.type === 'climate' && emission.sensor === 'probe-1',
    );
    const during = (atMs: number) =>
      excursions.some((one) => one.atMs + 6000 < atMs && atMs < one.untilMs);
    const outside = probe.filter((one) => one.type === 'climate' && one.tempMilliC > 8000);
    expect(outside.length).toBeGreaterThan(0);
    const missed = probe.filter(
      (one) => one.type === 'climate' && during(one.atMs) && one.tempMilliC <= 8000,
    );
    expect(missed).toEqual([]);
    expect(probe.some((one) => one.type === 'climate' && one.tempMilliC < 6000)).toBe(true);
  });
});

describe('people and doors', () => {
  const world = new World({ seed: 11, sites: [planSite(1, 4)], ratePerSite: 100 });
  const { emissions, truths } = live(world, 120_000);

  test('labels that are scanned are of goods that are there, or of a shelf', () => {
    const scans = emissions.flatMap((emission) => (emission.type === 'scans' ? [emission] : []));
    const people = Map.groupBy(scans, ({ device }) => device);
    expect([...people.keys()].sort()).toEqual(['handheld-1', 'scanner-1', 'scanner-2']);
    for (const of of people.values()) {
      expect(of.map(({ number }) => number)).toEqual(of.map((_, index) => index + 1));
    }
    const arrivedAt = new Map(
      truths.flatMap((truth) => (truth.type === 'arrived' ? [[truth.epc, truth.atMs]] : [])),
    );
    const atDock = scans.filter(({ device }) => device === 'scanner-1');
    const items = atDock.flatMap(({ atMs, labels }) =>
      labels.flatMap((label) => (label.type === 'item' ? [{ atMs, sgtin: label.sgtin }] : [])),
    );
    expect(items.length).toBeGreaterThan(5);
    for (const { atMs, sgtin } of items) {
      expect(arrivedAt.get(encodeSgtin96(sgtin))).toBeLessThanOrEqual(atMs);
    }
    expect(atDock.length).toBeGreaterThan(items.length / 2);
  });

  test('a photo eye goes high and low in turn, and is high while goods pass the door', () => {
    const eye = emissions.flatMap((one) =>
      one.type === 'input' && one.device === 'impinj-1' ? [one] : [],
    );
    expect(eye.length).toBeGreaterThan(10);
    expect(eye.map(({ high }) => high)).toEqual(eye.map((_, index) => index % 2 === 0));
    const highAt = (atMs: number) => eye.findLast((one) => one.atMs <= atMs)?.high;
    const reads = emissions.filter(
      (one) => one.type === 'tags' && one.device === 'impinj-1' && one.reads.every(isAtTheDoor),
    );
    expect(reads.length).toBeGreaterThan(50);
    expect(reads.every(({ atMs }) => highAt(atMs))).toBe(true);
  });
});

function isAtTheDoor({ antenna }: TagEmission['reads'][number]): boolean {
  return antenna !== 3;
}
