import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { maxLeafBytes } from '#contracts/evidence-bounds.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { leafHash, merkleRoot } from '#contracts/merkle.ts';
import { packZstd } from '../zstd.ts';
import type { EvidenceDisk } from './evidence-disk.ts';
import { sha256OfBytes, type Leaf, type LeafFacts, type SegmentFacts } from './segment-cutter.ts';

/**
 * A segment file: one zstd frame per leaf, then a footer in a *skippable* frame (RFC 8878, 3.1.2),
 * so that `zstdcat` prints the entries and nothing else.
 *
 *     leaf frame … | 0x184D2A50 u32 | length u32 | footer, zstd of JSON | its length u32 | "HFE1"
 */
const skippableMagic = 0x184d2a50;
const endMark = Buffer.from('HFE1', 'latin1');
const endBytes = 4 + endMark.length;
const packing = { level: 3, checksum: true };
const maxFooterBytes = 64 * 1024 * 1024;

/** A leaf in a file; `offset` is null where pruning left only its hash. */
export interface StoredLeaf extends LeafFacts {
  readonly offset: number | null;
  readonly frameBytes: number;
}

export interface SegmentFooter extends SegmentFacts {
  readonly v: 1;
  readonly segment: number;
  readonly table: readonly StoredLeaf[];
}

function segmentName(segment: number): string {
  return `segment-${String(segment).padStart(8, '0')}.zst`;
}

export function segmentPath(folder: string, segment: number): string {
  return join(folder, segmentName(segment));
}

