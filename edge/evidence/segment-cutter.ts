import { hash } from 'node:crypto';
import { leafHash, merkleRoot } from '#contracts/merkle.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import { entryLine } from './entry-line.ts';

/** Where segments and leaves end; whichever limit is reached first. */
export interface CutLimits {
  readonly segmentEntries: number;
  readonly segmentBytes: number;
  /** Of entry time. */
  readonly segmentMs: number;
  readonly leafEntries: number;
  readonly leafBytes: number;
}

export const defaultLimits: CutLimits = {
  segmentEntries: 131_072,
  segmentBytes: 32 * 1024 * 1024,
  segmentMs: 3_600_000,
  leafEntries: 128,
  leafBytes: 64 * 1024,
};

/** What is known of a leaf; its index is its place in the segment. */
export interface LeafFacts {
  /** Empty for entries of the gateway itself. */
  readonly device: string;
  readonly firstPos: number;
  readonly lastPos: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly entries: number;
  readonly bytes: number;
  readonly hash: string;
}

export interface Leaf extends LeafFacts {
  readonly content: Buffer;
}

/** What is known of a segment once it is complete. */
export interface SegmentFacts {
  readonly firstPos: number;
  readonly lastPos: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly entries: number;
  readonly bytes: number;
  readonly leaves: number;
  readonly root: string;
}

/** What an entry completed: `closed` segments end before that entry. */
export interface CutStep {
  readonly leaves: readonly Leaf[];
  readonly closed: SegmentFacts | undefined;
}

interface OpenLeaf {
  readonly device: string;
  readonly lines: string[];
  readonly firstPos: number;
  readonly firstMs: number;
  lastPos: number;
  lastMs: number;
  bytes: number;
}

const nothing: CutStep = { leaves: [], closed: undefined };

export function sha256OfBytes(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/**
 * Cuts the intake log into segments, and these into leaves of one device each. Everything follows
 * from the entries alone: batches, crashes and time of day change nothing. Leaves are by device
 * because an event stands on what one device sent: its evidence is then few leaves, small to fetch
 * and to keep, where leaves by position would hold everybody's readings of that time.
 */
export class SegmentCutter {
  readonly #limits: CutLimits;
  readonly #open = new Map<string, OpenLeaf>();
  #hashes: string[] = [];
  #first: IntakeEntry | undefined;
  #last: IntakeEntry | undefined;
  #entries = 0;
  #bytes = 0;

  constructor(limits: CutLimits) {
    this.#limits = limits;
  }

  /** Entries come in order without gaps. A step with `closed` did not take the entry: add it anew. */
  add(entry: IntakeEntry): CutStep {
    if (this.#isFull(entry)) return this.#close();
    const line = entryLine(entry);
    const bytes = Buffer.byteLength(line);
    this.#first ??= entry;
    this.#last = entry;
    this.#entries += 1;
    this.#bytes += bytes;
    const leaf = this.#leafFor(entry);
    leaf.lines.push(line);
    leaf.lastPos = entry.pos;
    leaf.lastMs = entry.receivedAtMs;
    leaf.bytes += bytes;
    const { leafEntries, leafBytes } = this.#limits;
    if (leaf.lines.length < leafEntries && leaf.bytes < leafBytes) return nothing;
    return { leaves: [this.#finish(leaf)], closed: undefined };
  }

  #isFull({ receivedAtMs }: IntakeEntry): boolean {
    const { segmentEntries, segmentBytes, segmentMs } = this.#limits;
    if (this.#first === undefined) return false;
    return (
      this.#entries >= segmentEntries ||
      this.#bytes >= segmentBytes ||
      // Times go back where an operator has the clock do so.
      Math.abs(receivedAtMs - this.#first.receivedAtMs) >= segmentMs
    );
  }

  #leafFor({ body, pos, receivedAtMs }: IntakeEntry): OpenLeaf {
    const device = 'device' in body && typeof body.device === 'string' ? body.device : '';
    let leaf = this.#open.get(device);
    if (leaf === undefined) {
      const at = { firstPos: pos, firstMs: receivedAtMs, lastPos: pos, lastMs: receivedAtMs };
      leaf = { device, lines: [], ...at, bytes: 0 };
      this.#open.set(device, leaf);
    }
    return leaf;
  }

  #finish({ lines, ...leaf }: OpenLeaf): Leaf {
    this.#open.delete(leaf.device);
    const content = Buffer.from(lines.join(''), 'utf8');
    const hash = leafHash(content, sha256OfBytes);
    this.#hashes.push(hash);
    return { ...leaf, entries: lines.length, hash, content };
  }

  #close(): CutStep {
    const first = this.#first;
    const last = this.#last;
    if (first === undefined || last === undefined) return nothing;
    // A map keeps the order in which leaves were opened, which follows from the entries.
    const leaves = [...this.#open.values()].map((leaf) => this.#finish(leaf));
    const closed: SegmentFacts = {
      firstPos: first.pos,
      lastPos: last.pos,
      firstMs: first.receivedAtMs,
      lastMs: last.receivedAtMs,
      entries: this.#entries,
      bytes: this.#bytes,
      leaves: this.#hashes.length,
      root: merkleRoot(this.#hashes, sha256OfBytes),
    };
    this.#hashes = [];
    this.#first = this.#last = undefined;
    this.#entries = this.#bytes = 0;
    return { leaves, closed };
  }
}
