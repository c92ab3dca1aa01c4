import { hash } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import { payloadHash, type EpochIdentity } from '#contracts/chain.ts';
import type { EventDraft, EventHeader } from '#contracts/envelope.ts';
import { versionOf } from '#contracts/event-kinds.ts';
import { defaultOwner } from '#contracts/ids.ts';
import type { JournalHead } from './journal-reader.ts';
import { TextBuffer } from './text-buffer.ts';

/** A draft with its cause: the intake entry, and its place among the drafts of that entry. */
export interface DraftItem {
  readonly pos: number;
  readonly index: number;
  readonly receivedAtMs: number;
  readonly draft: EventDraft;
}

/** A run of events as the bytes of a block, which are the sealer's own until it seals the next. */
export interface SealedBlock {
  readonly bytes: Buffer;
  readonly lastSeq: number;
  /** Of the last event. */
  readonly hash: string;
}

export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/**
 * Gives drafts their position, their exact text and their place in the hash chain, which is that of
 * `eventHash`, computed over bytes.
 */
export class BlockSealer {
  readonly #epoch: EpochIdentity;
  readonly #gateway: string;
  readonly #site: string;
  readonly #block = new TextBuffer();
  /** What is hashed for an event, with its header in between. */
  readonly #hashed = new TextBuffer();

  constructor(epoch: EpochIdentity) {
    const { ordinal, gateway, site } = epoch;
    this.#epoch = epoch;
    this.#gateway = `"epoch":${ordinal},"gateway":"${gateway}",`;
    this.#site = `,"site":"${site}","timeQuality":"`;
  }

  /** @throws Fault CANONICAL_INVALID naming what has no canonical form. */
  seal(after: Pick<JournalHead, 'seq' | 'hash'>, items: readonly DraftItem[]): SealedBlock {
    this.#block.clear();
    let { seq, hash } = after;
    for (const item of items) {
      seq += 1;
      hash = this.#add(hash, seq, item);
    }
    return { bytes: this.#block.view(), lastSeq: seq, hash };
  }

  #add(previousHash: string, seq: number, item: DraftItem): string {
    const payload = encodeCanonical(item.draft.payload);
    const hashed = this.#hashed.clear().ascii(previousHash).ascii('\n');
    const from = hashed.length;
    this.#putHeader(hashed, seq, item);
    this.#block.part(hashed, from, hashed.length).ascii('\n').text(payload).ascii('\n');
    hashed.ascii('\n').ascii(payloadHash(payload, sha256Hex));
    return hash('sha256', hashed.view(), 'hex');
  }

  /**
   * The header's canonical text. It is written out rather than encoded from an object, which takes
   * half the time; what has no plain form goes the long way, which also says what is wrong.
   */
  #putHeader(to: TextBuffer, seq: number, item: DraftItem): void {
    const { pos, index, receivedAtMs, draft } = item;
    const { device, claimedAt, handlingUnit, owner = defaultOwner, occurredAt } = draft;
    const isPlain =
      Number.isSafeInteger(occurredAt) &&
      Number.isSafeInteger(receivedAtMs) &&
      (claimedAt === undefined || Number.isSafeInteger(claimedAt)) &&
      (device === undefined || isPlainText(device)) &&
      (handlingUnit === undefined || isPlainText(handlingUnit)) &&
      (owner === defaultOwner || isPlainText(owner));
    if (!isPlain) {
      to.text(encodeCanonical(headerOf(this.#epoch, seq, item)));
      return;
    }
    to.ascii('{"cause":[').number(pos).ascii(',').number(index).ascii('],');
    if (claimedAt !== undefined) to.ascii('"claimedAt":').number(claimedAt).ascii(',');
    if (device !== undefined) to.ascii('"device":"').ascii(device).ascii('",');
    to.ascii(this.#gateway);
    if (handlingUnit !== undefined) to.ascii('"handlingUnit":"').ascii(handlingUnit).ascii('",');
    to.ascii('"kind":"').ascii(draft.kind).ascii('","occurredAt":').number(occurredAt);
    to.ascii(',"owner":"').ascii(owner).ascii('","receivedAt":').number(receivedAtMs);
    to.ascii(',"seq":').number(seq).ascii(this.#site).ascii(draft.timeQuality);
    to.ascii('","v":').number(versionOf(draft.kind, draft.payload)).ascii('}');
  }
}

/** ASCII, and stands in JSON as it is. */
const plainText = /^[\w .:/-]*$/;

function isPlainText(text: string): boolean {
  return plainText.test(text);
}

/** Keys stand in canonical order, so that encoding need not sort them. */
function headerOf(
  epoch: EpochIdentity,
  seq: number,
  { pos, index, receivedAtMs, draft }: DraftItem,
) {
  return {
    cause: [pos, index],
    claimedAt: draft.claimedAt,
    device: draft.device,
    epoch: epoch.ordinal,
    gateway: epoch.gateway,
    handlingUnit: draft.handlingUnit,
    kind: draft.kind,
    occurredAt: draft.occurredAt,
    owner: draft.owner ?? defaultOwner,
    receivedAt: receivedAtMs,
    seq,
    site: epoch.site,
    timeQuality: draft.timeQuality,
    v: versionOf(draft.kind, draft.payload),
  } satisfies Record<keyof EventHeader, unknown>;
}
