/**
 * `holdfast gateway …`, `holdfast hub …`, `holdfast simulate …`: one command in front of the parts,
 * which run as processes of their own. Arguments, streams, signals and exit code pass through.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';

const parts: Readonly<Record<string, { readonly script: string; readonly summary: string }>> = {
  gateway: {
    script: '../edge/cli.ts',
    summary: 'of a warehouse: takes what devices say, keeps the journal, serves the floor page',
  },
  hub: {
    script: '../hub/cli.ts',
    summary: 'of all sites: merges their journals, serves the console and its API',
  },
  simulate: {
    script: '../simulators/cli.ts',
    summary: 'devices that speak their real protocols, of a world that is known',
  },
};

const help = [
  'usage: holdfast PART …   (npm run holdfast -- PART …)',
  ...Object.entries(parts).map(([part, { summary }]) => `  ${part.padEnd(9)} ${summary}`),
  'holdfast PART --help says what a part can do; holdfast PART COMMAND --help, what a command takes.',
  '',
].join('\n');

const typed = process.argv.slice(2);
const isHelp = typed[0] === '--help' || typed[0] === '-h' || typed[0] === 'help';
// `holdfast help hub gateway add` asks what `holdfast hub gateway add --help` does.
const [part = '', ...rest] =
  isHelp && typed.length > 1 ? [...typed.slice(1), '--help'] : isHelp ? [] : typed;
const script = Object.hasOwn(parts, part) ? parts[part]?.script : undefined;

if (script === undefined) {
  const complaint = part === '' ? '' : `holdfast: unknown part "${part}"\n`;
  process.stderr.write(`${complaint}${help}`);
  process.exitCode = isHelp && part === '' ? 0 : 2;
} else {
  const child = spawn(process.execPath, [new URL(script, import.meta.url).pathname, ...rest], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}
