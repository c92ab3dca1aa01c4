import { sql } from 'kysely';
import { createTable, type TableShape } from './create-table.ts';
import { gatewayMigrations } from './gateway-migrations.ts';
import type { Migration } from './migration.ts';
import { workMigrations } from './work-migrations.ts';

/** The tables of `schema.ts`, as they are created. Keys that grow large begin with the site. */
type Tables = Readonly<Record<string, TableShape>>;

const gatewayTables: Tables = {
  gateway: {
    columns: {
      gateway: 'text',
      site: 'text',
      signing_key: 'text',
      nkey_public: 'text',
      created_at: 'integer',
    },
    key: ['gateway'],
  },
  epoch: {
    columns: {
      gateway: 'text',
      ordinal: 'integer',
      id: 'text',
      identity: 'text',
      genesis_hash: 'text',
      state: 'text',
      first_seen_at: 'integer',
    },
    key: ['gateway', 'ordinal'],
  },
  lane: {
    columns: {
      gateway: 'text',
      site: 'text',
      epoch: 'integer',
      committed_seq: 'integer',
      head_hash: 'text',
      receipt_number: 'integer',
      state: 'text',
      reason: 'text?',
      updated_at: 'integer',
    },
    key: ['gateway'],
  },
  gateway_fact: {
    columns: { gateway: 'text', facts: 'text', received_at: 'integer' },
    key: ['gateway'],
  },
};

const journalTables: Tables = {
  journal_event: {
    columns: {
      position: 'integer',
      gateway: 'text',
      epoch: 'integer',
      seq: 'integer',
      site: 'text',
      kind: 'text',
      version: 'integer',
      device: 'text?',
      occurred_at: 'integer',
      received_at: 'integer',
      recorded_at: 'integer',
      header: 'text',
      payload: 'text',
      hash: 'text',
      state: 'text',
    },
    key: ['position'],
  },
  batch: {
    columns: {
      gateway: 'text',
      epoch: 'integer',
      last_seq: 'integer',
      first_seq: 'integer',
      checkpoint: 'text',
      signature: 'text',
      key_id: 'text',
      recorded_at: 'integer',
    },
    key: ['gateway', 'epoch', 'last_seq'],
  },
  lane_quarantine: {
    columns: {
      id: 'text',
      gateway: 'text',
      site: 'text',
      reason: 'text',
      received_at: 'integer',
      bytes: 'integer',
      sha256: 'text',
      head: 'bytes',
      detail: 'text',
    },
    key: ['id'],
  },
};

const ledgerTables: Tables = {
  ledger_line: {
    columns: {
      position: 'integer',
      line: 'integer',
      site: 'text',
      account: 'text',
      zone: 'text',
      status: 'text',
      customs: 'text',
      owner: 'text',
      item: 'text',
      lot: 'text',
      handling_unit: 'text',
      quantity: 'integer',
      serials: 'text?',
    },
    key: ['position', 'line'],
  },
  stock: {
    columns: {
      site: 'text',
      zone: 'text',
      item: 'text',
      status: 'text',
      owner: 'text',
      lot: 'text',
      handling_unit: 'text',
      quantity: 'integer',
      last_event: 'text',
      changed_at: 'integer',
    },
    key: ['site', 'zone', 'item', 'status', 'owner', 'lot', 'handling_unit'],
  },
};

const projectionTables: Tables = {
  tag_presence: {
    columns: {
      site: 'text',
      epc: 'text',
      gateway: 'text',
      zone: 'text',
      state: 'text',
      since: 'integer',
      last_event: 'text',
    },
    key: ['site', 'epc', 'gateway'],
  },
  counter_total: {
    columns: {
      site: 'text',
      gateway: 'text',
      device: 'text',
      counter: 'text',
      zone: 'text',
      units: 'integer',
      unexplained: 'integer',
      last_value: 'integer',
      last_event: 'text',
      changed_at: 'integer',
    },
    key: ['site', 'gateway', 'device', 'counter'],
  },
  outage: {
    columns: {
      id: 'text',
      site: 'text',
      gateway: 'text',
      device: 'text',
      type: 'text',
      state: 'text',
      cause: 'text',
      started_at: 'integer',
      ended_at: 'integer?',
      reconciled_at: 'integer?',
      epoch: 'integer',
      from_seq: 'integer?',
      kept: 'integer?',
      replayed: 'integer?',
      lost: 'integer?',
      doubled: 'integer?',
    },
    key: ['id'],
  },
};

