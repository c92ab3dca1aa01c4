import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runFolder } from '../run/run-main.ts';
import type { RangeOutcome } from './schedule-worker.ts';

/** What schedules depend on. */
const sources = ['devices', 'edge', 'hub', 'simulators'];

/**
 * Pieces that are done, kept as they end, so that a campaign that was stopped goes on. They count for
 * the sources as they were committed; while there are others, nothing is kept.
 */
export class CampaignRecord {
  readonly #file: string | undefined;
  readonly #done = new Map<string, RangeOutcome>();

  constructor() {
    const key = keyOfSources();
    this.#file = key === undefined ? undefined : join(runFolder('campaign'), `${key}.jsonl`);
    if (this.#file === undefined || !existsSync(this.#file)) return;
    // The last line is one that was being written when the process ended, or empty.
    for (const line of readFileSync(this.#file, 'utf8').split('\n').slice(0, -1)) {
      const outcome = JSON.parse(line) as RangeOutcome;
      this.#done.set(nameOf(outcome), outcome);
    }
  }

  /** @returns what became of a piece in an earlier run. */
  of(piece: Pick<RangeOutcome, 'from' | 'count'>): RangeOutcome | undefined {
    return this.#done.get(nameOf(piece));
  }

  keep(outcome: RangeOutcome): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    appendFileSync(this.#file, `${JSON.stringify(outcome)}\n`);
  }
}

function nameOf({ from, count }: Pick<RangeOutcome, 'from' | 'count'>): string {
  return `${from}+${count}`;
}

/** The trees of the committed sources; undefined where there are changes, or no git. */
function keyOfSources(): string | undefined {
  const cwd = new URL('../..', import.meta.url).pathname;
  const git = (...of: string[]) =>
    execFileSync('git', of, { cwd, encoding: 'utf8', stdio: 'pipe' });
  try {
    if (git('status', '--porcelain', '--', ...sources) !== '') return undefined;
    const trees = sources.map((source) => git('rev-parse', '--short=10', `HEAD:${source}`).trim());
    return trees.join('-');
  } catch {
    return undefined;
  }
}
