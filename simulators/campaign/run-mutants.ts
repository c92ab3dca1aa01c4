import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { mutants, type Mutant } from './mutants.ts';

const root = new URL('../..', import.meta.url).pathname;
const parts = ['edge', 'hub', 'devices', 'simulators', 'package.json', 'tsconfig.json'];
/** A planted bug must be found within so many schedules. */
const schedules = 2000;

/** How many bugs were planted, and how many of them the campaign found. */
export interface MutantFigures {
  readonly mutants: number;
  readonly caught: number;
}

/**
 * Plants each known bug in a copy of the source, one at a time, and runs the campaign on it.
 *
 * @throws Error for a mutant whose text is not in its file exactly once: it has to follow the code.
 */
export async function runMutants(
  say: (what: string) => void,
  signal: AbortSignal,
): Promise<MutantFigures> {
  const tree = mkdtempSync(join(tmpdir(), 'holdfast-mutants-'));
  try {
    for (const part of parts) cpSync(join(root, part), join(tree, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    let caught = 0;
    for (const mutant of mutants) {
      signal.throwIfAborted();
      const found = await isCaught(tree, mutant, signal);
      say(`${found === undefined ? 'NOT FOUND' : 'found'}: ${mutant.name}${found ?? ''}`);
      if (found !== undefined) caught += 1;
    }
    return { mutants: mutants.length, caught };
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

/** @returns what the campaign said first of it. */
async function isCaught(
  tree: string,
  mutant: Mutant,
  signal: AbortSignal,
): Promise<string | undefined> {
  const edits = [mutant, ...(mutant.also ?? [])];
  const files = new Map(edits.map(({ file }) => [file, readFileSync(join(tree, file), 'utf8')]));
  const planted = new Map(files);
  for (const { file, find, replace } of edits) {
    const text = planted.get(file) ?? '';
    if (text.split(find).length !== 2) {
      const what = `${file} does not hold the text of "${mutant.name}" once`;
      throw new Error(`${what}: mend simulators/campaign/mutants.ts`);
    }
    // A function, so that no $ of the text means anything.
    planted.set(
      file,
      text.replace(find, () => replace),
    );
  }
  try {
    for (const [file, text] of planted) writeFileSync(join(tree, file), text);
    return await campaignOn(tree, signal);
  } finally {
    for (const [file, text] of files) writeFileSync(join(tree, file), text);
  }
}

function campaignOn(tree: string, signal: AbortSignal): Promise<string | undefined> {
  const script = join(tree, 'simulators/campaign/main.ts');
  const options = [`--seeds=${schedules}`, '--until-violation'];
  return new Promise((resolve, reject) => {
    const { execPath } = process;
    execFile(execPath, [script, ...options], { signal }, (error, _, stderr) => {
      if (error === null) return resolve(undefined);
      if (signal.aborted) return reject(error);
      // A bug that ends the process is found as well: no process of ours ends like that unnoticed.
      const line = stderr.split('\n').find((one) => one !== '' && !one.startsWith('·')) ?? '';
      resolve(`: ${line.slice(0, 160)}`);
    });
  });
}
