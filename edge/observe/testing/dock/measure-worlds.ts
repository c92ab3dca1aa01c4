import { dockWorld, usualRates, type DockWorld, type WorldPlan } from './dock-world.ts';
import { gatewayMoves, type DockPolicies } from './gateway-moves.ts';
import { addScores, noScore, scoreMoves, type MoveScore, type SaidMove } from './move-score.ts';
import { outsideSite } from './dock-site.ts';
import { windowMoves } from './window-peer.ts';

/** What is measured of many worlds of one kind. */
export interface WorldsMeasured {
  /** Moves by `portal.passed` and `tag.moved`. */
  readonly observed: MoveScore;
  /** Moves by ledger lines. */
  readonly posted: MoveScore;
  readonly window: MoveScore;
  /** Real passes through doors, and receipts and shipments that were posted without one. */
  readonly passes: number;
  readonly falsePosts: number;
  readonly reports: number;
  /** Of the observer alone. */
  readonly busyMs: number;
}

export interface WorldsAsked {
  readonly seeds: Iterable<number>;
  readonly read: number;
  readonly shadow?: number;
  /** Loose things, or things on pallets with a tag of their own. */
  readonly goods: Pick<WorldPlan, 'loose' | 'pallets' | 'perPallet'>;
  /** Whether a document announced the pallets, so that what is on them is known. */
  readonly announced?: boolean;
  /** In place of what `gateway init` writes. */
  readonly policies?: DockPolicies;
  readonly stopwatch?: () => number;
}

/** So much later than its pass a posting is still of it: handling units settle for 15 s first. */
const postedWithinS = 60;

export function measureWorlds(asked: WorldsAsked): WorldsMeasured {
  const { seeds, read, shadow = 0, goods, announced = false, policies, stopwatch } = asked;
  const sum = { passes: 0, falsePosts: 0, reports: 0, busyMs: 0 };
  let [observed, posted, window] = [noScore, noScore, noScore];
  for (const seed of seeds) {
    const world = dockWorld({ seed, rates: { ...usualRates, read, shadow }, ...goods });
    const said = gatewayMoves(world, { announced, policies, stopwatch });
    observed = addScores(observed, scoreMoves(world, said.observed));
    posted = addScores(posted, scoreMoves(world, said.posted, undefined, postedWithinS));
    window = addScores(window, scoreMoves(world, windowMoves(world)));
    const doors = falsePosts(world, said.posted);
    sum.passes += doors.passes;
    sum.falsePosts += doors.wrong;
    sum.reports += world.reports.length;
    sum.busyMs += said.busyMs;
  }
  return { observed, posted, window, ...sum };
}

/**
 * Receipts and shipments of things that did not pass a door that way then. A receipt must be into
 * the zone that the thing came into; a shipment is true when the thing went out, whichever account
 * the book had it in.
 */
function falsePosts(world: DockWorld, posted: readonly SaidMove[]) {
  const crossing = ({ from, to }: { from: string; to: string }) =>
    from === outsideSite || to === outsideSite;
  const open = new Map([...world.moves].map(([epc, moves]) => [epc, moves.filter(crossing)]));
  const passes = [...open.values()].reduce((count, { length }) => count + length, 0);
  let wrong = 0;
  for (const { epc, from, to, atS } of posted.filter(crossing)) {
    const left = open.get(epc) ?? [];
    const index = left.findIndex(
      (move) =>
        move.to === to &&
        (to === outsideSite || move.from === from) &&
        atS >= move.fromS &&
        atS <= move.toS + postedWithinS,
    );
    if (index < 0) wrong += 1;
    else left.splice(index, 1);
  }
  return { passes, wrong };
}
