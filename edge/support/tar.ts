import { Buffer } from 'node:buffer';

export interface TarFile {
  /** Up to 100 ASCII characters. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const blockBytes = 512;

/**
 * An archive of plain files, each readable by its owner alone (POSIX.1-2017, pax: ustar format).
 *
 * @param modifiedMs UTC
 */
export function tarOf(files: readonly TarFile[], modifiedMs: number): Buffer {
  const parts = files.flatMap(({ name, bytes }) => [
    headerOf(name, bytes.length, modifiedMs),
    bytes,
    Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

function headerOf(name: string, size: number, modifiedMs: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  };
  header.write(name, 0, 100, 'latin1');
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(Math.floor(modifiedMs / 1000), 136, 12);
  header.write('0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  // The sum counts its own field as spaces.
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
  return header;
}
