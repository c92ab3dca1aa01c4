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
import { parseArgs } from 'node:util';
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

function help(): string {
  return `Usage: npm run bench -- NAME [--part PART]
       npm run bench -- NAME --help       the parts of a bench and their figures

Runs a bench and prints its figures as one JSON line, last. Results of parts are kept in .bench/ for
this commit and machine; without --part those that are there are taken, and the rest is run.

Benches: ${[...benches().keys()].sort().join(', ')}

Exit codes:
  0  all that was asked for was measured
  1  a bench failed
  2  the command line is wrong
`;
}

/** What was typed; a text says what is wrong with it. */
function readCommandLine():
  | { bench: string; script: string; part?: string; help: boolean }
  | string {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h', default: false }, part: { type: 'string' } },
    allowPositionals: true,
  });
  const [bench = '', ...more] = positionals;
  if (more.length > 0) return `one bench at a time: not also ${more.join(', ')}`;
  const script = benches().get(bench) ?? '';
  if (script === '' && !(bench === '' && values.help)) {
    const names = [...benches().keys()].sort().join(', ');
    return `${bench === '' ? 'say which bench to run' : `unknown name "${bench}"`}: one of ${names}`;
  }
  const { part, help } = values;
  return { bench, script, help, ...(part === undefined ? {} : { part }) };
}

function refuse(what: string): number {
  process.stderr.write(`bench: ${what}\nbench: "npm run bench -- --help" says more\n`);
  return 2;
}

async function main(): Promise<number> {
  let typed: ReturnType<typeof readCommandLine>;
  try {
    typed = readCommandLine();
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (typeof typed === 'string') return refuse(typed);
  const { bench, script, part, help: asked } = typed;
  if (script === '') {
    process.stdout.write(help());
    return 0;
  }
  const description = JSON.parse(await runBench(script, ['--describe'], false)) as Description;
  if (asked) {
    for (const { name, figures } of description.parts) {
      process.stdout.write(`${bench} --part ${name}: ${figures.join(', ')}\n`);
    }
    return 0;
  }
  const parts = description.parts.filter(({ name }) => part === undefined || name === part);
  if (parts.length === 0) {
    const names = description.parts.map(({ name }) => name).join(', ');
    return refuse(`${bench} has no part "${part ?? ''}": one of ${names}`);
  }
  await measure(bench, script, description, parts, part !== undefined);
  return 0;
}

/** Runs the parts, or takes what is kept of them, and prints all figures last. */
async function measure(
  name: string,
  script: string,
  description: Description,
  parts: Description['parts'],
  anew: boolean,
): Promise<void> {
  const on = ground();
  process.stdout.write(
    `machine: ${on.machine}\ncommit: ${on.commit}${on.dirty ? ', changed' : ''}\n`,
  );
  const figures: Figures = {};
  for (const part of parts) {
    const file = keptFile(name, part.name, on);
    const kept = anew || on.dirty ? undefined : readKept(file);
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
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
