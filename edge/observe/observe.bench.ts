/**
 * How truly the observers tell where things move, in a made-up warehouse (`testing/dock`) whose
 * truth is known: neighbouring doors that read each other's tags (20 %), stray reads (5 %), passes
 * of two to six seconds, things that wait outside a door, stand inside one, are carried along a row
 * of them, come up and turn back, go in and come out. Readers report once a second, in the format
 * of Zebra's IoT Connector; the real codec, observers and posting policy read them, with what
 * `gateway init` configures. Constants are chosen on seeds 1 to 100 (`npm run bench --
 * tune-observe`); seeds 1001 to 1100 are reported.
 *
 * `moves`: world A, where misses are independent: F1 of moves between zones (also in from outside
 * and out) by `portal.passed` and `tag.moved`, said no later than 15 s after the move; beside it a
 * plain two-second window on the same reads, and what the observer takes per report.
 * `shadowed`: world B, pallets of which 3 % of the tags are not read at all in each pass: F1 of
 * what the ledger says, with the pallets' contents announced by a document and without.
 * `postings`: false receipts and shipments, by the ledger, in 10,000 real passes of doors: the
 * worse of both read rates.
 */
import process from 'node:process';
import { performance } from 'node:perf_hooks';
import { runBenchParts, say, type Figures } from '../testing/bench/bench-parts.ts';
import { measureWorlds, type WorldsMeasured } from './testing/dock/measure-worlds.ts';
import { f1Of, type MoveScore } from './testing/dock/move-score.ts';

const loose = { loose: 100, pallets: 0, perPallet: 0 };
const palletised = { loose: 0, pallets: 8, perPallet: 12 };
/** The tag of 95 % and of 80 % of the rounds. */
const usualRead = 0.95;
const poorRead = 0.8;

function* seeds(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed += 1) yield seed;
}

const reported = () => seeds(1001, 100);

function sayScore(what: string, score: MoveScore): void {
  const { found, said, real } = score;
  const missed = ((1 - found / real) * 100).toFixed(2);
  const wrong = ((1 - found / said) * 100).toFixed(2);
  say(
    `${what}: F1 ${f1Of(score).toFixed(4)} (${real} moves, ${missed} % missed, ${wrong} % of those said false)`,
  );
}

async function moves(): Promise<Figures> {
  const stopwatch = () => performance.now();
  const at95 = measureWorlds({ seeds: reported(), read: usualRead, goods: loose, stopwatch });
  const at80 = measureWorlds({ seeds: reported(), read: poorRead, goods: loose, stopwatch });
  for (const [rate, measured] of [
    ['95 %', at95],
    ['80 %', at80],
  ] as const) {
    sayScore(`read rate ${rate}, observed`, measured.observed);
    sayScore(`read rate ${rate}, ledger`, measured.posted);
    sayScore(`read rate ${rate}, two-second window`, measured.window);
  }
  const reports = at95.reports + at80.reports;
  return {
    f1At95: f1Of(at95.observed),
    f1At80: f1Of(at80.observed),
    windowF1At95: f1Of(at95.window),
    windowF1At80: f1Of(at80.window),
    readsPerSecond: (reports * 1000) / (at95.busyMs + at80.busyMs),
  };
}

async function shadowed(): Promise<Figures> {
  const of = { read: usualRead, shadow: 0.03, goods: palletised };
  const without = measureWorlds({ seeds: reported(), ...of });
  const known = measureWorlds({ seeds: reported(), ...of, announced: true });
  sayScore('3 % shadowed, contents announced', known.posted);
  sayScore('3 % shadowed, tags alone', without.posted);
  sayScore('3 % shadowed, two-second window', without.window);
  return {
    f1Shadowed: f1Of(known.posted),
    f1ShadowedAlone: f1Of(without.posted),
    windowF1Shadowed: f1Of(without.window),
  };
}

/** In 10,000 passes at a read rate: loose things, and pallets that a document announced. */
function falsePosts(read: number): number {
  const pallets = { shadow: 0.03, goods: palletised, announced: true };
  const parts: WorldsMeasured[] = [
    measureWorlds({ seeds: reported(), read, goods: loose }),
    measureWorlds({ seeds: reported(), read, ...pallets }),
  ];
  const passes = parts.reduce((sum, one) => sum + one.passes, 0);
  const wrong = parts.reduce((sum, one) => sum + one.falsePosts, 0);
  const [alone, units] = parts.map((one) => one.falsePosts);
  say(`read rate ${read * 100} %: ${wrong} false receipts and shipments in ${passes} passes`);
  say(`  ${alone} of loose things, ${units} of things on pallets`);
  return (wrong * 10_000) / passes;
}

async function postings(): Promise<Figures> {
  const [at95, at80] = [falsePosts(usualRead), falsePosts(poorRead)];
  return {
    falsePostPer10k: Math.max(at95, at80),
    falsePostPer10kAt95: at95,
    falsePostPer10kAt80: at80,
  };
}

await runBenchParts(process.argv.slice(2), {
  moves: {
    figures: ['f1At95', 'f1At80', 'windowF1At95', 'windowF1At80', 'readsPerSecond'],
    run: moves,
  },
  shadowed: { figures: ['f1Shadowed', 'f1ShadowedAlone', 'windowF1Shadowed'], run: shadowed },
  postings: {
    figures: ['falsePostPer10k', 'falsePostPer10kAt95', 'falsePostPer10kAt80'],
    run: postings,
  },
});
