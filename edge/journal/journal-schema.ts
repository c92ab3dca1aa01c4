import type { Migrations } from './migrate.ts';

/**
 * One script per version of `journal.db`; a released script never changes.
 *
 * Events lie in blocks, one or more per commit: a row per event would cost more than the event.
 * `bytes` is header line and payload line of each event, the exact text that was hashed.
 */
export const journalMigrations: Migrations = [
  `
  CREATE TABLE epoch (ordinal INTEGER PRIMARY KEY, identity TEXT NOT NULL) STRICT;

  CREATE TABLE block (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;

  CREATE TABLE cursor (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    pos INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE state (
    id INTEGER PRIMARY KEY,
    rows INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;

  CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    pos INTEGER NOT NULL,
    device TEXT NOT NULL,
    channel TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    head BLOB NOT NULL,
    received_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX quarantine_device ON quarantine (device, id);

  INSERT INTO cursor VALUES (1, 0);
  `,
  // The tables stay; rows of state and entries of the log say more. A release that does not read it
  // would pass over it in silence: ids that a restored book brought, rights that ended twice.
  { sql: '', openableFrom: 2 },
];
