import type { EventPayload } from '#contracts/event-kinds.ts';
import { decodeBlock, type BlockRow } from './block-codec.ts';

/**
 * The signing keys of a journal one after the other: each rotation is signed by the key that the one
 * before named. That both keys signed is a matter of its block; this is what holds them together.
 */
export class KeyLine {
  #last: { readonly seq: number; readonly key: string; readonly fromKey: string } | undefined;

  /** Takes blocks in their order. @returns what is wrong, naming the event. */
  faultOf({ first_seq, text }: Pick<BlockRow, 'first_seq' | 'text'>): string | undefined {
    for (const [index, { header, payload }] of decodeBlock(text).entries()) {
      if (!header.includes('"kind":"gateway.key-rotated"')) continue;
      const seq = first_seq + index;
      const last = this.#last;
      // What is erased may have named any key.
      if (payload.startsWith('#')) this.#last = undefined;
      else {
        const { fromKey, key } = JSON.parse(payload) as EventPayload<'gateway.key-rotated'>;
        this.#last = { seq, key, fromKey };
        const isSaidAgain = last?.key === key && last.fromKey === fromKey;
        if (last !== undefined && last.key !== fromKey && !isSaidAgain) {
          return `event ${seq} is signed by a key that event ${last.seq} had replaced by another`;
        }
      }
    }
    return undefined;
  }
}
