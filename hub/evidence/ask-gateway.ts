import { encodeCanonical } from '#contracts/canonical.ts';
import { maxChunkBytes, maxLeafBytes } from '#contracts/evidence-bounds.ts';
import {
  evidenceReply,
  evidenceRequestText,
  type EvidenceReply,
  type EvidenceRequest,
  type LocatedLeaf,
} from '#contracts/evidence.ts';
import { Fault } from '#contracts/fault.ts';
import { subjectOf, type GatewayAddress } from '#contracts/subjects.ts';
import { validate } from '#contracts/validate.ts';

/** One question and its answer over NATS. @throws Fault LINK_DOWN when nobody answers in time. */
export type AskOverNats = (subject: string, text: string, timeoutMs: number) => Promise<Uint8Array>;

export interface AskParts {
  readonly request: AskOverNats;
  /** Ed25519 signature of the hub, base64. */
  readonly sign: (text: string) => string;
}

interface Answer {
  readonly reply: EvidenceReply;
  readonly bytes: Uint8Array;
}

const answerTimeoutMs = 8_000;
/** A cut link may heal within these: a chunk is asked for again where it was cut off. */
const tries = 3;
const maxHeadBytes = 256 * 1024;

/** Asks a gateway one thing. @throws Fault LINK_DOWN, BAD_INPUT for what is no answer. */
export async function askGateway(
  { request, sign }: AskParts,
  address: GatewayAddress,
  of: EvidenceRequest,
): Promise<Answer> {
  const { tenant, site, gateway } = address;
  const signature = sign(evidenceRequestText(`${tenant}/${site}/${gateway}`, of));
  const text = encodeCanonical({ request: of, signature });
  return readAnswer(await request(subjectOf(address, 'evidence'), text, answerTimeoutMs));
}

/**
 * Fetches a leaf's frame, chunk by chunk.
 *
 * @returns undefined when the gateway no longer has it. @throws Fault as `askGateway`.
 */
export async function fetchFrame(
  parts: AskParts,
  address: GatewayAddress,
  { segment, leaf, frameBytes }: LocatedLeaf,
): Promise<Uint8Array | undefined> {
  if (frameBytes > maxLeafBytes) throw new Fault('BAD_INPUT', 'the leaf is too large');
  const frame = new Uint8Array(frameBytes);
  for (let offset = 0; offset < frameBytes;) {
    const read = { type: 'read', v: 1, segment, leaf, offset } as const;
    const { reply, bytes } = await askAgain(parts, address, read);
    if (reply.type === 'refused') {
      if (reply.reason === 'gone' || reply.reason === 'damaged') return undefined;
      throw new Fault('UNAVAILABLE', `the gateway refused: ${reply.detail}`);
    }
    const fits =
      reply.type === 'chunk' &&
      reply.segment === segment &&
      reply.leaf === leaf &&
      reply.offset === offset &&
      bytes.length > 0 &&
      bytes.length <= Math.min(maxChunkBytes, frameBytes - offset);
    if (!fits) throw new Fault('BAD_INPUT', 'the gateway answered with another chunk');
    frame.set(bytes, offset);
    offset += bytes.length;
  }
  return frame;
}

async function askAgain(
  parts: AskParts,
  address: GatewayAddress,
  of: EvidenceRequest,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await askGateway(parts, address, of);
      const isBusy = answer.reply.type === 'refused' && answer.reply.reason === 'busy';
      if (!isBusy || attempt === tries) return answer;
    } catch (error) {
      const canHeal = error instanceof Fault && error.retryable;
      if (!canHeal || attempt === tries) throw error;
    }
  }
}

function readAnswer(data: Uint8Array): Answer {
  const end = data.indexOf(0x0a);
  if (end < 0 || end > maxHeadBytes) throw new Fault('BAD_INPUT', 'the answer has no head');
  let raw: unknown;
  try {
    raw = JSON.parse(Buffer.from(data.subarray(0, end)).toString('utf8'));
  } catch (cause) {
    throw new Fault('BAD_INPUT', 'the head of the answer is not JSON', { cause });
  }
  const reply = validate(evidenceReply, raw);
  if (!reply.ok) throw new Fault('BAD_INPUT', `the answer: ${reply.refusal.message}`);
  return { reply: reply.value, bytes: data.subarray(end + 1) };
}
