import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** Debian puts servers into /usr/sbin, which users lack on their path. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** Where a program is, if anywhere. */
export function findProgram(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** For tests that need programs of the system. */
export interface Needs {
  /** To be added to the name of what is skipped; empty if nothing is. */
  readonly suffix: string;
  readonly skip: boolean;
}

/** Skips by name where a program is missing, and fails where nothing may be missing (`CI=true`). */
export function needs(...names: readonly string[]): Needs {
  const missing = names.filter((name) => findProgram(name) === undefined);
  const skip = missing.length > 0 && process.env['CI'] !== 'true';
  return { skip, suffix: skip ? ` (skipped: ${missing.join(' and ')} missing)` : '' };
}
