import { setImmediate } from 'node:timers/promises';
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

test('packing again and again leaves nothing behind', async () => {
  const zeros = Buffer.alloc(1024);
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 2000; round += 1) {
    packZstd(zeros, { level: 1 });
    await setImmediate();
  }
  // An output chunk has 16 KiB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
});
