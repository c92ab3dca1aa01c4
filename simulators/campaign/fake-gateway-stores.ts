import { encodeCanonical } from '#contracts/canonical.ts';
import type { EpochIdentity } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import type { IntakeStore, Mark, StoredBatch } from '../../edge/intake/intake-store.ts';
import type { BlockRow } from '../../edge/journal/block-codec.ts';
import type { JournalStore } from '../../edge/journal/journal-store.ts';
import type { EpochNote } from '../../edge/journal/open-epoch.ts';
import type { KeptQuarantineRow, QuarantineRow } from '../../edge/journal/quarantine-store.ts';
import type { StateRow } from '../../edge/observe/state-row.ts';
import type { MountedDisk } from './fake-disk.ts';

/** A commit: everything in one record, written and synced before it counts. */
function commit(disk: MountedDisk, file: string, record: unknown): void {
  disk.write(file, record);
  disk.sync(file);
}

type IntakeRecord =
  | { readonly type: 'batch'; readonly batch: StoredBatch; readonly config: string | undefined }
  | { readonly type: 'mark'; readonly key: Mark; readonly value: string };

/** The intake log on a fake disk. */
export function openFakeIntakeStore(disk: MountedDisk): IntakeStore {
  const file = 'intake';
  const batches: StoredBatch[] = [];
  const marks = new Map<Mark, string>();
  let bytes = 0;

  function apply(record: IntakeRecord): void {
    if (record.type === 'mark') {
      marks.set(record.key, record.value);
      return;
    }
    batches.push(record.batch);
    bytes += record.batch.bytes.length;
    if (record.config !== undefined) marks.set('config', record.config);
  }
  disk.settle(file);
  for (const record of disk.read(file)) apply(record as IntakeRecord);

  function take(record: IntakeRecord): void {
    commit(disk, file, record);
    apply(record);
  }

  return {
    firstPos: () => batches[0]?.firstPos ?? 1,
    lastPos: () => batches.at(-1)?.lastPos ?? 0,
    lastBatch: () => batches.at(-1),
    insert({ firstPos, lastPos, bytes: of }, config) {
      take({ type: 'batch', batch: { firstPos, lastPos, bytes: Buffer.from(of) }, config });
    },
    batchHolding: (pos) => batches.find((one) => one.firstPos <= pos && pos <= one.lastPos),
    keptBytes: () => bytes,
    // Schedules are shorter than any budget.
    trim: () => {},
    mark: (key) => marks.get(key),
    setMark: (key, value) => take({ type: 'mark', key, value }),
    close: () => {},
  };
}

interface JournalRecord {
  readonly epoch?: EpochIdentity;
  readonly cursor: number;
  readonly blocks: readonly BlockRow[];
  readonly states: readonly StateRow[];
  readonly quarantined: readonly QuarantineRow[];
}

/** The journal on a fake disk. */
export function openFakeJournalStore(disk: MountedDisk): JournalStore {
  const file = 'journal';
  const blocks: BlockRow[] = [];
  const states = new Map<string, StateRow>();
  const quarantined: KeptQuarantineRow[] = [];
  let epoch: EpochIdentity | undefined;
  let cursor = 0;

  function apply(record: JournalRecord): void {
    epoch = record.epoch ?? epoch;
    cursor = record.cursor;
    blocks.push(...record.blocks);
    for (const row of record.states) {
      const name = `${row.machine}\n${row.key}`;
      if (row.value === null) states.delete(name);
      else states.set(name, row);
    }
    for (const row of record.quarantined) {
      quarantined.unshift({ ...row, id: quarantined.length + 1 });
    }
  }
  disk.settle(file);
  for (const record of disk.read(file)) apply(record as JournalRecord);

  function take(record: JournalRecord): void {
    commit(disk, file, record);
    apply(record);
  }

  return {
    blocks: {
      oldestSeq: () => blocks[0]?.first_seq ?? 1,
      blockFrom: (seq) => blocks.find((one) => one.first_seq <= seq && seq <= one.last_seq),
      newest: (count) => blocks.slice(-count).toReversed(),
    },
    quarantine: {
      count: () => quarantined.length,
      recent: (device, limit, beforeId = Infinity) =>
        quarantined
          .filter((row) => (device === undefined || row.device === device) && row.id < beforeId)
          .slice(0, limit),
    },
    epoch: () => epoch,
    beginEpoch: (identity) =>
      take({ epoch: identity, cursor, blocks: [], states: [], quarantined: [] }),
    cursor: () => cursor,
    states: () => [...states.values()],
    write({ cursor: to, blocks: sealed, states: rows, quarantined: aside }) {
      const added = [...blockRows(sealed)];
      take({ cursor: to, blocks: added, states: [...rows], quarantined: [...aside] });
    },
    close: () => {},
  };
}

function* blockRows(sealed: Parameters<JournalStore['write']>[0]['blocks']): Generator<BlockRow> {
  for (const { firstSeq, lastSeq, previousHash, hash, bytes } of sealed) {
    const text = Buffer.from(bytes).toString('utf8');
    yield { first_seq: firstSeq, last_seq: lastSeq, previous_hash: previousHash, hash, text };
  }
}

/** The epoch's identity beside the journal, on a fake disk. */
export function fakeEpochNote(disk: MountedDisk): EpochNote {
  const file = 'epoch';
  return {
    check(stored) {
      const [beside] = disk.read(file);
      if (beside === undefined) return;
      const inside = stored === undefined ? undefined : encodeCanonical(stored);
      if (beside !== inside)
        throw new Fault('CHAIN_BROKEN', 'another epoch lies beside the journal');
    },
    write(identity) {
      if (disk.read(file).length === 0) commit(disk, file, encodeCanonical(identity));
    },
  };
}

/** What a gateway's process keeps, as it finds it when it starts. */
export interface GatewayStores {
  readonly intake: IntakeStore;
  readonly journal: JournalStore;
}

/** Opens them for the process of a gateway. */
export type OpenStores = (disk: MountedDisk, gateway: string) => GatewayStores;

export const openFakeStores: OpenStores = (disk) => ({
  intake: openFakeIntakeStore(disk),
  journal: openFakeJournalStore(disk),
});
