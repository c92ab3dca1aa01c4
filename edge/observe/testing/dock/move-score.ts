import type { DockWorld } from './dock-world.ts';

/** A method said, at this time, that a thing went from one place to another. */
export interface SaidMove {
  readonly epc: string;
  readonly from: string;
  readonly to: string;
  readonly atS: number;
}

export interface MoveScore {
  readonly found: number;
  readonly said: number;
  readonly real: number;
}

/** A move has to be said from when it begins until so long after it ended. */
const toleranceS = 15;

export const noScore: MoveScore = { found: 0, said: 0, real: 0 };

/**
 * A move that was said is found when thing, from, to and time are those of a real one that no other
 * was taken for.
 */
export function scoreMoves(
  { moves }: Pick<DockWorld, 'moves'>,
  said: readonly SaidMove[],
  counts: (from: string, to: string) => boolean = () => true,
  withinS = toleranceS,
): MoveScore {
  const open = new Map(
    [...moves].map(([epc, list]) => [epc, list.filter(({ from, to }) => counts(from, to))]),
  );
  const real = [...open.values()].reduce((sum, { length }) => sum + length, 0);
  const counted = said.filter(({ epc, from, to }) => moves.has(epc) && counts(from, to));
  let found = 0;
  for (const { epc, from, to, atS } of counted) {
    const left = open.get(epc) ?? [];
    const index = left.findIndex((move) => {
      const isSame = move.from === from && move.to === to;
      return isSame && atS >= move.fromS && atS <= move.toS + withinS;
    });
    if (index < 0) continue;
    left.splice(index, 1);
    found += 1;
  }
  return { found, said: counted.length, real };
}

export function addScores(a: MoveScore, b: MoveScore): MoveScore {
  return { found: a.found + b.found, said: a.said + b.said, real: a.real + b.real };
}

/** Harmonic mean of the share of said moves that are real and of real moves that are said. */
export function f1Of({ found, said, real }: MoveScore): number {
  return said + real === 0 ? 0 : (2 * found) / (said + real);
}
