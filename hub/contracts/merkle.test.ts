import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inclusionProof, leafHash, merkleRoot, provesInclusion } from './merkle.ts';

const sha256 = (bytes: Uint8Array) => hash('sha256', bytes);
const vectors = JSON.parse(
  readFileSync(new URL('fixtures/merkle-vectors.json', import.meta.url), 'utf8'),
) as {
  leaves: string[];
  roots: string[];
  proofs: { index: number; size: number; path: string[] }[];
};
const known = vectors.leaves.map((hex) => leafHash(Buffer.from(hex, 'hex'), sha256));

describe('Merkle trees after RFC 9162', () => {
  test('have the roots of the published vectors', () => {
    const roots = vectors.roots.map((_, size) => merkleRoot(known.slice(0, size), sha256));
    expect(roots).toEqual(vectors.roots);
  });

  test('have the proofs of the published vectors', () => {
    for (const { index, size, path } of vectors.proofs) {
      const proof = inclusionProof(known.slice(0, size), index, sha256);
      expect(proof).toEqual({ leafHash: known[index], index, size, path });
    }
  });

  test('a leaf of any tree is proved at its place, and at no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, a, b) => {
        const leaves = Array.from({ length: size }, (_, leaf) =>
          leafHash(Buffer.from(`leaf ${leaf}`), sha256),
        );
        const root = merkleRoot(leaves, sha256);
        const index = a % size;
        const proof = inclusionProof(leaves, index, sha256);
        if (proof === undefined) throw new Error('no proof');
        expect(provesInclusion(proof, root, sha256)).toBe(true);
        const elsewhere = b % size;
        if (elsewhere !== index) {
          expect(provesInclusion({ ...proof, index: elsewhere }, root, sha256)).toBe(false);
          const leaf = leaves[elsewhere] ?? '';
          expect(provesInclusion({ ...proof, leafHash: leaf }, root, sha256)).toBe(false);
        }
        expect(provesInclusion({ ...proof, path: proof.path.slice(1) }, root, sha256)).toBe(
          size === 1,
        );
        const longer = [...proof.path, root];
        expect(provesInclusion({ ...proof, path: longer }, root, sha256)).toBe(false);
      }),
    );
  });

  test('an index outside the tree is neither proved nor provable', () => {
    const root = merkleRoot(known, sha256);
    expect(inclusionProof(known, known.length, sha256)).toBeUndefined();
    const proof = { leafHash: known[0] ?? '', size: 8, path: [] };
    for (const index of [-1, 8, 0.5, Number.NaN, 2 ** 60]) {
      expect(provesInclusion({ ...proof, index }, root, sha256)).toBe(false);
    }
  });
});
