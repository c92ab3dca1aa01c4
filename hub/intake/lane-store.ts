import type { EpochIdentity } from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import type { EventPosition } from '#contracts/ids.ts';
import type { Change } from '../projections/changes.ts';
import type { BatchTable } from '../store/schema.ts';
import type { Judgement } from './judge-event.ts';
import type { EventPlace } from './journal-writer.ts';
import type { RecordedRotation } from './key-rotation.ts';
import type { LaneCursor } from './lane-machine.ts';
import type { AsideMessage } from './quarantine.ts';

/** A lane as it stands in the store. */
export interface Lane extends LaneCursor {
  readonly gateway: string;
  readonly site: string;
  readonly reason: string | undefined;
  /** Receipts before this process had lower numbers than this. */
  readonly receiptNumber: number;
}

/** A gateway as it was let in. Keys are base64 of raw Ed25519 public keys. */
export interface GatewayKeys {
  readonly gateway: string;
  readonly site: string;
  readonly key: string;
  /** The key before a rotation, until the gateway has used the next. */
  readonly retiring: string | undefined;
  /** Of the boxes that had this name before. */
  readonly former: readonly string[];
}

/** What intake asks of the database that it records into. */
interface LaneReads {
  /** The hash that is recorded at a position; `seq` 0 is the genesis of the epoch. */
  recordedHash(at: EventPosition): Promise<string | undefined>;
  /** Whether a person let the box with this key in, to go on from where the lane stands. */
  isReplacement(lane: Lane, keyId: string): Promise<boolean>;
}

/** One transaction: all that it records becomes durable at once, or nothing of it. */
export interface LaneTransaction extends LaneReads {
  /** Makes `identity` the current epoch of its gateway. */
  beginEpoch(identity: EpochIdentity, genesis: string, nowMs: number): Promise<void>;
  saveLane(lane: Lane, nowMs: number): Promise<void>;
  /** @returns the state under which the event is recorded. */
  addEvent(event: StoredEvent, place: EventPlace): Promise<Judgement['state']>;
  addBatch(batch: BatchTable): void;
  putAside(message: AsideMessage): void;
  /** @returns whether the gateway's key is another one now. */
  takeRotation(rotation: RecordedRotation): Promise<boolean>;
  /** The gateway has used its next key: the one before proves nothing new any more. */
  retireFormerKey(gateway: string, nowMs: number): Promise<void>;
  /** Writes what was only gathered. @returns what changes when the transaction commits. */
  flush(): Promise<Change[]>;
}

/** The database of intake: what is committed in it, and nothing else, is what the hub knows. */
export interface LaneStore<Tx extends LaneTransaction = LaneTransaction> extends LaneReads {
  lanes(): Promise<Lane[]>;
  gateways(): Promise<GatewayKeys[]>;
  /** The last place in the hub's own order; 0 where nothing is recorded. */
  lastPosition(): Promise<number>;
  /** Which of these lanes are open. */
  openLanes(gateways: readonly string[]): Promise<string[]>;
  /** Durable when it resolves. @throws Fault of the store; then nothing is recorded. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}
