/** What the tidy test looks at: the project's own source files and what they import. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;

export interface SourceFile {
  /** Path from the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
}

const sourceShape = /\.(?:ts|mjs|css|html|sh)$/;

/** Every source file that is tracked, or new and not ignored. */
export function sourceFiles(): SourceFile[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { cwd: root, encoding: 'utf8' },
  );
  return listed
    .split('\0')
    .filter((path) => sourceShape.test(path) && existsAsFile(path))
    .map((path) => {
      const text = readFileSync(root + path, 'utf8');
      return { path, text, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0) };
    });
}

function existsAsFile(path: string): boolean {
  try {
    readFileSync(root + path);
    return true;
  } catch {
    return false; // deleted, and not yet committed
  }
}

/** Text that never runs does not import: block and line comments and their examples. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

const importShape =
  /(?:^|[\s;])(?:import|export)\s+(?:type\s+)?(?:[\w$*\s{},]+?\s+from\s+)?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g;

/** The module specifiers that a file imports or re-exports, statically or dynamically. */
export function importsOf(file: SourceFile): string[] {
  const found: string[] = [];
  for (const match of withoutComments(file.text).matchAll(importShape)) {
    const specifier = match[1] ?? match[2];
    if (specifier !== undefined) found.push(specifier);
  }
  return found;
}

/** As `importsOf`, without those of types alone, which are gone when the file runs. */
export function importsAtRunTime(file: SourceFile): string[] {
  const text = file.text.replaceAll(/^(?:import|export) type [^;]*;$/gm, '');
  return importsOf({ ...file, text });
}

/** Where a relative or `#` import leads, from the root; undefined for packages and node modules. */
export function targetOf(file: SourceFile, specifier: string): string | undefined {
  if (specifier.startsWith('#contracts/')) return specifier.replace('#', 'hub/');
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(posix.join(posix.dirname(file.path), specifier));
}

/** The npm package of a bare specifier; undefined for node's own modules and paths. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('#') || specifier.startsWith('node:')) {
    return undefined;
  }
  const [scope = '', name = ''] = specifier.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
