/**
 * Seeded randomness for everything a simulation decides. Same seed, same numbers, on every
 * machine; never for secrets.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform in [min, max). */
  between(min: number, max: number): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  chance(probability: number): boolean;
  /** One of a list that is not empty. @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T;
  /** Approximately normal (sum of four uniforms), mean 0, standard deviation 1. */
  normal(): number;
}

/**
 * A stream of its own for each part of a simulation, so that one part drawing more numbers changes
 * nothing in another. Generator: sfc32 (C. Doty-Humphrey, PractRand), 128 bits of state.
 *
 * @param stream names the part; equal (seed, stream) give equal numbers.
 */
export function createRandom(seed: number, stream: string): Random {
  const next = sfc32(seedWords(`${seed}/${stream}`));
  const between = (min: number, max: number) => min + next() * (max - min);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    between,
    below,
    chance: (probability) => next() < probability,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new RangeError('nothing to pick from');
      return list[below(list.length)] as T;
    },
    // The variance of one uniform is 1/12, so four of them are scaled by sqrt(3).
    normal: () => (next() + next() + next() + next() - 2) * Math.sqrt(3),
  };
}

type Words = readonly [number, number, number, number];

function sfc32([first, second, third, fourth]: Words): () => number {
  let a = first;
  let b = second;
  let c = third;
  let counter = fourth;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  // Seeds that differ in one bit need a few rounds until their numbers have nothing in common.
  for (let round = 0; round < 16; round += 1) next();
  return next;
}

/** Four words of a text (FNV-1a from four starting points). */
function seedWords(text: string): Words {
  return [word(text, 0x811c9dc5), word(text, 0x9e3779b9), word(text, 0x85ebca6b), 1];
}

function word(text: string, start: number): number {
  let hash = start;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}
