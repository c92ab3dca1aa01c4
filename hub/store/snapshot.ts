import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { Fault } from '#contracts/fault.ts';
import type { Database } from './schema.ts';
import { asFault } from './sqlite-connection.ts';

/** Older snapshots than these many make room. */
const keptSnapshots = 2;

/**
 * Copies the store into `snapshots` beside it, as it is now, its WAL included: there whole and on
 * disk, or not at all.
 *
 * @param name of the copy, without ending; one of the same name is replaced
 * @throws Fault STORE_FULL or STORE_BROKEN where no copy can be made.
 */
export async function takeSnapshot(
  db: Kysely<Database>,
  file: string,
  name: string,
): Promise<string> {
  const folder = join(dirname(file), 'snapshots');
  const made = join(folder, `${name}.sqlite`);
  const making = `${made}.making`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rm(making, { force: true });
    await sql`VACUUM INTO ${making}`.execute(db);
    const copy = await open(making, 'r+');
    await copy.chmod(0o600);
    await copy.sync();
    await copy.close();
    await rename(making, made);
    await sync(folder);
    await prune(folder);
    return made;
  } catch (cause) {
    await rm(making, { force: true }).catch(() => {});
    const fault = asFault(cause);
    const isFull =
      (fault instanceof Fault && fault.code === 'STORE_FULL') ||
      /ENOSPC|EDQUOT/.test((cause as NodeJS.ErrnoException).code ?? '');
    const text = `${basename(file)} is not brought up to date: it could not be copied to snapshots first`;
    throw new Fault(isFull ? 'STORE_FULL' : 'STORE_BROKEN', text, { cause });
  }
}

async function prune(folder: string): Promise<void> {
  const all: { readonly path: string; readonly atMs: number }[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.sqlite')) continue;
    const path = join(folder, name);
    all.push({ path, atMs: (await stat(path)).mtimeMs });
  }
  const old = all.toSorted((a, b) => b.atMs - a.atMs || (a.path < b.path ? 1 : -1));
  for (const { path } of old.slice(keptSnapshots)) await rm(path);
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}
