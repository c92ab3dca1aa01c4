import { createTable, type TableShape } from './create-table.ts';
import type { Migration } from './migration.ts';

const replacementTable: TableShape = {
  columns: {
    gateway: 'text',
    key_id: 'text',
    site: 'text',
    enrolled_at: 'integer',
    known_until: 'integer',
    parent_epoch: 'integer',
    parent_seq: 'integer',
    parent_hash: 'text',
    content: 'bytes',
    content_hash: 'text',
    created_at: 'integer',
  },
  key: ['gateway', 'key_id'],
};

/** Projections of the journal. */
const workTables: Readonly<Record<string, TableShape>> = {
  site_task: {
    columns: {
      gateway: 'text',
      epoch: 'integer',
      id: 'text',
      site: 'text',
      task: 'text',
      reason: 'text',
      zone: 'text?',
      item: 'text?',
      unit: 'text?',
      document: 'text?',
      act: 'text?',
      opened_at: 'integer',
      opened_by: 'text',
      state: 'text',
      outcome: 'text?',
      closed_at: 'integer?',
      closed_by: 'text?',
    },
    key: ['gateway', 'epoch', 'id'],
  },
  flagged_act: {
    columns: {
      gateway: 'text',
      act: 'text',
      site: 'text',
      person: 'text',
      type: 'text',
      acted_at: 'integer',
      revoked_at: 'integer',
      flagged_by: 'text',
    },
    key: ['gateway', 'act'],
  },
};

/** Replacements of boxes, and what sites have to do. */
export const workMigrations: readonly Migration[] = [
  {
    id: 'store-8-replacement',
    up: (db) => createTable(db, 'gateway_replacement', replacementTable),
  },
  {
    id: 'store-9-work',
    async up(db) {
      for (const [name, shape] of Object.entries(workTables)) await createTable(db, name, shape);
      await db.schema
        .createIndex('site_task_state')
        .on('site_task')
        .columns(['state', 'opened_at', 'gateway', 'epoch', 'id'])
        .execute();
    },
  },
];
