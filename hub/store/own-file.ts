import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { Fault } from '#contracts/fault.ts';

const ownerOnly = 0o600;

/**
 * Sees to it that a database file is there and that only its owner may read or write it; what
 * SQLite puts beside it takes over its mode. The folder's mode alone would not do: a folder may be
 * opened to others later, and a copy takes along the mode of the file.
 *
 * @throws Fault STORE_BROKEN where there can be no such file, STORE_UNSAFE where others may read it
 * and its mode cannot be changed.
 */
export function makeOwnFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', ownerOnly));
  } catch (cause) {
    throw new Fault('STORE_BROKEN', `cannot open the store ${file}`, { cause, details: { file } });
  }
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined || (mode & 0o077) === 0) continue;
    try {
      chmodSync(path, ownerOnly);
    } catch (cause) {
      throw new Fault('STORE_UNSAFE', `others may read ${path}: set its mode to 0600`, { cause });
    }
  }
}
