import { readFile, stat } from 'node:fs/promises';
import { Fault } from '#contracts/fault.ts';
import { writeAtomic } from './write-atomic.ts';

/**
 * Text of a file that only its owner may read, without the line end.
 *
 * @throws Fault IDENTITY_MISSING when there is none, it is empty, or others may read it;
 * `details.remedy` says what to do where that is more than to put the file back.
 */
export async function readSecret(file: string): Promise<string> {
  let text: string;
  let mode: number;
  try {
    [text, { mode }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
  } catch (cause) {
    throw new Fault('IDENTITY_MISSING', `${file} cannot be read`, { cause });
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new Fault('IDENTITY_MISSING', `others may read ${file} (mode ${octal})`, {
      details: { remedy: `Run: chmod 600 ${file}` },
    });
  }
  if (text.trim() === '') throw new Fault('IDENTITY_MISSING', `${file} is empty`);
  return text.trim();
}

/** Writes a secret, 0600, unless there is one already: what others rely on is never replaced. */
export async function keepOrWriteSecret(file: string, make: () => string): Promise<void> {
  const present = await stat(file).then(
    () => true,
    () => false,
  );
  if (!present) await writeAtomic(file, `${make()}\n`, 0o600);
}
