import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from './prng.ts';

function draw(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

describe('seeded randomness', () => {
  test('equal seed and stream give equal numbers', () => {
    expect(draw(createRandom(7, 'radio'), 100)).toEqual(draw(createRandom(7, 'radio'), 100));
  });

  test('another seed or another stream gives other numbers', () => {
    const base = draw(createRandom(7, 'radio'), 20);
    expect(draw(createRandom(8, 'radio'), 20)).not.toEqual(base);
    expect(draw(createRandom(7, 'climate'), 20)).not.toEqual(base);
  });

  test('the numbers of one seed are what they were in every release', () => {
    const random = createRandom(1, 'vector');
    expect(Array.from({ length: 4 }, () => random.below(1_000_000))).toMatchInlineSnapshot(`
      [
        466293,
        126254,
        574449,
        505923,
      ]
    `);
  });

  test('uniform numbers have the mean and spread of uniform numbers', () => {
    const values = draw(createRandom(3, 'mean'), 20_000);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance).toBeCloseTo(1 / 12, 2);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
  });

  test('normal numbers have mean 0 and deviation 1', () => {
    const random = createRandom(5, 'normal');
    const values = Array.from({ length: 20_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  test('picking from nothing is refused', () => {
    expect(() => createRandom(1, 'pick').pick([])).toThrow(RangeError);
  });
});
