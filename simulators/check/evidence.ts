/**
 * What the checker is given: device records from the simulators, and the lines that gateways and
 * hub export. Their shapes are written down here once more on purpose: the checker believes what
 * the files say and shares no code with those who wrote them.
 */

/** A message of a device, as the device remembers it. */
export interface SentRecord {
  readonly gateway: string;
  readonly device: string;
  /** SHA-256 of the payload, lower-case hex. */
  readonly sha256: string;
}

/** A line of `intake export`. Entries that are no messages have neither payload nor hash. */
export interface IntakeLine {
  readonly pos: number;
  readonly type: string;
  readonly receivedAtMs?: number;
  readonly device?: string | null;
  /** Of a `connection`: a polled device's session stands, or an MQTT client is there. */
  readonly connected?: boolean;
  /** 0: nobody was promised anything, so that nobody waits for it here. */
  readonly qos?: number;
  /** Base64. A message that was refused for its size keeps only its hash. */
  readonly payload?: string | null;
  readonly sha256?: string | null;
}

/** A line of `journal export`: the exact text of both parts. */
export interface JournalLine {
  readonly seq: number;
  readonly header: string;
  readonly payload: string;
  readonly hash: string;
}

/** A line of the hub's `export-lane`. */
export interface HubLine {
  /** The hub's own count of events. */
  readonly position?: number;
  readonly gateway: string;
  readonly epoch: number;
  readonly seq: number;
  readonly kind: string;
  readonly hash: string;
  readonly state: string;
  /** The ledger lines that were applied. */
  readonly lines: readonly unknown[];
}

/** A stock row as the hub's API shows it. */
export interface StockRow {
  readonly site: string;
  readonly zone: string;
  readonly status: string;
  readonly owner: string;
  readonly item: string;
  readonly lot: string | null;
  readonly handlingUnit: string | null;
  readonly quantity: number;
}

/** A time in which nobody could see what a polled device showed. */
export interface Blindness {
  readonly gateway: string;
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: string;
}

/** A message that a gateway could not read, as its API shows it. */
export interface QuarantinedMessage {
  readonly device: string;
  /** Topic below the device's own, or name of the tag. */
  readonly channel: string;
  readonly reason: string;
  readonly detail: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly headBase64: string;
}

/** The header of an event, as far as the checker reads it. */
export interface HeaderFields {
  readonly site: string;
  readonly gateway: string;
  readonly epoch: number;
  readonly seq: number;
  readonly kind: string;
  readonly device?: string;
}
