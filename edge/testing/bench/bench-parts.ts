import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

export type Figures = Readonly<Record<string, number>>;

interface BenchPart {
  readonly figures: readonly string[];
  readonly run: () => Promise<Figures>;
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A folder that goes when the bench ends. */
export function benchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * What the bench runner asks of a bench: `--describe` names the parts, `--part P` runs one and
 * prints its figures last.
 */
export async function runBenchParts(
  args: readonly string[],
  parts: Readonly<Record<string, BenchPart>>,
): Promise<void> {
  if (args.includes('--describe')) {
    const described = Object.entries(parts).map(([name, { figures }]) => ({ name, figures }));
    say(JSON.stringify({ parts: described }));
    return;
  }
  const name = args[args.indexOf('--part') + 1] ?? '';
  const part = parts[name];
  if (part === undefined) throw new Error(`there is no part "${name}"`);
  say(JSON.stringify({ figures: await part.run() }));
  // Nothing that still listens or waits is needed any more.
  process.exit(0);
}
