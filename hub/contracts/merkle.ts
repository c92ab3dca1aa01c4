/**
 * Merkle tree hashes and inclusion proofs after RFC 9162, section 2.1, over SHA-256. Hashes are
 * lower-case hex. Leaves and nodes are hashed behind different first bytes, so that neither can be
 * passed off as the other.
 */

/** SHA-256 of bytes as lower-case hex. Passed in: this folder does no I/O. */
export type Sha256OfBytes = (bytes: Uint8Array) => string;

/** That a leaf stands at `index` of a tree of `size` leaves. */
export interface Inclusion {
  readonly leafHash: string;
  readonly index: number;
  readonly size: number;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly string[];
}

const leafMark = 0;
const nodeMark = 1;
const hashBytes = 32;
/** A tree of 2^53 leaves has proofs of 53 hashes. */
export const maxProofHashes = 53;

export function leafHash(content: Uint8Array, sha256: Sha256OfBytes): string {
  const marked = new Uint8Array(content.length + 1);
  marked[0] = leafMark;
  marked.set(content, 1);
  return sha256(marked);
}

/** RFC 9162, 2.1.1. The root of no leaves is the hash of nothing. */
export function merkleRoot(leafHashes: readonly string[], sha256: Sha256OfBytes): string {
  if (leafHashes.length === 0) return sha256(new Uint8Array());
  return rootOf(leafHashes, 0, leafHashes.length, sha256);
}

/** RFC 9162, 2.1.3.1. @returns undefined where there is no leaf of that index. */
export function inclusionProof(
  leafHashes: readonly string[],
  index: number,
  sha256: Sha256OfBytes,
): Inclusion | undefined {
  const leaf = leafHashes[index];
  if (leaf === undefined) return undefined;
  const path: string[] = [];
  let start = 0;
  let end = leafHashes.length;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(rootOf(leafHashes, middle, end, sha256));
      end = middle;
    } else {
      path.push(rootOf(leafHashes, start, middle, sha256));
      start = middle;
    }
  }
  return { leafHash: leaf, index, size: leafHashes.length, path: path.reverse() };
}

/** RFC 9162, 2.1.3.2. */
export function provesInclusion(of: Inclusion, root: string, sha256: Sha256OfBytes): boolean {
  const { index, size, path } = of;
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return false;
  if (index < 0 || index >= size) return false;
  let node = index;
  let last = size - 1;
  let hash = of.leafHash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash, sha256);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling, sha256);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && hash === root;
}

function rootOf(
  leafHashes: readonly string[],
  start: number,
  end: number,
  sha256: Sha256OfBytes,
): string {
  if (end - start === 1) return leafHashes[start] ?? '';
  const middle = start + splitOf(end - start);
  return nodeHash(
    rootOf(leafHashes, start, middle, sha256),
    rootOf(leafHashes, middle, end, sha256),
    sha256,
  );
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** Sizes may exceed 32 bits, where shifts would cut them. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function nodeHash(left: string, right: string, sha256: Sha256OfBytes): string {
  const marked = new Uint8Array(1 + 2 * hashBytes);
  marked[0] = nodeMark;
  putHex(marked, 1, left);
  putHex(marked, 1 + hashBytes, right);
  return sha256(marked);
}

function putHex(into: Uint8Array, at: number, hex: string): void {
  for (let index = 0; index < hashBytes; index += 1) {
    into[at + index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  }
}
