import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import type { TestProject } from 'vitest/node';

/** Programs of the system that tests run; those that are missing come with `deploy/setup.sh test`. */
const programs = {
  chromium: 'chromium',
  mosquittoPub: 'mosquitto_pub',
  natsServer: 'nats-server',
} as const;

/** Path of each program; empty where this machine has none. */
export type TestPrograms = Readonly<Record<keyof typeof programs, string>>;

declare module 'vitest' {
  export interface ProvidedContext {
    /**
     * A test that runs one of these stands in `describe.skipIf(path === '')` or `test.skipIf(…)`,
     * under a title that names the program: so it is skipped by name where the program is missing.
     */
    readonly programs: TestPrograms;
  }
}

/** Debian puts servers into /usr/sbin, which users lack on their path. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

function pathOf(program: string): string {
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs once before all tests. @throws Error where something is missing and `CI=true`. */
export function setup(project: TestProject): void {
  const found = Object.entries(programs).map(([name, program]) => [name, pathOf(program)] as const);
  const missing = Object.values(programs).filter((program) => pathOf(program) === '');
  const remedy = `${missing.join(', ')}; "sh deploy/setup.sh test" installs what tests need`;
  if (missing.length > 0 && process.env['CI'] === 'true') {
    throw new Error(`with CI=true no test is skipped, and there is no ${remedy}`);
  }
  if (missing.length > 0) process.stderr.write(`tests are skipped, for there is no ${remedy}\n`);
  project.provide('programs', Object.fromEntries(found) as TestPrograms);
}
