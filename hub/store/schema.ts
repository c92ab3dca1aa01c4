import type {
  InTransitTable,
  ThingAtTable,
  TransferTable,
  TransferThingTable,
} from './transfer-schema.ts';

/**
 * The hub's tables as Kysely sees them. Times are UTC milliseconds, hashes lower-case hex, flags 0
 * or 1. In keys an empty string stands for "no lot" and "no handling unit", because a key column
 * cannot be null. A module with tables of its own adds them with `store.read.withTables<…>()`.
 */
export interface Database {
  gateway: GatewayTable;
  gateway_former_key: GatewayFormerKeyTable;
  gateway_key_rotation: GatewayKeyRotationTable;
  lane_release: LaneReleaseTable;
  gateway_replacement: GatewayReplacementTable;
  epoch: EpochTable;
  lane: LaneTable;
  journal_event: JournalEventTable;
  batch: BatchTable;
  lane_quarantine: LaneQuarantineTable;
  quarantine_count: QuarantineCountTable;
  gateway_fact: GatewayFactTable;
  ledger_line: LedgerLineTable;
  stock: StockTable;
  tag_presence: TagPresenceTable;
  counter_total: CounterTotalTable;
  outage: OutageTable;
  site_task: SiteTaskTable;
  flagged_act: FlaggedActTable;
  in_transit: InTransitTable;
  transfer: TransferTable;
  transfer_thing: TransferThingTable;
  thing_at: ThingAtTable;
  evidence_segment: EvidenceSegmentTable;
  evidence_gap: EvidenceGapTable;
  evidence_leaf: EvidenceLeafTable;
  evidence_view: EvidenceViewTable;
}

/** A gateway that may speak to this hub. */
interface GatewayTable {
  gateway: string;
  site: string;
  /** Ed25519 public key, base64 of the raw 32 bytes. */
  signing_key: string;
  nkey_public: string;
  created_at: number;
  /** A login that is taken as well, until the gateway has connected with it. */
  nkey_next: string | null;
  /** Since when it may not connect; null while it may. */
  revoked_at: number | null;
}

/** Who let a halted lane go on, why, and where it stood. */
interface LaneReleaseTable {
  gateway: string;
  at: number;
  /** Since when it was halted. */
  halted_at: number;
  epoch: number;
  committed_seq: number;
  head_hash: string;
  halted_reason: string;
  by: string;
  reason: string;
}

/** The last change of a gateway's signing key by its journal. */
interface GatewayKeyRotationTable {
  gateway: string;
  /** Taken as well, until it is retired. */
  former_key: string;
  rotated_at: number;
  /** Since when the gateway signs with the next; null while it may not have yet. */
  retired_at: number | null;
}

/** Keys that a gateway signed with before it was replaced: what they proved stays provable. */
interface GatewayFormerKeyTable {
  gateway: string;
  /** First 8 bytes of SHA-256 of the raw key, hex. */
  key_id: string;
  signing_key: string;
  until_at: number;
}

/** A box in the place of another one, and what it was given to begin with. */
export interface GatewayReplacementTable {
  gateway: string;
  /** Of the new box's signing key. */
  key_id: string;
  site: string;
  /** When the new box was let in: what the former one saw until then and did not send is unknown. */
  enrolled_at: number;
  /** Time of the last event that arrived. */
  known_until: number;
  /** Where the former journal ends here. */
  parent_epoch: number;
  parent_seq: number;
  parent_hash: string;
  content: Uint8Array;
  content_hash: string;
  created_at: number;
}

/** One life of a gateway's journal, as it introduced itself. */
interface EpochTable {
  gateway: string;
  ordinal: number;
  id: string;
  /** Canonical text of the epoch's identity. */
  identity: string;
  genesis_hash: string;
  state: 'current' | 'past';
  first_seen_at: number;
}

/** How far a gateway's journal is committed here: the cursor that moves with the stock. */
export interface LaneTable {
  gateway: string;
  site: string;
  epoch: number;
  committed_seq: number;
  head_hash: string;
  receipt_number: number;
  state: 'open' | 'halted';
  reason: string | null;
  updated_at: number;
}

/** The hub's copy of every journal, byte for byte. */
export interface JournalEventTable {
  /** Order in which events took effect here, over all gateways; rebuilding replays in this order. */
  position: number;
  gateway: string;
  epoch: number;
  seq: number;
  site: string;
  kind: string;
  version: number;
  device: string | null;
  occurred_at: number;
  received_at: number;
  recorded_at: number;
  header: string;
  payload: string;
  hash: string;
  state: 'applied' | 'parked' | 'quarantined';
}

/** What was signed: the checkpoint that proves the events up to `last_seq`. */
export interface BatchTable {
  gateway: string;
  epoch: number;
  last_seq: number;
  first_seq: number;
  /** Canonical text of the checkpoint. */
  checkpoint: string;
  signature: string;
  key_id: string;
  recorded_at: number;
}

/** What could not be taken as it came. Poison names its event; the others are whole messages. */
export interface LaneQuarantineTable {
  /** The same bytes from the same gateway for the same reason are kept once. */
  id: string;
  gateway: string;
  site: string;
  reason: QuarantineReason;
  received_at: number;
  bytes: number;
  sha256: string;
  /** The first 4 KiB. */
  head: Uint8Array;
  detail: string;
}

