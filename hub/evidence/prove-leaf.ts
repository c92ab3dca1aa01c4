import { zstdDecompressSync } from 'node:zlib';
import { encodeCanonical, type Canonical } from '#contracts/canonical.ts';
import type { RawEntry } from '#contracts/api/evidence-api.ts';
import { maxLeafBytes } from '#contracts/evidence-bounds.ts';
import { evidenceLine } from '#contracts/evidence.ts';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import { leafHash as hashOfLeaf, provesInclusion } from '#contracts/merkle.ts';
import { validate } from '#contracts/validate.ts';
import { sha256OfBytes } from '../intake/wire-crypto.ts';
import type { EvidenceSegmentTable } from '../store/schema.ts';

/** A leaf as a gateway gave it, or as it was kept here. Nothing of it is believed. */
export interface ProvenLeaf {
  readonly segment: number;
  readonly leaf: number;
  readonly leaves: number;
  readonly leafHash: string;
  readonly path: readonly string[];
  readonly frame: Uint8Array;
}

/** An entry without what the asked event makes of it. */
export type ReadEntry = Omit<RawEntry, 'cause' | 'proven'>;

/**
 * Proves a leaf against the root that came through the chain, and reads it.
 *
 * @returns SIGNATURE_INVALID when it does not belong to the root; BAD_INPUT when it is no leaf.
 */
export function proveLeaf(of: ProvenLeaf, segment: EvidenceSegmentTable): Result<ReadEntry[]> {
  const content = unpack(of.frame);
  if (!content.ok) return content;
  const proof = { index: of.leaf, size: of.leaves, path: of.path };
  const leafHash = hashOfLeaf(content.value, sha256OfBytes);
  const isInTree =
    of.leaves === segment.leaves &&
    leafHash === of.leafHash &&
    provesInclusion({ ...proof, leafHash }, segment.root, sha256OfBytes);
  if (!isInTree) {
    const message = `leaf ${of.leaf} does not belong to the root of segment ${of.segment}`;
    return refuse('SIGNATURE_INVALID', message);
  }
  return readLines(content.value);
}

/** Reads the entries of a frame that nothing proves. @returns BAD_INPUT. */
export function readFrame(frame: Uint8Array): Result<ReadEntry[]> {
  const content = unpack(frame);
  return content.ok ? readLines(content.value) : content;
}

function unpack(frame: Uint8Array): Result<Buffer> {
  try {
    return succeed(zstdDecompressSync(frame, { maxOutputLength: maxLeafBytes }));
  } catch (error) {
    return refuse('BAD_INPUT', `the frame does not unpack: ${messageOf(error)}`);
  }
}

function readLines(content: Buffer): Result<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  for (const line of content.toString('utf8').split('\n')) {
    if (line === '') continue;
    const entry = readLine(line);
    if (entry === undefined) return refuse('BAD_INPUT', 'a line of the leaf is no entry');
    entries.push(entry);
  }
  return succeed(entries);
}

function readLine(line: string): ReadEntry | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return undefined;
  }
  const read = validate(evidenceLine, raw);
  if (!read.ok) return undefined;
  const { body, pos, receivedAt } = read.value;
  const fields = body as Readonly<Record<string, Canonical>>;
  const payload = bytesOf(fields['payload'] ?? fields['head']);
  const channel = fields['channel'];
  return {
    pos,
    receivedAt,
    type: body.type,
    device: body.device ?? null,
    channel: typeof channel === 'string' ? channel : null,
    bytes: payload?.bytes.length ?? null,
    payloadBase64: payload?.bytes.toString('base64') ?? null,
    payloadText: payload?.text ?? null,
    body: encodeCanonical(fields),
  };
}

function bytesOf(value: Canonical | undefined): { bytes: Buffer; text: string | null } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { text, base64 } = value as { text?: unknown; base64?: unknown };
  if (typeof text === 'string') return { bytes: Buffer.from(text, 'utf8'), text };
  if (typeof base64 === 'string') return { bytes: Buffer.from(base64, 'base64'), text: null };
  return undefined;
}