/** The first two are projections of the journal. */
const evidenceTables: Tables = {
  evidence_segment: {
    columns: {
      gateway: 'text',
      epoch: 'integer',
      segment: 'integer',
      first_pos: 'integer',
      last_pos: 'integer',
      entries: 'integer',
      leaves: 'integer',
      root: 'text',
      sealed_seq: 'integer',
      kept_leaves: 'integer',
      pruned_at: 'integer?',
      pruned_seq: 'integer?',
    },
    key: ['gateway', 'epoch', 'segment'],
  },
  evidence_gap: {
    columns: {
      gateway: 'text',
      epoch: 'integer',
      first_pos: 'integer',
      last_pos: 'integer',
      reason: 'text',
      seq: 'integer',
    },
    key: ['gateway', 'epoch', 'first_pos'],
  },
  evidence_leaf: {
    columns: {
      gateway: 'text',
      epoch: 'integer',
      segment: 'integer',
      leaf: 'integer',
      leaves: 'integer',
      leaf_hash: 'text',
      path: 'text',
      frame: 'bytes',
      bytes: 'integer',
      fetched_at: 'integer',
    },
    key: ['gateway', 'epoch', 'segment', 'leaf'],
  },
  evidence_view: {
    columns: {
      gateway: 'text',
      epoch: 'integer',
      seq: 'integer',
      leaves: 'text',
      left_out: 'integer',
      fetched_at: 'integer',
    },
    key: ['gateway', 'epoch', 'seq'],
  },
};

const quarantineCount: TableShape = {
  columns: {
    gateway: 'text',
    reason: 'text',
    total: 'integer',
    kept: 'integer',
    first_at: 'integer',
    last_at: 'integer',
    last_detail: 'text',
  },
  key: ['gateway', 'reason'],
};

export const storeMigrations: readonly Migration[] = [
  {
    id: 'store-1-gateways',
    up: (db) => createTables(db, gatewayTables),
  },
  {
    id: 'store-2-journal',
    async up(db) {
      await createTables(db, journalTables);
      await db.schema
        .createIndex('journal_event_once')
        .unique()
        .on('journal_event')
        .columns(['gateway', 'epoch', 'seq'])
        .execute();
      await db.schema
        .createIndex('journal_event_waiting')
        .on('journal_event')
        .columns(['state', 'kind', 'version', 'position'])
        .where('state', '<>', 'applied')
        .execute();
    },
  },
  {
    id: 'store-3-ledger',
    async up(db) {
      await createTables(db, ledgerTables);
      await db.schema
        .createIndex('ledger_line_stock')
        .on('ledger_line')
        .columns(['site', 'zone', 'item', 'position'])
        .where('zone', '<>', '')
        .execute();
    },
  },
  {
    id: 'store-4-projections',
    async up(db) {
      await createTables(db, projectionTables);
      await db.schema
        .createIndex('outage_open')
        .on('outage')
        .columns(['gateway', 'type', 'device', 'state'])
        .where('state', '=', 'open')
        .execute();
      await db.schema.createIndex('outage_time').on('outage').column('started_at').execute();
    },
  },
  {
    id: 'store-5-quarantine-count',
    async up(db) {
      await createTable(db, 'quarantine_count', quarantineCount);
      await sql`
        insert into quarantine_count
        select case reason when 'unknown-gateway' then '' else gateway end, reason,
          count(*), count(*), min(received_at), max(received_at), ''
        from lane_quarantine group by 1, 2`.execute(db);
    },
  },
  {
    id: 'store-6-outage-evidence',
    async up(db) {
      await db.schema.alterTable('outage').dropColumn('doubled').execute();
      await db.schema.alterTable('outage').addColumn('ended_by', 'text').execute();
      // A loss that nothing proved was written as none.
      await sql`update outage set lost = null where replayed is null`.execute(db);
      await db.schema.dropIndex('outage_time').execute();
      await db.schema
        .createIndex('outage_ended')
        .on('outage')
        .columns(['ended_at', 'id'])
        .where(sql.ref('state'), '=', 'closed')
        .execute();
    },
  },
  {
    id: 'evidence-1',
    async up(db) {
      await createTables(db, evidenceTables);
      await db.schema
        .createIndex('evidence_segment_pos')
        .on('evidence_segment')
        .columns(['gateway', 'epoch', 'last_pos'])
        .execute();
    },
  },
  ...gatewayMigrations,
  {
    id: 'store-9-journal-quarantined',
    async up(db) {
      await sql`create index journal_event_quarantined on journal_event (gateway, device)
        where kind in ('device.quarantined', 'gateway.entry-set-aside')`.execute(db);
    },
  },
  ...workMigrations,
];

async function createTables(db: Parameters<Migration['up']>[0], tables: Tables): Promise<void> {
  for (const [name, shape] of Object.entries(tables)) await createTable(db, name, shape);
}
