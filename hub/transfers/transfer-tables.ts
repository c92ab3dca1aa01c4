import { createTable } from '../store/create-table.ts';
import type { Migration } from '../store/migration.ts';

export type TransferTables = {
  /** What gateways were told of transfers: each thing once. */
  transfer_notice: { gateway: string; key: string; told_at: number };
  /**
   * Who is told everything anew, not before `due_at` (null: it was); `refused_seq` is the last entry
   * of its downlink that it refused, as a gateway does that knows no transfers.
   */
  transfer_again: { gateway: string; refused_seq: number; due_at: number | null };
  /** Up to which `journal_event.position` it was looked at; one row, `name` is empty. */
  transfer_cursor: { name: string; position: number };
};

export const transferMigrations: readonly Migration[] = [
  {
    id: 'transfers-1',
    async up(db) {
      await createTable(db, 'transfer_notice', {
        columns: { gateway: 'text', key: 'text', told_at: 'integer' },
        key: ['gateway', 'key'],
      });
      await createTable(db, 'transfer_again', {
        columns: { gateway: 'text', refused_seq: 'integer', due_at: 'integer?' },
        key: ['gateway'],
      });
      await db.schema
        .createIndex('downlink_entry_result')
        .on('downlink_entry')
        .columns(['result', 'kind'])
        .execute();
      await createTable(db, 'transfer_cursor', {
        columns: { name: 'text', position: 'integer' },
        key: ['name'],
      });
    },
  },
];
