import Database from 'better-sqlite3';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';

/** Older snapshots than these many make room. */
const keptSnapshots = 2;
const folderName = 'snapshots';

/**
 * Copies all databases of a data folder, and what belongs to them, into `snapshots/NAME`. The
 * copies belong together: nothing else may write to the folder meanwhile. The snapshot is there as
 * a whole and on disk, or not at all.
 *
 * @throws SqliteError, or what the file system says.
 */
export function takeSnapshot(dataDir: string, name: string): void {
  const folder = join(dataDir, folderName);
  const making = join(folder, `${name}.making`);
  const made = join(folder, name);
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true, mode: 0o700 });
  for (const file of readdirSync(dataDir)) {
    if (file.endsWith('.db')) copyDatabase(join(dataDir, file), join(making, file));
  }
  const epoch = join(dataDir, 'epoch.json');
  if (existsSync(epoch)) {
    copyFileSync(epoch, join(making, 'epoch.json'));
    sync(join(making, 'epoch.json'));
  }
  sync(making);
  // One of the same name is of an upgrade to the same version that never came about.
  rmSync(made, { recursive: true, force: true });
  renameSync(making, made);
  sync(folder);
  prune(folder);
}

/** As SQLite sees it, its WAL included. */
function copyDatabase(from: string, to: string): void {
  const db = new Database(from, { fileMustExist: true });
  try {
    db.pragma('busy_timeout = 200');
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
  // A copy is read by the same commands as the file itself.
  const copy = new Database(to);
  copy.pragma('journal_mode = WAL');
  copy.close();
  sync(to);
}

function prune(folder: string): void {
  const byAge = readdirSync(folder)
    .map((name) => ({ name, atMs: statSync(join(folder, name)).mtimeMs }))
    .toSorted((a, b) => b.atMs - a.atMs || b.name.localeCompare(a.name));
  for (const { name } of byAge.slice(keptSnapshots)) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
