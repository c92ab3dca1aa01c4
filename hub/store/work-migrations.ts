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

/** Projections of the journal. */
const transferTables: Readonly<Record<string, TableShape>> = {
  in_transit: {
    columns: {
      lane: 'text',
      owner: 'text',
      item: 'text',
      lot: 'text',
      handling_unit: 'text',
      epc: 'text',
      quantity: 'integer',
      since: 'integer',
      last_event: 'text',
    },
    key: ['lane', 'owner', 'item', 'lot', 'handling_unit', 'epc'],
  },
  transfer: {
    columns: {
      id: 'text',
      lane: 'text',
      from_site: 'text',
      from_gateway: 'text',
      to_gateway: 'text',
      to_zone: 'text?',
      sent_at: 'integer',
      quantity: 'integer',
      arrived: 'integer',
      state: 'text',
      content: 'text?',
      position: 'integer',
    },
    key: ['id'],
  },
  transfer_thing: { columns: { thing: 'text', transfer: 'text' }, key: ['thing', 'transfer'] },
  thing_at: {
    columns: {
      thing: 'text',
      gateway: 'text',
      site: 'text',
      place: 'text',
      occurred_at: 'integer',
      position: 'integer',
    },
    key: ['thing', 'gateway'],
  },
};

/** Replacements of boxes, what sites have to do, and what is between gateways. */
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
  {
    id: 'store-10-transfers',
    async up(db) {
      for (const [name, shape] of Object.entries(transferTables)) {
        await createTable(db, name, shape);
      }
      const index = (table: string, columns: string[]) =>
        db.schema.createIndex(`${table}_${columns[0]}`).on(table).columns(columns).execute();
      await index('transfer', ['state', 'id']);
      await index('transfer', ['position']);
      await index('transfer_thing', ['transfer']);
      await index('thing_at', ['position']);
    },
  },
];
