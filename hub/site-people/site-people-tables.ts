import type { PersonRole } from '#contracts/people.ts';
import { createTable } from '../store/create-table.ts';
import type { Migration } from '../store/migration.ts';

/** Times are UTC milliseconds. */
export type SitePeopleTables = {
  site_person: SitePersonTable;
  /** Where each may work, one row a site; those that they left stay known, and since when. */
  site_person_at: { person: string; site: string; left_at: number | null };
  /** Times without rights that are over; at one site, or (empty) at all of them. */
  site_person_out: { person: string; site: string; from_at: number; to_at: number };
  /** Of the list that a site was sent last. */
  site_people_version: { site: string; version: number; sent_at: number };
};

export type SitePersonTable = {
  /** What events carry. */
  id: string;
  username: string;
  /** The user name whichever way it is typed: nobody can be taken for another. */
  username_key: string;
  name: string;
  role: PersonRole;
  /** PHC string of argon2id. */
  password_hash: string;
  /** A gateway without word of the hub lets them in for this long. */
  offline_days: number;
  credential_until: number;
  /** Base units of adjustments: each, and in all while a lease lasts. */
  limit_entry: number;
  limit_total: number;
  /** JSON list; null: all. */
  zones: string | null;
  lease_id: string;
  lease_from: number;
  revoked_at: number | null;
  created_at: number;
  changed_at: number;
};

export const sitePeopleMigrations: readonly Migration[] = [
  {
    id: 'site-people-1',
    async up(db) {
      await createTable(db, 'site_person', {
        columns: {
          id: 'text',
          username: 'text',
          username_key: 'text',
          name: 'text',
          role: 'text',
          password_hash: 'text',
          offline_days: 'integer',
          credential_until: 'integer',
          limit_entry: 'integer',
          limit_total: 'integer',
          zones: 'text?',
          lease_id: 'text',
          lease_from: 'integer',
          revoked_at: 'integer?',
          created_at: 'integer',
          changed_at: 'integer',
        },
        key: ['id'],
      });
      await db.schema
        .createIndex('site_person_username')
        .unique()
        .on('site_person')
        .column('username_key')
        .execute();
      await createTable(db, 'site_person_at', {
        columns: { person: 'text', site: 'text', left_at: 'integer?' },
        key: ['person', 'site'],
      });
      await createTable(db, 'site_people_version', {
        columns: { site: 'text', version: 'integer', sent_at: 'integer' },
        key: ['site'],
      });
    },
  },
  {
    id: 'site-people-2',
    async up(db) {
      await createTable(db, 'site_person_out', {
        columns: { person: 'text', site: 'text', from_at: 'integer', to_at: 'integer' },
        key: ['person', 'site', 'from_at'],
      });
    },
  },
];
