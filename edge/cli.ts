import { once } from 'node:events';
import process from 'node:process';

/**
 * V8 sizes its young generation for throughput: under load it takes up to 128 MB more of resident
 * memory than a gateway has use for. It only listens to this as it starts: set at run time, the flag
 * has no effect. So that neither scripts nor unit files need to know of it, a process that lacks it
 * replaces itself, before anything is loaded: same id, same streams, 50 ms later. Whoever sets the
 * size otherwise, there or in NODE_OPTIONS, has it so. Windows cannot replace a process: there, memory
 * is all that is lost.
 */
const youngGeneration = '--max-semi-space-size';

function givenToNode(flag: string): boolean {
  const inEnvironment = (process.env['NODE_OPTIONS'] ?? '').split(/\s+/);
  const flags = [...process.execArgv, ...inEnvironment].map((one) => one.replaceAll('_', '-'));
  return flags.some((one) => one === flag || one.startsWith(`${flag}=`));
}

if (process.platform !== 'win32' && !givenToNode(youngGeneration)) {
  const [, ...script] = process.argv;
  const flags = [...process.execArgv, `${youngGeneration}=16`];
  process.execve?.(process.execPath, [process.argv0, ...flags, ...script], process.env);
}

const { allCommands } = await import('./commands/all-commands.ts');
const { execute } = await import('./commands/execute.ts');

process.stdout.on('error', () => process.exit(1));

process.exitCode = await execute(process.argv.slice(2), allCommands, {
  // npm changes to the package's folder; paths count from where the person is.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  async out(line) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  },
  say: (line) => void process.stderr.write(`${line}\n`),
});
