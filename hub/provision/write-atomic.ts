import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a whole file or nothing of it, and on disk before it returns: readers see the old content
 * or the new one, also after a power cut.
 *
 * @param mode permission bits of the file, whatever they were before.
 */
export async function writeAtomic(file: string, content: string, mode = 0o644): Promise<void> {
  const draft = `${file}.draft-${process.pid}`;
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