/** How much was put aside, kept or not. Senders that are not registered share the empty name. */
export interface QuarantineCountTable {
  gateway: string;
  reason: QuarantineReason;
  total: number;
  /** Rows of `lane_quarantine` that stand for it. */
  kept: number;
  first_at: number;
  last_at: number;
  /** Of the last one, also where that is not kept. */
  last_detail: string;
}

export type QuarantineReason =
  | 'fork'
  | 'poison'
  | 'malformed'
  | 'bad-signature'
  | 'wrong-epoch'
  | 'unknown-gateway';

/** The latest facts of the now lane, so that a restarted hub still knows when it last heard. */
interface GatewayFactTable {
  gateway: string;
  /** Canonical text. */
  facts: string;
  received_at: number;
}

/** One line of a double entry. Zone columns are empty for accounts outside the site. */
export interface LedgerLineTable {
  /** `journal_event.position` */
  position: number;
  line: number;
  site: string;
  account: string;
  zone: string;
  status: string;
  customs: string;
  owner: string;
  item: string;
  lot: string;
  handling_unit: string;
  quantity: number;
  /** JSON list of EPCs, null where the line names none. */
  serials: string | null;
}

export interface StockTable {
  site: string;
  zone: string;
  status: string;
  owner: string;
  item: string;
  lot: string;
  handling_unit: string;
  quantity: number;
  /** `gateway/epoch/seq` */
  last_event: string;
  changed_at: number;
}

/** Where a gateway last placed a tag. Two gateways may each hold a row: evidence, not stock. */
export interface TagPresenceTable {
  site: string;
  epc: string;
  gateway: string;
  zone: string;
  state: 'present' | 'departed';
  /** Since when it is there, or away. */
  since: number;
  last_event: string;
}

export interface CounterTotalTable {
  site: string;
  gateway: string;
  device: string;
  counter: string;
  zone: string;
  units: number;
  /** Steps that no rule explained; nothing was counted for them. */
  unexplained: number;
  last_value: number;
  last_event: string;
  changed_at: number;
}

/** An interruption that a gateway's journal tells of. */
export interface OutageTable {
  /** `gateway/epoch/seq` of the event that opened it. */
  id: string;
  site: string;
  gateway: string;
  /** Empty where the whole gateway is meant. */
  device: string;
  type: 'uplink' | 'gateway' | 'device' | 'gap' | 'intake';
  state: 'open' | 'closed';
  cause: string;
  started_at: number;
  ended_at: number | null;
  reconciled_at: number | null;
  epoch: number;
  /** What was committed when the link went, so that the replay can be counted. */
  from_seq: number | null;
  kept: number | null;
  replayed: number | null;
  lost: number | null;
  /** `gateway/epoch/seq` of the event that ended it. */
  ended_by: string | null;
}

/** What a gateway left to be done at its site. Ids are its own, within an epoch. */
export interface SiteTaskTable {
  gateway: string;
  epoch: number;
  id: string;
  site: string;
  task: string;
  reason: string;
  zone: string | null;
  item: string | null;
  unit: string | null;
  document: string | null;
  /** The act that it is about. */
  act: string | null;
  opened_at: number;
  /** `gateway/epoch/seq` */
  opened_by: string;
  /** `carried`: the box was replaced, and the next one opened it again. */
  state: 'open' | 'closed' | 'carried';
  outcome: string | null;
  closed_at: number | null;
  /** The person. */
  closed_by: string | null;
}

/** An act after its person's rights had ended: kept, and to be reviewed. */
export interface FlaggedActTable {
  gateway: string;
  act: string;
  site: string;
  person: string;
  type: string;
  acted_at: number;
  revoked_at: number;
  /** `gateway/epoch/seq` */
  flagged_by: string;
}

/** Roots of sealed segments, as they came through the chain. */
export interface EvidenceSegmentTable {
  gateway: string;
  epoch: number;
  segment: number;
  first_pos: number;
  last_pos: number;
  entries: number;
  leaves: number;
  root: string;
  /** Sequence of the event that brought the root. */
  sealed_seq: number;
  kept_leaves: number;
  /** When the gateway last gave up leaves of it, and in which event it said so. */
  pruned_at: number | null;
  pruned_seq: number | null;
}

/** Entries that no segment holds. */
export interface EvidenceGapTable {
  gateway: string;
  epoch: number;
  first_pos: number;
  last_pos: number;
  reason: string;
  seq: number;
}

/** Leaves of raw evidence that were fetched and proved: a cache, which outlives pruning at the gateway. */
export interface EvidenceLeafTable {
  gateway: string;
  epoch: number;
  segment: number;
  leaf: number;
  leaves: number;
  leaf_hash: string;
  /** JSON list of hashes. */
  path: string;
  frame: Uint8Array;
  bytes: number;
  fetched_at: number;
}

/** Which leaves an event leads to. */
export interface EvidenceViewTable {
  gateway: string;
  epoch: number;
  seq: number;
  /** JSON list of [segment, leaf]. */
  leaves: string;
  left_out: number;
  fetched_at: number;
}
