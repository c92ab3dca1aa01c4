import { createHash, createPublicKey, verify } from 'node:crypto';

/**
 * A stranger's check of an export, written from "Anybody can check a journal" in
 * `docs/architecture.md`. It imports nothing of ours on purpose: nothing here may be shared with
 * those who wrote what it checks.
 */

/** A line of `journal export` or of `export-lane --evidence`, of one gateway and epoch. */
export interface ExportedEvent {
  readonly seq: number;
  readonly header: string;
  readonly payload: string;
  readonly hash: string;
  readonly epochIdentity?: string;
  readonly previousHash?: string;
  readonly checkpoint?: string;
  readonly signature?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * @param publicKey base64 of the raw 32 bytes, known beforehand.
 * @returns up to which event the key's owner vouches for all of them.
 * @throws Error naming the event that is not what was signed.
 */
export function proveExport(events: readonly ExportedEvent[], publicKey: string): number {
  const [first] = events;
  if (first === undefined) return 0;
  let hash = first.previousHash ?? '';
  if (first.seq === 1) {
    hash = sha256(`holdfast-epoch-1\n${first.epochIdentity ?? ''}`);
  }
  let [seq, proved] = [first.seq - 1, 0];
  for (const event of events) {
    seq += 1;
    const payload = event.payload.startsWith('#') ? event.payload.slice(1) : sha256(event.payload);
    hash = sha256(`${hash}\n${event.header}\n${payload}`);
    const header = JSON.parse(event.header) as { readonly seq: number };
    if (event.seq !== seq || header.seq !== seq) throw new Error(`event ${seq} is missing`);
    if (event.hash !== hash) throw new Error(`event ${seq} does not chain`);
    if (event.checkpoint === undefined) continue;
    checkSignature(event, publicKey);
    proved = seq;
  }
  return proved;
}

function checkSignature(
  { seq, hash, checkpoint = '', signature = '' }: ExportedEvent,
  key: string,
) {
  const raw = Buffer.from(key, 'base64');
  const said = JSON.parse(checkpoint) as Record<'seq' | 'hash' | 'keyId', unknown>;
  if (said.seq !== seq || said.hash !== hash)
    throw new Error(`checkpoint ${seq} is of another event`);
  if (said.keyId !== createHash('sha256').update(raw).digest('hex').slice(0, 16)) {
    throw new Error(`checkpoint ${seq} is of another key`);
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  const signed = Buffer.from(`holdfast-checkpoint-1\n${checkpoint}`, 'utf8');
  const by = createPublicKey({ key: jwk, format: 'jwk' });
  if (!verify(null, signed, by, Buffer.from(signature, 'base64'))) {
    throw new Error(`checkpoint ${seq} is not signed by this key`);
  }
}
