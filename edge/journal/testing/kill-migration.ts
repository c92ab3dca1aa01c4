import process from 'node:process';
import { journalMigrations } from '../journal-schema.ts';
import type { Migrations } from '../migrate.ts';
import { openDatabase } from '../open-database.ts';

/** A journal as the first release had it. */
export const firstMigrations: Migrations = journalMigrations.slice(0, 1);

/** What a later release could add to it. */
export const laterMigrations: Migrations = [
  ...firstMigrations,
  `CREATE TABLE later (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
   INSERT INTO later SELECT 1, 'kept';
   ALTER TABLE quarantine ADD COLUMN later TEXT;
   CREATE INDEX quarantine_later ON quarantine (later);`,
];

/** Opens a journal as a later release would; dies at the statement of the number that is given. */
if (import.meta.main) {
  const [, , path = '', dieAt = ''] = process.argv;
  let statements = 0;
  const db = openDatabase(path, laterMigrations, 'write', {
    trace() {
      statements += 1;
      if (statements === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
    },
  });
  db.close();
  process.stdout.write(`${statements}\n`);
}
