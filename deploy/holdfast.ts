/**
 * `holdfast gateway …`, `holdfast hub …`, `holdfast simulate …`: one command in front of the parts,
 * which run as processes of their own. Arguments, streams, signals and exit code pass through.
 */
import { spawn } from 'node:child_process';
import process from 'node:process';

const parts: Readonly<Record<string, string>> = {
  gateway: '../edge/cli.ts',
  hub: '../hub/cli.ts',
  simulate: '../simulators/cli.ts',
};

const [part = '', ...rest] = process.argv.slice(2);
const script = Object.hasOwn(parts, part) ? parts[part] : undefined;

if (script === undefined) {
  process.stderr.write(
    `holdfast: ${part === '' ? 'say what to run' : `unknown part "${part}"`}: ` +
      `${Object.keys(parts).join(', ')}, then its arguments\n`,
  );
  process.exitCode = 2;
} else {
  const child = spawn(process.execPath, [new URL(script, import.meta.url).pathname, ...rest], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}
