/** Seeded chance for worlds that are made up: same seed, same numbers, on every machine. */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  between(min: number, max: number): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** Standard normal (Box and Muller 1958, with logarithm and cosine of this machine). */
  normal(): number;
  /** Exponential with this mean. */
  waiting(mean: number): number;
}

/** Generator: mulberry32 (T. Ettinger), a period of 2^32, which is plenty for one seed's world. */
export function seededRandom(seed: number): SeededRandom {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    below,
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      return list[below(list.length)] as T;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    waiting: (mean) => -mean * Math.log(1 - next()),
  };
}
