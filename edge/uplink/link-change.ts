/** The link to the hub changed; becomes an intake entry of type `uplink`. */
export interface LinkChange {
  readonly live: boolean;
  readonly committedSeq: number;
  /** Events that the hub has not committed at this moment. */
  readonly keptEvents: number;
  /**
   * Lost: the last contact, absent if there was none since the process started. Live again: since
   * when it was away, absent for the first contact of a process that reported no loss.
   */
  readonly sinceMs?: number;
}
