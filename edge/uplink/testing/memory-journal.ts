import { createHash } from 'node:crypto';
import { encodeCanonical } from '#contracts/canonical.ts';
import { eventHash, genesisHash, type EpochIdentity } from '#contracts/chain.ts';
import type { StoredEvent } from '#contracts/envelope.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { EventRun, JournalHead, JournalReader } from '../../journal/journal-reader.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A journal without a disk, for tests of what reads one. */
export class MemoryJournal implements JournalReader {
  readonly epoch: EpochIdentity;
  readonly events: StoredEvent[] = [];
  readonly #hashes: string[];
  readonly #listeners = new Set<(head: JournalHead) => void>();
  /** How far reading went in one call, to show that memory does not follow the backlog. */
  largestRead = 0;

  constructor(address: GatewayAddress, id = 'ab'.repeat(16)) {
    const { tenant, site, gateway } = address;
    this.epoch = {
      tenant,
      site,
      gateway,
      id,
      ordinal: 1,
      parent: null,
      startedAt: 1_700_000_000_000,
    };
    this.#hashes = [genesisHash(this.epoch, sha256)];
  }

  /** Appends `count` events in one commit; `salt` makes another history of the same length. */
  append(count: number, salt = '', paddingBytes = 0): void {
    const { gateway, site } = this.epoch;
    for (let index = 0; index < count; index += 1) {
      const seq = this.events.length + 1;
      const event = {
        header: encodeCanonical({
          cause: [seq, 0],
          epoch: 1,
          gateway,
          kind: 'device.silent',
          occurredAt: 1_700_000_000_000 + seq,
          owner: 'own',
          receivedAt: 1_700_000_000_000 + seq,
          seq,
          site,
          timeQuality: 'arrival',
          v: 1,
        }),
        payload: encodeCanonical({ note: `${salt}${seq}`, padding: noise(seq, paddingBytes) }),
      };
      this.#hashes.push(eventHash(this.#hashes.at(-1) ?? '', event, sha256));
      this.events.push(event);
    }
    for (const listener of this.#listeners) listener(this.head());
  }

  head(): JournalHead {
    return { epoch: this.epoch, seq: this.events.length, hash: this.#hashes.at(-1) ?? '' };
  }

  oldestSeq(): number {
    return 1;
  }

  readAfter(seq: number, maxEvents: number, maxBytes: number): EventRun | undefined {
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (const event of this.events.slice(seq, seq + maxEvents)) {
      bytes += event.header.length + event.payload.length + 2;
      if (events.length > 0 && bytes > maxBytes) break;
      events.push(event);
    }
    if (events.length === 0) return undefined;
    this.largestRead = Math.max(this.largestRead, events.length);
    const lastSeq = seq + events.length;
    return {
      previousHash: this.#hashes[seq] ?? '',
      firstSeq: seq + 1,
      lastSeq,
      headHash: this.#hashes[lastSeq] ?? '',
      lines: events.map(({ header, payload }) => `${header}\n${payload}\n`),
    };
  }

  hashAt(seq: number): string | undefined {
    return this.#hashes[seq];
  }

  onCommitted(listener: (head: JournalHead) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Text that does not compress. */
function noise(seed: number, bytes: number): string {
  let text = '';
  while (text.length < bytes) text += sha256(`${seed}/${text.length}`);
  return text.slice(0, bytes);
}
