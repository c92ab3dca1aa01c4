import { batchHeaderLine } from '#contracts/batch-codec.ts';
import { checkpointText, type Checkpoint } from '#contracts/chain.ts';
import { maxBatchBytes } from '#contracts/uplink.ts';
import type { EventRun, JournalHead } from '../journal/journal-reader.ts';
import { packZstd } from '../zstd.ts';

/** Signs for the gateway; see `edge/identity`. */
export interface Signer {
  readonly keyId: string;
  sign(text: string): string;
}

/** The gateway's claim that its journal stands at `seq` with this hash. */
export function checkpointOf(head: JournalHead, keyId: string, atMs: number): Checkpoint {
  const { epoch, hash, seq } = head;
  const { gateway, site, tenant } = epoch;
  return { atMs, epoch: epoch.ordinal, epochId: epoch.id, gateway, hash, keyId, seq, site, tenant };
}

/** Makes messages of runs, one after the other. */
export type BatchEncoder = (run: EventRun, epoch: JournalHead['epoch'], atMs: number) => Uint8Array;

/** How a batch is made smaller for the wire; a simulation leaves it as it is. */
export type Pack = (bytes: Uint8Array) => Uint8Array;

const packBatch: Pack = (bytes) => packZstd(bytes, { level: 1 });

/**
 * A run of events as one message: zstd of the batch text, whose header carries a signed checkpoint
 * of the last event. Level 1: about a fifth of the bytes for a millisecond a batch. All batches are
 * put together in the same memory.
 */
export function createBatchEncoder(signer: Signer, pack: Pack = packBatch): BatchEncoder {
  let room = Buffer.allocUnsafeSlow(maxBatchBytes);

  function gather(texts: readonly string[]): Uint8Array {
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    if (bytes > room.length) room = Buffer.allocUnsafeSlow(bytes);
    let end = 0;
    for (const text of texts) end += room.write(text, end);
    return room.subarray(0, end);
  }

  return (run, epoch, atMs) => {
    const head = { epoch, seq: run.lastSeq, hash: run.headHash };
    const checkpoint = checkpointOf(head, signer.keyId, atMs);
    const header = batchHeaderLine({
      checkpoint,
      events: run.lastSeq - run.firstSeq + 1,
      firstSeq: run.firstSeq,
      previousHash: run.previousHash,
      signature: signer.sign(checkpointText(checkpoint)),
      v: 1,
    });
    return pack(gather([header, ...run.lines]));
  };
}

/**
 * The message id by which JetStream drops repeats: `gateway:epochId:first-last`. A round after the
 * first is part of it, where the stream must not take the batch for one that it no longer has.
 */
export function batchMessageId(
  { gateway, id }: JournalHead['epoch'],
  { firstSeq, lastSeq }: EventRun,
  round: number,
): string {
  return `${gateway}:${id}:${firstSeq}-${lastSeq}${round > 0 ? `:${round}` : ''}`;
}
