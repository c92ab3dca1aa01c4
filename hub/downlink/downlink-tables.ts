import type { DownlinkResult } from '#contracts/downlink.ts';
import { createTable } from '../store/create-table.ts';
import type { Migration } from '../store/migration.ts';

/** Times are UTC milliseconds. */
export type DownlinkTables = {
  /** One signed log per gateway. Entries are never changed; only what became of them is. */
  downlink_entry: DownlinkEntryTable;
  /** Each content once, however many gateways get it. */
  downlink_content: { hash: string; content: string };
  /** How far each log is, and what its gateway last said. */
  downlink_gateway: DownlinkGatewayTable;
};

export type DownlinkEntryTable = {
  gateway: string;
  seq: number;
  kind: string;
  created_at: number;
  content_hash: string;
  /** Canonical text. */
  entry: string;
  signature: string;
  /** null: the gateway has said nothing of it yet. */
  result: DownlinkResult | null;
  /** Canonical text of the outcome. */
  outcome: string | null;
};

export type DownlinkGatewayTable = {
  gateway: string;
  site: string;
  latest: number;
  settled: number;
  /** Of the last pull that counted. */
  number: number;
  heard_at: number | null;
  /** Canonical text; null where it said nothing. */
  report: string | null;
};

export const downlinkMigrations: readonly Migration[] = [
  {
    id: 'downlink-1',
    async up(db) {
      await createTable(db, 'downlink_entry', {
        columns: {
          gateway: 'text',
          seq: 'integer',
          kind: 'text',
          created_at: 'integer',
          content_hash: 'text',
          entry: 'text',
          signature: 'text',
          result: 'text?',
          outcome: 'text?',
        },
        key: ['gateway', 'seq'],
      });
      await createTable(db, 'downlink_content', {
        columns: { hash: 'text', content: 'text' },
        key: ['hash'],
      });
      await createTable(db, 'downlink_gateway', {
        columns: {
          gateway: 'text',
          site: 'text',
          latest: 'integer',
          settled: 'integer',
          number: 'integer',
          heard_at: 'integer?',
          report: 'text?',
        },
        key: ['gateway'],
      });
    },
  },
];
