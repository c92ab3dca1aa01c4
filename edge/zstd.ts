import { constants, zstdCompressSync } from 'node:zlib';

/** With `info`, Node gives its engine along with what that made. */
interface Made {
  readonly buffer: Buffer;
  readonly engine: object;
}

/**
 * Packs bytes into one zstd frame (RFC 8878).
 *
 * Node's engine holds on to its last output chunk, and a full collection alone frees an engine: with
 * a call per batch, memory would follow the backlog (`npm run bench -- catchup`). That chunk has no
 * public name; where Node calls it otherwise one day, memory is all that this costs.
 */
export function packZstd(
  bytes: Uint8Array,
  { level, checksum = false }: { readonly level: number; readonly checksum?: boolean },
): Buffer {
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0,
  };
  const { buffer, engine } = zstdCompressSync(bytes, { params, info: true }) as unknown as Made;
  Reflect.set(engine, '_outBuffer', null);
  return buffer;
}
