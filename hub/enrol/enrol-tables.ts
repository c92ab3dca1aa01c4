import { createTable } from '../store/create-table.ts';
import type { Migration } from '../store/migration.ts';

/** Times are UTC milliseconds. */
export type EnrolTables = {
  /** What became of every token, for good: a name that was let in, when, and with which keys. */
  enrolment_token: EnrolmentTokenTable;
};

export type EnrolmentTokenTable = {
  /** First 8 bytes of SHA-256 of the public nkey, hex. */
  id: string;
  /** The public half: who reads the store cannot enrol with it. */
  public_key: string;
  purpose: 'enrol' | 'replace';
  site: string;
  gateway: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  used_nkey: string | null;
  used_signing_key: string | null;
  revoked_at: number | null;
};

export const enrolMigrations: readonly Migration[] = [
  {
    id: 'enrol-1',
    up: (db) =>
      createTable(db, 'enrolment_token', {
        columns: {
          id: 'text',
          public_key: 'text',
          purpose: 'text',
          site: 'text',
          gateway: 'text',
          created_at: 'integer',
          expires_at: 'integer',
          used_at: 'integer?',
          used_nkey: 'text?',
          used_signing_key: 'text?',
          revoked_at: 'integer?',
        },
        key: ['id'],
      }),
  },
];
