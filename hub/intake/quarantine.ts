import { BulkWriter } from '../store/bulk-writer.ts';
import type { LaneQuarantineTable, QuarantineReason } from '../store/schema.ts';
import type { WriteTransaction } from '../store/store.ts';
import { sha256OfBytes } from './wire-crypto.ts';

/** Why a whole message is put aside. */
export type MessageFault = Exclude<QuarantineReason, 'poison'>;

const headBytes = 4096;

/**
 * Whole messages kept for each gateway. A gateway that goes on sending what cannot be taken still
 * holds it itself, so beyond this nothing is gained by keeping more.
 */
const messagesKept = 1_000;

/** What is put aside within one transaction. */
export class Quarantine {
  #rows: LaneQuarantineTable[] = [];
  readonly #kept = new Map<string, number>();
  readonly #writer = new BulkWriter(
    'lane_quarantine',
    ['id', 'gateway', 'site', 'reason', 'received_at', 'bytes', 'sha256', 'head', 'detail'],
    (insert) => insert.onConflict((conflict) => conflict.column('id').doNothing()),
  );

  /** A message that could not be taken. The same bytes for the same reason are kept once. */
  addMessage(of: {
    readonly gateway: string;
    readonly site: string;
    readonly reason: MessageFault;
    readonly detail: string;
    readonly data: Uint8Array;
    readonly receivedAt: number;
  }): void {
    const kept = this.#kept.get(of.gateway) ?? 0;
    if (kept >= messagesKept) return;
    this.#kept.set(of.gateway, kept + 1);
    const sha256 = sha256OfBytes(of.data);
    this.#add(`${of.gateway}/${of.reason}/${sha256}`, of, sha256);
  }

  /** A journalled event that makes no sense; its full text stands in the journal as well. */
  addEvent(of: {
    readonly event: string;
    readonly gateway: string;
    readonly site: string;
    readonly detail: string;
    readonly text: string;
    readonly receivedAt: number;
  }): void {
    const data = Buffer.from(of.text);
    this.#add(of.event, { ...of, reason: 'poison', data }, sha256OfBytes(data));
  }

  #add(
    id: string,
    of: {
      readonly gateway: string;
      readonly site: string;
      readonly reason: QuarantineReason;
      readonly detail: string;
      readonly data: Uint8Array;
      readonly receivedAt: number;
    },
    sha256: string,
  ): void {
    this.#rows.push({
      id,
      gateway: of.gateway,
      site: of.site,
      reason: of.reason,
      received_at: of.receivedAt,
      bytes: of.data.length,
      sha256,
      head: of.data.slice(0, headBytes),
      detail: of.detail.slice(0, 400),
    });
  }

  flush(tx: WriteTransaction): void {
    this.#writer.write(tx, this.#rows);
    this.#rows = [];
  }

  discard(): void {
    this.#rows = [];
  }
}
