import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packZstd } from './zstd.ts';

test('what was packed comes back', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100_000, size: 'max' }),
      fc.boolean(),
      (bytes, checksum) => {
        const packed = packZstd(bytes, { level: 1, checksum });
        expect(Buffer.compare(zstdDecompressSync(packed), bytes)).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});
