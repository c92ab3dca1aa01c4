import { isUtf8 } from 'node:buffer';
import { encodeCanonical, type Canonical, type CanonicalRecord } from '#contracts/canonical.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';

/** An entry as a line of a leaf, line feed and all; see `#contracts/evidence.ts` for the form. */
export function entryLine({ pos, receivedAtMs, body }: IntakeEntry): string {
  const line = { body: canonicalBody(body), pos, receivedAt: receivedAtMs };
  return `${encodeCanonical(line)}\n`;
}

/** Nearly every entry is a message: its keys are written in canonical order, which costs nothing. */
function canonicalBody(body: IntakeEntry['body']): CanonicalRecord {
  if (body.type === 'message') {
    const { channel, device, payload, qos, type } = body;
    return { channel, device, payload: bytesAsText(payload), qos, type };
  }
  const record: Record<string, Canonical> = {};
  for (const [key, value] of Object.entries(body) as [string, Canonical | Uint8Array][]) {
    record[key] = value instanceof Uint8Array ? bytesAsText(value) : value;
  }
  return record;
}

function bytesAsText(bytes: Uint8Array): CanonicalRecord {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isUtf8(buffer)) return { text: buffer.toString('utf8') };
  return { base64: buffer.toString('base64') };
}
