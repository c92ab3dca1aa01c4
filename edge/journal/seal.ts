import { hash } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import { eventHash, type EpochIdentity } from '#contracts/chain.ts';
import type { EventDraft, EventHeader, StoredEvent } from '#contracts/envelope.ts';
import { eventKinds } from '#contracts/event-kinds.ts';
import { defaultOwner } from '#contracts/ids.ts';
import type { JournalHead } from './journal-reader.ts';

/** A draft with its cause: the intake entry, and its place among the drafts of that entry. */
export interface DraftItem {
  readonly pos: number;
  readonly index: number;
  readonly receivedAtMs: number;
  readonly draft: EventDraft;
}

export interface SealedEvent extends StoredEvent {
  readonly hash: string;
}

export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Gives drafts their position, their exact text and their place in the hash chain. Pure. */
export function sealDrafts(head: JournalHead, items: readonly DraftItem[]): SealedEvent[] {
  let previous = head.hash;
  let seq = head.seq;
  const frame = headerFrame(head.epoch);
  return items.map((item) => {
    seq += 1;
    const event = {
      header: headerText(head.epoch, frame, seq, item),
      payload: encodeCanonical(item.draft.payload),
    };
    previous = eventHash(previous, event, sha256Hex);
    return { ...event, hash: previous };
  });
}

/** What all headers of an epoch have in common, as text. */
interface HeaderFrame {
  readonly gateway: string;
  readonly site: string;
}

function headerFrame({ ordinal, gateway, site }: EpochIdentity): HeaderFrame {
  return {
    gateway: `"epoch":${ordinal},"gateway":"${gateway}",`,
    site: `,"site":"${site}","timeQuality":"`,
  };
}

/**
 * The header's canonical text. It is written out rather than encoded from an object, which takes
 * half the time; what has no plain form goes the long way, which also says what is wrong.
 */
function headerText(
  epoch: EpochIdentity,
  frame: HeaderFrame,
  seq: number,
  item: DraftItem,
): string {
  const { pos, index, receivedAtMs, draft } = item;
  const { device, claimedAt, handlingUnit, owner = defaultOwner, occurredAt } = draft;
  const isPlain =
    Number.isSafeInteger(occurredAt) &&
    Number.isSafeInteger(receivedAtMs) &&
    (claimedAt === undefined || Number.isSafeInteger(claimedAt)) &&
    (device === undefined || isPlainText(device)) &&
    (handlingUnit === undefined || isPlainText(handlingUnit)) &&
    (owner === defaultOwner || isPlainText(owner));
  if (!isPlain) return encodeCanonical(headerOf(epoch, seq, item));
  return (
    `{"cause":[${pos},${index}],` +
    (claimedAt === undefined ? '' : `"claimedAt":${claimedAt},`) +
    (device === undefined ? '' : `"device":"${device}",`) +
    frame.gateway +
    (handlingUnit === undefined ? '' : `"handlingUnit":"${handlingUnit}",`) +
    `"kind":"${draft.kind}","occurredAt":${occurredAt},"owner":"${owner}",` +
    `"receivedAt":${receivedAtMs},"seq":${seq}${frame.site}` +
    `${draft.timeQuality}","v":${eventKinds[draft.kind].version}}`
  );
}

const plainText = /^[\w .:/-]*$/;

/** Text that stands in JSON as it is. */
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
    v: eventKinds[draft.kind].version,
  } satisfies Record<keyof EventHeader, unknown>;
}
