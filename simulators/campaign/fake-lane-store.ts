import type { EpochIdentity } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import type { EventPosition } from '#contracts/ids.ts';
import { judgeEvent } from '../../hub/intake/judge-event.ts';
import type { EventPlace } from '../../hub/intake/journal-writer.ts';
import type { GatewayKeys, Lane, LaneStore, LaneTransaction } from '../../hub/intake/lane-store.ts';
import { DiskError, type MountedDisk } from './fake-disk.ts';

/** An event as the hub records it. */
export interface RecordedRow extends EventPlace {
  readonly header: string;
  readonly payload: string;
  readonly state: 'applied' | 'parked' | 'quarantined';
}

/** What one transaction changes. */
interface LaneRecord {
  readonly epochs: readonly { readonly identity: EpochIdentity; readonly genesis: string }[];
  readonly lanes: readonly Lane[];
  readonly rows: readonly RecordedRow[];
  readonly aside: number;
}

type Gathered = {
  -readonly [K in keyof LaneRecord]: LaneRecord[K] extends readonly (infer T)[] ? T[] : number;
};

/** The hub's store on a fake disk, without ledger tables: what is posted stands in the events. */
export class FakeLaneStore implements LaneStore {
  readonly #disk: MountedDisk;
  readonly #gateways: readonly GatewayKeys[];
  readonly #lanes = new Map<string, Lane>();
  readonly #genesis = new Map<string, string>();
  readonly #rows: RecordedRow[] = [];
  readonly #hashes = new Map<string, string>();
  #aside = 0;

  constructor(disk: MountedDisk, gateways: readonly GatewayKeys[]) {
    this.#disk = disk;
    this.#gateways = gateways;
    disk.settle('hub');
    for (const record of disk.read('hub')) this.#apply(record as LaneRecord);
  }

  /** In the order in which they were recorded. */
  get rows(): readonly RecordedRow[] {
    return this.#rows;
  }

  /** Messages that were put aside. */
  get aside(): number {
    return this.#aside;
  }

  lanes(): Promise<Lane[]> {
    return Promise.resolve([...this.#lanes.values()]);
  }

  lane(gateway: string): Lane | undefined {
    return this.#lanes.get(gateway);
  }

  gateways(): Promise<GatewayKeys[]> {
    return Promise.resolve([...this.#gateways]);
  }

  lastPosition(): Promise<number> {
    return Promise.resolve(this.#rows.at(-1)?.position ?? 0);
  }

  openLanes(gateways: readonly string[]): Promise<string[]> {
    return Promise.resolve(gateways.filter((one) => this.#lanes.get(one)?.halted === false));
  }

  recordedHash(at: EventPosition): Promise<string | undefined> {
    return Promise.resolve(this.#hashAt(at));
  }

  isReplacement(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async write<T>(work: (tx: LaneTransaction) => Promise<T>): Promise<T> {
    const gathered: Gathered = { epochs: [], lanes: [], rows: [], aside: 0 };
    const value = await work(this.#transaction(gathered));
    this.#commit(gathered);
    return value;
  }

  #transaction(gathered: Gathered): LaneTransaction {
    return {
      recordedHash: async (at) =>
        gathered.rows.find((row) => isAt(row, at))?.hash ?? (await this.recordedHash(at)),
      isReplacement: () => this.isReplacement(),
      beginEpoch(identity, genesis) {
        gathered.epochs.push({ identity, genesis });
        return Promise.resolve();
      },
      saveLane(lane) {
        gathered.lanes.push(lane);
        return Promise.resolve();
      },
      addEvent({ header, payload }, place) {
        const { state } = judgeEvent({ header, payload }, place);
        gathered.rows.push({ ...place, header, payload, state });
        return Promise.resolve(state);
      },
      addBatch: () => {},
      putAside() {
        gathered.aside += 1;
      },
      takeRotation: () => Promise.resolve(false),
      retireFormerKey: () => Promise.resolve(),
      flush: () => Promise.resolve([]),
    };
  }

  #commit(record: LaneRecord): void {
    try {
      this.#disk.write('hub', record);
      this.#disk.sync('hub');
    } catch (cause) {
      if (!(cause instanceof DiskError)) throw cause;
      const code = cause.code === 'SQLITE_FULL' ? 'STORE_FULL' : 'STORE_BROKEN';
      throw new Fault(code, 'the commit failed', { cause });
    }
    this.#apply(record);
  }

  #apply({ epochs, lanes, rows, aside }: LaneRecord): void {
    for (const { identity, genesis } of epochs) {
      this.#genesis.set(`${identity.gateway} ${identity.ordinal}`, genesis);
    }
    for (const lane of lanes) this.#lanes.set(lane.gateway, lane);
    for (const row of rows) {
      this.#rows.push(row);
      this.#hashes.set(keyOf(row), row.hash);
    }
    this.#aside += aside;
  }

  #hashAt(at: EventPosition): string | undefined {
    return at.seq === 0
      ? this.#genesis.get(`${at.gateway} ${at.epoch}`)
      : this.#hashes.get(keyOf(at));
  }
}

function keyOf({ gateway, epoch, seq }: EventPosition): string {
  return `${gateway} ${epoch} ${seq}`;
}

function isAt(row: EventPosition, at: EventPosition): boolean {
  return row.gateway === at.gateway && row.epoch === at.epoch && row.seq === at.seq;
}
