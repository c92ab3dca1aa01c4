import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of each database of a folder and of its write-ahead log, by name without `.db`. */
export interface DatabaseBytes {
  readonly name: string;
  readonly bytes: number;
  readonly walBytes: number;
}

export function databasesIn(dataDir: string): DatabaseBytes[] {
  return readdirSync(dataDir)
    .filter((file) => file.endsWith('.db'))
    .toSorted()
    .map((file) => ({
      name: file.slice(0, -3),
      bytes: sizeOf(join(dataDir, file)),
      walBytes: sizeOf(join(dataDir, `${file}-wal`)),
    }));
}

/**
 * What this process has had written to storage so far: `write_bytes` of /proc/self/io, counted by
 * the kernel in whole pages as they are made dirty, less what it never had to write. What the
 * drive's own controller adds is not in it.
 *
 * @returns undefined where the system does not count it.
 */
export function bytesWritten(): number | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/self/io', 'latin1');
  } catch {
    return undefined;
  }
  const count = (name: string): number =>
    Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return Math.max(0, count('write_bytes') - count('cancelled_write_bytes'));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
