import { zstdDecompressSync } from 'node:zlib';
import { decodeBatch } from '#contracts/batch-codec.ts';
import { checkpointText, eventHash } from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import { addressOf, type GatewayAddress } from '#contracts/subjects.ts';
import { maxBatchBytes, type BatchHeader } from '#contracts/uplink.ts';
import type { RegisteredGateway } from './lane-book.ts';
import type { MessageFault } from './quarantine.ts';
import { sha256Hex } from './wire-crypto.ts';

/** A message of the ordered lane as it came from the wire. */
export interface WireMessage {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** A batch that a registered gateway signed, for its own lane. The chain is not checked yet. */
export interface OpenedBatch {
  readonly header: BatchHeader;
  readonly events: readonly StoredEvent[];
}

/** The header line comes on top of what a gateway may put into a batch. */
const maxOutputLength = maxBatchBytes + 16 * 1024;

/** Who sent a message, by its subject; NATS let nobody else publish there. */
export function senderOf(subject: string): { site: string; gateway: string } | undefined {
  try {
    return addressOf(subject);
  } catch {
    return undefined;
  }
}

/** How a batch becomes what it was before it was packed. Throws on what is none, or too large. */
export type Unpack = (data: Uint8Array) => Buffer;

const unpackBatch: Unpack = (data) => zstdDecompressSync(data, { maxOutputLength });

/** Decompresses, splits and proves one message. The refusal's details say under which reason it is kept. */
export function openBatch(
  data: Uint8Array,
  address: Pick<GatewayAddress, 'tenant'> & { readonly site: string; readonly gateway: string },
  { key: current, retiring }: Pick<RegisteredGateway, 'key' | 'retiring'>,
  unpack: Unpack = unpackBatch,
): Result<OpenedBatch> & { readonly reason?: MessageFault } {
  let decoded: OpenedBatch;
  try {
    decoded = decodeBatch(unpack(data).toString('utf8'));
  } catch (error) {
    return { ...refuse('BATCH_MALFORMED', messageOf(error)), reason: 'malformed' };
  }
  const { checkpoint, signature } = decoded.header;
  const { tenant, site, gateway } = address;
  if (checkpoint.tenant !== tenant || checkpoint.site !== site || checkpoint.gateway !== gateway) {
    const claimed = `${checkpoint.tenant}/${checkpoint.site}/${checkpoint.gateway}`;
    return {
      ...refuse('BATCH_MALFORMED', `the checkpoint is one of ${claimed}`),
      reason: 'malformed',
    };
  }
  const key = checkpoint.keyId === retiring?.keyId ? retiring : current;
  if (checkpoint.keyId !== key.keyId || !key.verify(checkpointText(checkpoint), signature)) {
    return {
      ...refuse('SIGNATURE_INVALID', `not signed by the registered key ${current.keyId}`),
      reason: 'bad-signature',
    };
  }
  return succeed(decoded);
}

/** The hash after each event, computed from the batch's own bytes. */
export function chainOf(batch: OpenedBatch): string[] {
  const hashes: string[] = [];
  let previous = batch.header.previousHash;
  for (const event of batch.events) {
    previous = eventHash(previous, event, sha256Hex);
    hashes.push(previous);
  }
  return hashes;
}
