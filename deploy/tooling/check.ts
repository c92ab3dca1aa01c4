/**
 * All checks of the project, in the order in which they fail fastest: types, lint, format, dead
 * code, tests. Every checker says how many files it saw, because a checker that saw none is green.
 * The last line is `tests: N passed, N failed`; a checker counts as one test.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';

const root = new URL('../..', import.meta.url).pathname;
const bin = join(root, 'node_modules/.bin');

interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a tool of the project under this Node; the output is kept and shown as it comes. */
function run(tool: string, args: readonly string[], show: boolean): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(join(bin, tool), [...args], {
      cwd: root,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (show) process.stderr.write(text);
      });
    }
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

interface Checker {
  readonly name: string;
  readonly tool: string;
  readonly args: readonly string[];
  /** How many files the run saw, read from its output. */
  readonly filesSeen: (output: string) => number;
}

const minimumFiles = 60;

const checkers: readonly Checker[] = [
  {
    name: 'types',
    tool: 'tsc',
    args: ['-p', '.', '--listFiles'],
    filesSeen: (output) =>
      output.split('\n').filter((line) => line.startsWith(root) && !line.includes('node_modules'))
        .length,
  },
  {
    name: 'lint',
    tool: 'oxlint',
    args: ['--type-aware', '--deny-warnings'],
    filesSeen: (output) => Number(/on (\d+) files/.exec(output)?.[1] ?? 0),
  },
  { name: 'format', tool: 'oxfmt', args: ['--check', '.'], filesSeen: formattedFiles },
  {
    name: 'dead code',
    tool: 'knip',
    args: ['--config', 'deploy/tooling/knip.json', '--performance'],
    filesSeen: (output) => Number(/^getImportsAndExports +(\d+)/m.exec(output)?.[1] ?? 0),
  },
];

function formattedFiles(output: string): number {
  return Number(/on (\d+) files/.exec(output)?.[1] ?? 0);
}

async function check(checker: Checker): Promise<boolean> {
  const startedAt = performance.now();
  const { code, output } = await run(checker.tool, checker.args, false);
  const files = checker.filesSeen(output);
  const sawEnough = files >= minimumFiles;
  const passed = code === 0 && sawEnough;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(
    `${passed ? 'ok  ' : 'FAIL'} ${checker.name} ${seconds} s, ${files} files\n`,
  );
  if (!sawEnough)
    process.stderr.write(`     saw ${files} files, expected ${minimumFiles} or more\n`);
  if (code !== 0) {
    const lines = output.split('\n').filter((line) => !line.startsWith(root));
    process.stderr.write(`${lines.slice(0, 120).join('\n')}\n`);
  }
  return passed;
}

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** What was skipped, by name: `file: suite or test`, with how many tests that is. */
function skippedOf({ testResults }: TestReport): Map<string, number> {
  const skipped = new Map<string, number>();
  for (const { name, assertionResults } of testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      if (status !== 'skipped' && status !== 'pending') continue;
      const key = `${relative(root, name)}: ${ancestorTitles[0] ?? title}`;
      skipped.set(key, (skipped.get(key) ?? 0) + 1);
    }
  }
  return skipped;
}

async function runTests(): Promise<TestReport> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-check-'));
  const reportFile = join(folder, 'report.json');
  try {
    const args = ['run', '--config', 'deploy/tooling/vitest.config.ts'];
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    await run('vitest', [...args, ...reporters, ...process.argv.slice(2)], true);
    return JSON.parse(readFileSync(reportFile, 'utf8')) as TestReport;
  } catch {
    return {
      numPassedTests: 0,
      numFailedTests: 1,
      numPendingTests: 0,
      numFailedTestSuites: 1,
      testResults: [],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let passed = 0;
let failed = 0;
for (const checker of checkers) {
  if (await check(checker)) passed += 1;
  else failed += 1;
}
const report = await runTests();
passed += report.numPassedTests;
// A file that cannot be loaded fails without a failed test.
failed += Math.max(report.numFailedTests, report.numFailedTestSuites > 0 ? 1 : 0);
if (report.numPassedTests === 0) failed += 1;
for (const [what, tests] of skippedOf(report)) {
  process.stderr.write(`skip ${what}${tests === 1 ? '' : `, ${tests} tests`}\n`);
}
const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
process.stdout.write(`tests: ${passed} passed, ${failed} failed${skipped}\n`);
process.exitCode = failed === 0 ? 0 : 1;
