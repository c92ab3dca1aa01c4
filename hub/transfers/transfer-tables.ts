import { createTable } from '../store/create-table.ts';
import type { Migration } from '../store/migration.ts';

export type TransferTables = {
  /** What gateways were told of transfers: each thing once. */
  transfer_notice: { gateway: string; key: string; told_at: number };
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
      await createTable(db, 'transfer_cursor', {
        columns: { name: 'text', position: 'integer' },
        key: ['name'],
      });
    },
  },
];
