import { sql } from 'kysely';
import { createTable, type TableShape } from './create-table.ts';
import type { Migration } from './migration.ts';

const keyRotations: TableShape = {
  columns: { gateway: 'text', former_key: 'text', rotated_at: 'integer', retired_at: 'integer?' },
  key: ['gateway'],
};

const laneReleases: TableShape = {
  columns: {
    gateway: 'text',
    at: 'integer',
    epoch: 'integer',
    committed_seq: 'integer',
    head_hash: 'text',
    halted_reason: 'text',
    by: 'text',
    reason: 'text',
  },
  key: ['gateway', 'at'],
};

const formerKeys: TableShape = {
  columns: { gateway: 'text', key_id: 'text', signing_key: 'text', until_at: 'integer' },
  key: ['gateway', 'key_id'],
};

/** Keys of gateways, and halts of their lanes that a person ended. */
export const gatewayMigrations: readonly Migration[] = [
  {
    id: 'store-7-gateway-keys',
    async up(db) {
      await db.schema.alterTable('gateway').addColumn('nkey_next', 'text').execute();
      await db.schema
        .alterTable('gateway')
        .addColumn('revoked_at', sql`bigint`)
        .execute();
      await createTable(db, 'gateway_former_key', formerKeys);
    },
  },
  {
    id: 'store-8-gateway-keys-and-lanes',
    async up(db) {
      await createTable(db, 'gateway_key_rotation', keyRotations);
      await createTable(db, 'lane_release', laneReleases);
    },
  },
  {
    id: 'store-10-lane-halts',
    async up(db) {
      await db.schema
        .alterTable('lane_release')
        .addColumn('halted_at', sql`bigint`)
        .execute();
      // What halted a lane was put aside when it did.
      await sql`
        update lane_release set halted_at = coalesce((
          select max(received_at) from lane_quarantine
          where lane_quarantine.gateway = lane_release.gateway
            and lane_quarantine.received_at <= lane_release.at), at)`.execute(db);
    },
  },
];
