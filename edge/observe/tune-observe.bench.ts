/**
 * What the observers' constants are chosen by: the worlds of `npm run bench -- observe`, on seeds
 * 1 to 100 that it does not report on. One row for what `gateway init` writes, with the constants
 * of `tag-presence.ts`, `portal-pass.ts` and `arrivals.ts` as they stand there, and one for each
 * setting changed by itself. To try a constant of the code, change it and run the `chosen` part.
 *
 * Rows are kept in `.bench/tune-observe/`, by what is in the files that decide, so that a run that
 * was cut off goes on and one after a change measures again.
 */
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runBenchParts, say, type Figures } from '../testing/bench/bench-parts.ts';
import type { DockPolicies } from './testing/dock/gateway-moves.ts';
import { measureWorlds } from './testing/dock/measure-worlds.ts';
import { f1Of } from './testing/dock/move-score.ts';

const root = new URL('../..', import.meta.url).pathname;
const folder = join(root, '.bench', 'tune-observe');
const goods = { loose: 100, pallets: 0, perPallet: 0 };
const deciding = 'edge/{observe,post,stock,config}/**/*.ts';

const settings: Readonly<Record<string, DockPolicies>> = {
  'minReads 3': { observe: { minReads: 3 } },
  'minReads 4': { observe: { minReads: 4 } },
  'minReads 7': { observe: { minReads: 7 } },
  'moveReads 1': { observe: { moveReads: 1 } },
  'moveReads 3': { observe: { moveReads: 3 } },
  'passWindowMs 2000': { observe: { passWindowMs: 2000 } },
  'passWindowMs 4000': { observe: { passWindowMs: 4000 } },
  'confirmReads 5': { posting: { confirmReads: 5 } },
};

type Row = Readonly<Record<'f1' | 'ledgerF1' | 'falsePosts' | 'passes', number>>;

function* tuned(): Generator<number> {
  for (let seed = 1; seed <= 100; seed += 1) yield seed;
}

/** Digest of all that decides a row: observers, policies, starting values and the worlds. */
function codeKey(): string {
  const sum = createHash('sha256');
  const files = globSync(deciding, { cwd: root }).filter((file) => !/\.(test|bench)\./.test(file));
  for (const file of files.sort()) sum.update(file).update(readFileSync(join(root, file)));
  return sum.digest('hex').slice(0, 16);
}

function rowOf(code: string, name: string, policies: DockPolicies, read: number): Row {
  const file = join(folder, `${code}-${name.replace(' ', '-')}-${read * 100}.json`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Row;
  } catch {
    const measured = measureWorlds({ seeds: tuned(), read, goods, policies });
    const { observed, posted, falsePosts, passes } = measured;
    const row = { f1: f1Of(observed), ledgerF1: f1Of(posted), falsePosts, passes };
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(row));
    return row;
  }
}

function sayRow(code: string, name: string, policies: DockPolicies): readonly [Row, Row] {
  const rows = [0.95, 0.8].map((read) => rowOf(code, name, policies, read));
  const cells = rows.map(({ f1, ledgerF1, falsePosts, passes }) => {
    const per10k = ((falsePosts * 10_000) / passes).toFixed(2);
    return `${f1.toFixed(4)}  ${ledgerF1.toFixed(4)}  ${per10k.padStart(6)}`;
  });
  say(`${name.padEnd(20)} ${cells.join('   ')}`);
  return rows as unknown as readonly [Row, Row];
}

function head(): void {
  const cells = 'F1      ledger     false';
  say(`${' '.repeat(20)} 95 %: ${cells}   80 %: ${cells} of 10,000`);
}

async function chosen(): Promise<Figures> {
  head();
  const [usual, poor] = sayRow(codeKey(), 'chosen', {});
  return {
    tunedF1At95: usual.f1,
    tunedF1At80: poor.f1,
    tunedFalsePostPer10k: Math.max(
      ...[usual, poor].map(({ falsePosts, passes }) => (falsePosts * 10_000) / passes),
    ),
  };
}

async function others(): Promise<Figures> {
  head();
  const code = codeKey();
  const entries = Object.entries(settings);
  for (const [name, policies] of entries) sayRow(code, name, policies);
  return { settingsTried: entries.length };
}

await runBenchParts(process.argv.slice(2), {
  chosen: { figures: ['tunedF1At95', 'tunedF1At80', 'tunedFalsePostPer10k'], run: chosen },
  others: { figures: ['settingsTried'], run: others },
});
