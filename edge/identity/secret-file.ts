import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { Fault, messageOf } from '#contracts/fault.ts';

/**
 * Reads a file that only its owner may read.
 *
 * @throws Fault IDENTITY_MISSING naming the file and what to do: absent, unreadable, or open to others.
 */
export function readSecretFile(path: string, what: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new Fault('IDENTITY_MISSING', `${what}: cannot read ${path}: ${messageOf(cause)}`, {
      cause,
      details: { path, remedy: 'create an identity, or point the configuration at the file' },
    });
  }
  try {
    // Mode and content are taken from one open file, so that it cannot be swapped in between.
    const mode = fstatSync(descriptor).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new Fault(
        'IDENTITY_MISSING',
        `${what}: ${path} is open to others (mode ${mode.toString(8)}); run: chmod 600 ${path}`,
        { details: { path, mode: mode.toString(8), remedy: `chmod 600 ${path}` } },
      );
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes a new file with mode 0600, on disk when this returns.
 *
 * @throws Fault CONFLICT when there is a file already: a key is never overwritten.
 */
export function writeSecretFile(path: string, content: string): void {
  writeNewFile(path, content, 0o600);
}

/** As `writeSecretFile`, with another mode. After a power cut there is the whole file or none. */
export function writeNewFile(path: string, content: string, mode: number): void {
  const draft = `${path}.draft-${process.pid}`;
  rmSync(draft, { force: true });
  const descriptor = openSync(draft, 'wx', mode);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new Fault('CONFLICT', `${path} exists already and is kept`, {
      cause,
      details: { path, remedy: 'move the old identity away first, or use it' },
    });
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolderOf(path);
}

/** Names of files are on disk only once their folder is. */
export function syncFolderOf(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
