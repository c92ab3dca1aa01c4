import { basename, dirname } from 'node:path';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { Sqlite } from './open-database.ts';
import { takeSnapshot } from './snapshot.ts';

/** One step to a newer form of a file; a released one never changes. */
export interface Migration {
  readonly sql: string;
  /**
   * The oldest version whose release may go on reading and writing a file of this one; default the
   * version before, so every migration has to leave that release's statements working: new tables,
   * and new columns that are nullable or have a default. The number of the version itself breaks
   * with all older releases, which then refuse the file.
   */
  readonly openableFrom?: number;
}

export type Migrations = readonly (string | Migration)[];

/** `HF` in the upper half of SQLite's application id; the lower half is `openableFrom`. */
const applicationMark = 0x4846_0000;

/**
 * Brings a file to the version that this release writes, in one transaction: a kill at any moment
 * leaves the file as it was. Before a file that holds something is changed, all databases of its
 * folder are copied into `snapshots`.
 *
 * @throws Fault STORE_VERSION saying what to do; STORE_FULL or STORE_BROKEN where no copy can be
 *   made.
 */
export function migrate(db: Sqlite, path: string, migrations: Migrations, readonly: boolean): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  const known = migrations.length;
  if (version === known) return;
  const details = { fileVersion: version, knownVersion: known };
  if (version > known) {
    if (openableFrom(db, version) <= known) return;
    throw new Fault('STORE_VERSION', newerText(path, version, known), { details });
  }
  if (readonly) {
    const text = `${path} is of an older release: start the gateway once, which brings it up to date`;
    throw new Fault('STORE_VERSION', text, { details });
  }
  if (version > 0) copyBefore(path, known);
  db.transaction(() => {
    for (const one of migrations.slice(version)) db.exec(typeof one === 'string' ? one : one.sql);
    db.pragma(`application_id = ${applicationMark + oldestReader(migrations)}`);
    db.pragma(`user_version = ${known}`);
  }).immediate();
}

function copyBefore(path: string, known: number): void {
  try {
    takeSnapshot(dirname(path), `before-${basename(path)}-${known}`);
  } catch (cause) {
    const isFull = /FULL|ENOSPC|EDQUOT/.test((cause as NodeJS.ErrnoException).code ?? '');
    const text =
      `${path} is not brought up to date, because its folder could not be copied to snapshots ` +
      `first: ${messageOf(cause)}; nothing was changed`;
    throw new Fault(isFull ? 'STORE_FULL' : 'STORE_BROKEN', text, { cause });
  }
}

/** The oldest version whose release may have the file: the strictest that any migration asks for. */
function oldestReader(migrations: Migrations): number {
  return migrations.reduce<number>((oldest, one, index) => {
    const own = typeof one === 'string' ? undefined : one.openableFrom;
    return Math.max(oldest, own ?? index);
  }, 1);
}

/** Files from before this was written down say nothing, and were only ever openable by their own. */
function openableFrom(db: Sqlite, version: number): number {
  const id = Number(db.pragma('application_id', { simple: true }));
  return (id & 0xffff_0000) === applicationMark ? id & 0xffff : version;
}

function newerText(path: string, version: number, known: number): string {
  return (
    `${path} was written by a newer release (file version ${version}, this one knows ${known}): ` +
    'install that release again; or, giving up what came since the upgrade, stop the gateway and ' +
    'put back the databases of snapshots beside it (see "Operate a gateway" in docs/operations.md)'
  );
}
