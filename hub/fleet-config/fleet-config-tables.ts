import { createTable } from '../store/create-table.ts';
import type { Migration } from '../store/migration.ts';
import type { PushState } from './push-machine.ts';

/** Times are UTC milliseconds. */
export type FleetConfigTables = {
  /** Every configuration that somebody gave the hub: never changed, never removed. */
  config_version: ConfigVersionTable;
  config_push: ConfigPushTable;
  config_push_gateway: ConfigPushGatewayTable;
};

export type ConfigVersionTable = {
  version: number;
  /** SHA-256 of the text. */
  hash: string;
  text: string;
  note: string;
  author: string;
  created_at: number;
};

export type ConfigPushTable = {
  push: number;
  version: number;
  wave_size: number;
  state: PushState;
  /** Why it was stopped or cancelled. */
  reason: string;
  author: string;
  created_at: number;
  ended_at: number | null;
};

export type ConfigPushGatewayTable = {
  push: number;
  position: number;
  site: string;
  gateway: string;
  /** Sequence of the entry in the gateway's downlink; null until its wave began. */
  seq: number | null;
  sent_at: number | null;
};

export const fleetConfigMigrations: readonly Migration[] = [
  {
    id: 'fleet-config-1',
    async up(db) {
      await createTable(db, 'config_version', {
        columns: {
          version: 'integer',
          hash: 'text',
          text: 'text',
          note: 'text',
          author: 'text',
          created_at: 'integer',
        },
        key: ['version'],
      });
      await createTable(db, 'config_push', {
        columns: {
          push: 'integer',
          version: 'integer',
          wave_size: 'integer',
          state: 'text',
          reason: 'text',
          author: 'text',
          created_at: 'integer',
          ended_at: 'integer?',
        },
        key: ['push'],
      });
      await createTable(db, 'config_push_gateway', {
        columns: {
          push: 'integer',
          position: 'integer',
          site: 'text',
          gateway: 'text',
          seq: 'integer?',
          sent_at: 'integer?',
        },
        key: ['push', 'position'],
      });
      await db.schema
        .createIndex('config_push_gateway_seq')
        .on('config_push_gateway')
        .columns(['gateway', 'seq'])
        .execute();
    },
  },
];
