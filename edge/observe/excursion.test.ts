import { describe, expect, test } from 'vitest';
import { keepSensors, readClimate, type ExcursionState, type Limit } from './excursion.ts';

const above: Limit = { bound: 'above', limit: 8000, hysteresis: 500 };
const below: Limit = { bound: 'below', limit: 2000, hysteresis: 500 };

function read(limit: Limit, ...values: readonly (readonly [sensor: string, value: number])[]) {
  let state: ExcursionState | undefined;
  const said: string[] = [];
  values.forEach(([sensor, value], index) => {
    const step = readClimate(state, { sensor, value, atMs: index }, limit);
    state = step.state;
    if (step.started !== undefined) said.push(`started ${step.started.value}`);
    if (step.ended !== undefined) said.push(`ended ${step.ended.value} worst ${step.ended.worst}`);
  });
  return { state, said };
}

describe('an excursion', () => {
  test('starts beyond the limit, not on it', () => {
    expect(read(above, ['s', 8000]).said).toEqual([]);
    expect(read(above, ['s', 8001]).said).toEqual(['started 8001']);
    expect(read(below, ['s', 1999]).said).toEqual(['started 1999']);
  });

  test('ends when the value is back by the hysteresis, and tells the worst', () => {
    const warm = read(above, ['s', 8100], ['s', 9000], ['s', 7900], ['s', 7501]);
    expect(warm.said).toEqual(['started 8100']);
    const back = read(above, ['s', 8100], ['s', 9000], ['s', 7900], ['s', 7500]);
    expect(back.said).toEqual(['started 8100', 'ended 7500 worst 9000']);
  });

  test('does not flap around the limit', () => {
    const around = [8001, 7999, 8002, 7998, 8003].map((value) => ['s', value] as const);
    expect(read(above, ...around).said).toEqual(['started 8001']);
  });

  test('goes on while any sensor of the zone is out, whatever the others say', () => {
    const two = read(above, ['hot', 9000], ['mild', 4000], ['mild', 8200], ['hot', 4000]);
    expect(two.said).toEqual(['started 9000']);
    expect(two.state?.out).toEqual(['mild']);
  });

  test('ends when its last sensor or its limit is taken away', () => {
    const { state } = read(above, ['a', 9000], ['b', 9000]);
    if (state === undefined) throw new Error('an excursion is open');
    expect(keepSensors(state, () => true)).toEqual({ state });
    expect(keepSensors(state, (sensor) => sensor === 'b').state?.out).toEqual(['b']);
    expect(keepSensors(state, () => false).ended).toBeDefined();
    expect(keepSensors(state, undefined).ended).toBeDefined();
  });
});
