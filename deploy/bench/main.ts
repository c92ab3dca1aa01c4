/**
 * `npm run bench -- NAME [--part P]`: runs `NAME.bench.ts`, wherever it stands, as a process.
 *
 * A bench answers `--describe` with `{"parts":[{"name","figures":[…]}]}` and `--part P` with its
 * figures as the last line, `{"figures":{…}}`; all else it prints is shown. Results of parts are
 * kept in `.bench/`, by commit and machine; a run without `--part` takes those that are there and
 * runs the rest. The last line is `{"bench","figures","missing"}`.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { ground, type Ground } from './machine.ts';

const root = new URL('../..', import.meta.url).pathname;
type Figures = Record<string, number | boolean | null>;

interface Description {
  readonly parts: readonly { readonly name: string; readonly figures: readonly string[] }[];
}

function benches(): Map<string, string> {
  const found = globSync('{edge,hub,devices,web,simulators}/**/*.bench.ts', { cwd: root });
  return new Map(found.map((path) => [basename(path, '.bench.ts'), join(root, path)]));
}

/** Runs a bench; resolves with its last line, showing the others when asked to. */
function runBench(script: string, args: readonly string[], show: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let last = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (show && last !== '') process.stdout.write(`${last}\n`);
        last = line;
      }
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => child.kill(signal));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(last) : reject(new Error(`${basename(script)} ended with code ${code}`)),
    );
  });
}

function keptFile(bench: string, part: string, on: Ground): string {
  return join(root, '.bench', `${bench}-${part}-${on.key}.json`);
}

function readKept(file: string): Figures | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { figures: Figures }).figures;
  } catch {
    return undefined;
  }
}

async function main(): Promise<number> {
  const [name = '', ...rest] = process.argv.slice(2);
  const script = benches().get(name);
  if (script === undefined) {
    process.stderr.write(
      `bench: unknown name "${name}": one of ${[...benches().keys()].join(', ')}\n`,
    );
    return 2;
  }
  const description = JSON.parse(await runBench(script, ['--describe'], false)) as Description;
  const only = rest[0] === '--part' ? rest[1] : undefined;
  const parts = description.parts.filter((part) => only === undefined || part.name === only);
  if (parts.length === 0) {
    const names = description.parts.map((part) => part.name).join(', ');
    process.stderr.write(`bench: ${name} has no part "${only ?? ''}": one of ${names}\n`);
    return 2;
  }
  const on = ground();
  process.stdout.write(
    `machine: ${on.machine}\ncommit: ${on.commit}${on.dirty ? ', changed' : ''}\n`,
  );
  const figures: Figures = {};
  for (const part of parts) {
    const file = keptFile(name, part.name, on);
    const kept = only === undefined && !on.dirty ? readKept(file) : undefined;
    if (kept !== undefined) {
      process.stdout.write(`${name} ${part.name}: kept from an earlier run of this commit\n`);
      Object.assign(figures, kept);
      continue;
    }
    const last = await runBench(script, ['--part', part.name], true);
    const { figures: measured } = JSON.parse(last) as { figures: Figures };
    Object.assign(figures, measured);
    if (!on.dirty) {
      mkdirSync(join(root, '.bench'), { recursive: true });
      writeFileSync(
        file,
        `${JSON.stringify({ machine: on.machine, commit: on.commit, figures: measured })}\n`,
      );
    }
  }
  const wanted = description.parts.flatMap((part) => part.figures);
  const missing = wanted.filter((figure) => !(figure in figures));
  process.stdout.write(`${JSON.stringify({ bench: name, figures, missing })}\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
