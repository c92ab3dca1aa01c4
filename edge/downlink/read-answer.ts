import {
  downlinkAnswerText,
  downlinkEntryText,
  downlinkChunk,
  signedDownlinkAnswer,
  type DownlinkAnswer,
  type DownlinkEntry,
} from '#contracts/downlink.ts';
import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import { validate } from '#contracts/validate.ts';

export type IsSignedByHub = (text: string, signature: string) => boolean;

export interface Asked {
  readonly address: GatewayAddress;
  /** SHA-256 of the signed text of the pull. */
  readonly requestHash: string;
  /** The last entry that is settled here. */
  readonly settled: number;
}

/**
 * Believes an answer to a pull, or says why not.
 *
 * @returns refusal BAD_INPUT for what is no answer to this pull, SIGNATURE_INVALID for what the hub
 *   did not sign, CONFLICT for an entry that is not what follows here.
 */
export function readAnswer(
  bytes: Uint8Array,
  { address, requestHash, settled }: Asked,
  isSigned: IsSignedByHub,
): Result<DownlinkAnswer> {
  const read = validate(signedDownlinkAnswer, parsed(bytes));
  if (!read.ok) return read;
  const { answer, signature } = read.value;
  let signed: string;
  try {
    signed = downlinkAnswerText(answer);
  } catch {
    return refuse('BAD_INPUT', 'the answer holds numbers or text without a canonical form');
  }
  if (!isSigned(signed, signature)) {
    return refuse('SIGNATURE_INVALID', 'the answer is not signed by the hub');
  }
  if (!isFor(answer, address) || answer.request !== requestHash) {
    return refuse('BAD_INPUT', 'the answer is one to another pull');
  }
  if (answer.entry === null) return succeed(answer);
  const { entry, signature: entrySignature } = answer.entry;
  if (!isSigned(downlinkEntryText(entry), entrySignature)) {
    return refuse('SIGNATURE_INVALID', `entry ${entry.seq} is not signed by the hub`);
  }
  if (!isFor(entry, address)) {
    return refuse('CONFLICT', `entry ${entry.seq} is for ${entry.site}/${entry.gateway}`);
  }
  if (entry.seq <= settled) {
    return refuse('CONFLICT', `entry ${entry.seq} came again: ${settled} is settled`);
  }
  if (entry.previous > settled) {
    return refuse('CONFLICT', `before entry ${entry.seq} comes ${entry.previous}, unseen here`);
  }
  return succeed(answer);
}

/** The bytes of a chunk. @returns undefined where it is not the one that was asked for. */
export function readChunk(
  answer: Uint8Array,
  asked: { readonly seq: number; readonly offset: number },
): Uint8Array | undefined {
  const end = answer.indexOf(0x0a);
  if (end < 0) return undefined;
  const head = validate(downlinkChunk, parsed(answer.subarray(0, end)));
  const fits = head.ok && head.value.seq === asked.seq && head.value.offset === asked.offset;
  return fits && answer.length > end + 1 ? answer.subarray(end + 1) : undefined;
}

function isFor(of: Pick<DownlinkEntry, 'tenant' | 'site' | 'gateway'>, to: GatewayAddress) {
  return of.tenant === to.tenant && of.site === to.site && of.gateway === to.gateway;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