/** @returns undefined for the name of something else. */
export function segmentOfName(name: string): number | undefined {
  const digits = /^segment-(\d{8,})\.zst$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function packLeaf(content: Buffer): Buffer {
  return packZstd(content, packing);
}

/** @throws Error when the frame is damaged. */
export function unpackLeaf(frame: Uint8Array): Buffer {
  return zstdDecompressSync(frame, { maxOutputLength: maxLeafBytes });
}

/** Writes a segment beside its final name; only `seal` makes it one, whole or not at all. */
export class SegmentWriter {
  readonly #disk: EvidenceDisk;
  readonly #path: string;
  readonly #file: number;
  readonly #table: StoredLeaf[] = [];
  #offset = 0;
  #closed = false;

  constructor(disk: EvidenceDisk, path: string) {
    this.#disk = disk;
    this.#path = path;
    this.#file = disk.create(`${path}.new`);
  }

  add({ content, ...facts }: Leaf): void {
    this.addFrame(facts, packLeaf(content));
  }

  addFrame(facts: LeafFacts, frame: Buffer): void {
    this.#disk.write(this.#file, frame);
    this.#table.push({ ...facts, offset: this.#offset, frameBytes: frame.length });
    this.#offset += frame.length;
  }

  /** A leaf that was pruned: its hash alone still proves the others. */
  addPruned({ device, firstPos, lastPos, firstMs, lastMs, entries, bytes, hash }: LeafFacts): void {
    const facts = { device, firstPos, lastPos, firstMs, lastMs, entries, bytes, hash };
    this.#table.push({ ...facts, offset: null, frameBytes: 0 });
  }

  /** @returns the length of the file, which is on disk under its name then. */
  seal(segment: number, facts: SegmentFacts): number {
    const footer: SegmentFooter = { v: 1, segment, ...facts, table: this.#table };
    const packed = packZstd(Buffer.from(JSON.stringify(footer), 'utf8'), packing);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(skippableMagic, 0);
    head.writeUInt32LE(packed.length + endBytes, 4);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packed.length, 0);
    const end = Buffer.concat([head, packed, length, endMark]);
    this.#disk.write(this.#file, end);
    this.#disk.sync(this.#file);
    this.#closed = true;
    this.#disk.close(this.#file);
    this.#disk.rename(`${this.#path}.new`, this.#path);
    this.#disk.syncFolder(dirname(this.#path));
    return this.#offset + end.length;
  }

  /** Gives up; what was written is removed. */
  abandon(): void {
    if (!this.#closed) this.#disk.close(this.#file);
    this.#disk.remove(`${this.#path}.new`);
  }
}

/** Reads a segment file. Everything is checked against the hashes; `root` comes from elsewhere. */
export class SegmentReader {
  readonly #file: number;
  readonly #name: string;
  readonly footer: SegmentFooter;
  readonly fileBytes: number;

  /** @throws Fault NOT_FOUND, STORE_BROKEN when the footer is damaged or not that of `root`. */
  constructor(path: string, root: string | undefined) {
    this.#name = basename(path);
    this.#file = openFile(path);
    try {
      this.fileBytes = fstatSync(this.#file).size;
      this.footer = this.#readFooter();
      this.#checkFooter(root);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  /** A leaf's frame as it lies there, unchecked; undefined where it was pruned. */
  frame(leaf: number): Buffer | undefined {
    const stored = this.footer.table[leaf];
    if (stored === undefined || stored.offset === null) return undefined;
    return this.#read(stored.offset, stored.frameBytes);
  }

  /** @throws Fault STORE_BROKEN saying where the damage is; undefined for a pruned leaf. */
  content(leaf: number): Buffer | undefined {
    const frame = this.frame(leaf);
    const stored = this.footer.table[leaf];
    if (frame === undefined || stored === undefined) return undefined;
    let content: Buffer;
    try {
      content = unpackLeaf(frame);
    } catch (cause) {
      throw this.#damaged(leaf, stored, `does not unpack: ${messageOf(cause)}`, cause);
    }
    if (leafHash(content, sha256OfBytes) === stored.hash) return content;
    throw this.#damaged(leaf, stored, 'has another hash');
  }

  #damaged(leaf: number, { offset, device, ...at }: StoredLeaf, what: string, cause?: unknown) {
    const message =
      `${this.#name}: leaf ${leaf} at byte ${offset}, entries ${at.firstPos} to ${at.lastPos} ` +
      `of ${device === '' ? 'the gateway' : device}, ${what}`;
    const details = { leaf, offset, frameBytes: at.frameBytes, device };
    return new Fault('STORE_BROKEN', message, { cause, details });
  }

  #readFooter(): SegmentFooter {
    const end = this.#read(Math.max(0, this.fileBytes - endBytes), endBytes);
    if (end.length < endBytes || !end.subarray(4).equals(endMark)) {
      throw new Fault('STORE_BROKEN', `${this.#name} does not end as a segment does`);
    }
    const length = end.readUInt32LE(0);
    const start = this.fileBytes - endBytes - length;
    if (start < 8) throw new Fault('STORE_BROKEN', `${this.#name} has no room for its footer`);
    let footer: Partial<SegmentFooter>;
    try {
      const packed = this.#read(start, length);
      const text = zstdDecompressSync(packed, { maxOutputLength: maxFooterBytes });
      footer = JSON.parse(text.toString('utf8')) as Partial<SegmentFooter>;
    } catch (cause) {
      throw new Fault('STORE_BROKEN', `the footer of ${this.#name} is damaged`, { cause });
    }
    if (footer.v !== 1 || !Array.isArray(footer.table)) {
      throw new Fault('STORE_BROKEN', `the footer of ${this.#name} is of an unknown form`);
    }
    return footer as SegmentFooter;
  }

  #checkFooter(root: string | undefined): void {
    const { table, root: own } = this.footer;
    const hashes = table.map(({ hash }) => hash);
    if (hashes.length > 0 && merkleRoot(hashes, sha256OfBytes) === (root ?? own)) return;
    throw new Fault('STORE_BROKEN', `the leaf hashes of ${this.#name} do not make its root`);
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let at = 0;
    while (at < length) {
      const read = readSync(this.#file, bytes, at, length - at, offset + at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new Fault('NOT_FOUND', `${basename(path)} cannot be opened: ${messageOf(cause)}`, {
      cause,
    });
  }
}
