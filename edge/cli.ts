import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * V8 sizes its heap for throughput (figures: `npm run bench -- ingest`):
 * - Under load its young generation takes up to 128 MB more memory than a gateway has use for.
 * - It looks through that when it is full, in the middle of a piece of work, and takes what is alive
 *   there for old. At half its size it finds a moment in between, when hardly anything is: a tenth
 *   of all time.
 * - Its old generation grows fourfold before it is looked through, which costs the caches of a small
 *   machine another tenth.
 *
 * It only listens to this as it starts: set at run time, the flags have no effect. So that neither
 * scripts nor unit files need to know of it, a process that lacks them replaces itself, before
 * anything is loaded: same id, same streams, 50 ms later. Whoever sets one otherwise, there or in
 * NODE_OPTIONS, has it so. Where a process cannot be replaced (Windows), memory is all that is lost.
 */
const heapFlags: Readonly<Record<string, number>> = {
  '--max-semi-space-size': 16,
  '--minor-gc-task-trigger': 50,
  '--heap-growing-percent': 75,
};

/**
 * glibc's allocator keeps what large buffers left behind, and more so the larger they were: 20 MB
 * after a backlog went through zstd. With these (mallopt(3)) the kernel has it back at once.
 */
const allocatorSettings: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '262144',
  MALLOC_TRIM_THRESHOLD_: '2097152',
};

/**
 * Modules are kept as they were compiled: it takes a third off a start, and 20 MB off every thread
 * that then need not load the compiler of TypeScript. Where this cannot be written, nothing is kept.
 */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url));

function missingFlags(): string[] {
  const inEnvironment = (process.env['NODE_OPTIONS'] ?? '').split(/\s+/);
  const given = [...process.execArgv, ...inEnvironment].map((one) => one.replaceAll('_', '-'));
  return Object.entries(heapFlags)
    .filter(([flag]) => !given.some((one) => one === flag || one.startsWith(`${flag}=`)))
    .map(([flag, value]) => `${flag}=${value}`);
}

const missing = missingFlags();
if (missing.length > 0) {
  const [, ...script] = process.argv;
  const flags = [...process.execArgv, ...missing];
  const env = { NODE_COMPILE_CACHE: compileCache, ...allocatorSettings, ...process.env };
  process.execve?.(process.execPath, [process.argv0, ...flags, ...script], env);
}
// A gateway seldom ends in order, and only then would it be written.
setTimeout(flushCompileCache, 5_000).unref();

const { allCommands } = await import('./commands/all-commands.ts');
const { execute } = await import('./commands/execute.ts');

process.stdout.on('error', () => process.exit(1));

process.exitCode = await execute(process.argv.slice(2), allCommands, {
  // npm changes to the package's folder; paths count from where the person is.
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  async out(line) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  },
  input: async () => (await import('node:stream/consumers')).text(process.stdin),
  say: (line) => void process.stderr.write(`${line}\n`),
});
