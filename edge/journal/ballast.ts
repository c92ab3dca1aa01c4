import { existsSync, rmSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

/** Room on disk that is taken in advance, to be given to the journal when the disk is full. */
export interface Ballast {
  readonly held: boolean;
  /** Gives the room back. @returns false when there was none to give. */
  release(): boolean;
  /** Takes the room again; a disk that has none left is left alone. */
  take(): Promise<boolean>;
}

const chunkBytes = 262_144;

/**
 * A file that really occupies its bytes: a hole would reserve nothing. The pattern is not constant,
 * so that a file system that compresses cannot make a hole of it.
 */
export function createBallast(path: string, bytes: number): Ballast {
  let held = existsSync(path) && statSync(path).size === bytes;
  let taking: Promise<boolean> | undefined;

  async function write(): Promise<boolean> {
    const partial = `${path}.new`;
    try {
      const file = await open(partial, 'w', 0o600);
      try {
        const words = new Uint32Array(chunkBytes / 4);
        for (let at = 0; at < bytes; at += chunkBytes) {
          fillPattern(words, at / 4);
          // Unlike `write`, this goes on where the system took a part, so that no byte is missing.
          await file.writeFile(new Uint8Array(words.buffer, 0, Math.min(chunkBytes, bytes - at)));
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path);
      held = true;
    } catch {
      await rm(partial, { force: true });
    }
    return held;
  }

  return {
    get held() {
      return held;
    },
    release() {
      if (!held) return false;
      rmSync(path, { force: true });
      held = false;
      return true;
    },
    async take() {
      if (held) return true;
      taking ??= write().finally(() => (taking = undefined));
      return await taking;
    },
  };
}

/** Pseudo-random bytes (xorshift), other ones for every seed. */
function fillPattern(words: Uint32Array, seed: number): void {
  let word = (seed + 0x9e37_79b9) | 1;
  for (let index = 0; index < words.length; index += 1) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    words[index] = word;
  }
}
