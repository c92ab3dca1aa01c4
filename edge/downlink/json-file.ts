import { readFileSync } from 'node:fs';
import { Fault } from '#contracts/fault.ts';
import { writeFileDurably } from '../journal/durable-file.ts';

/** One value in a file of the data folder, for the gateway's own user alone. */
export interface JsonFile<T> {
  readonly value: T;
  /** On disk when it returns. @throws what the file system reports. */
  write(value: T): void;
}

/**
 * Opens the file; what is not there is `otherwise`.
 *
 * @throws Fault STORE_BROKEN where it is there and cannot be read: to begin anew would forget what
 *   was promised.
 */
export function openJsonFile<T>(path: string, otherwise: T): JsonFile<T> {
  let value = read(path, otherwise);
  return {
    get value() {
      return value;
    },
    write(next) {
      writeFileDurably(path, `${JSON.stringify(next)}\n`, 0o600);
      value = next;
    },
  };
}

function read<T>(path: string, otherwise: T): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw new Fault('STORE_BROKEN', `${path} cannot be read`, { cause });
  }
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new Fault('STORE_BROKEN', `${path} is damaged`, { cause });
  }
}
