import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Fault } from '#contracts/fault.ts';

/** The hub's cost too, so that either side can check what the other hashed. */
const cost = { memory: 32 * 1024, passes: 3, parallelism: 1 } as const;
const saltBytes = 16;
const tagBytes = 32;

export type RandomBytes = (count: number) => Uint8Array;

const derive = promisify(argon2);

/**
 * Hashes a password or PIN with argon2id (RFC 9106), on a thread of its own, as a PHC string with
 * salt and cost. NFC, so that the same characters typed on another keyboard are the same password.
 */
export async function hashPassword(password: string, random: RandomBytes): Promise<string> {
  const nonce = Buffer.from(random(saltBytes));
  const message = password.normalize('NFC');
  const tag = await derive('argon2id', { message, nonce, tagLength: tagBytes, ...cost });
  return phc(nonce, tag);
}

/** A hash that nothing fits: checking against it takes as long as any, and tells nobody's name. */
export function unmatchableHash(random: RandomBytes): string {
  return phc(random(saltBytes), random(tagBytes));
}

/** @throws Fault STORE_BROKEN for a text that is no argon2id hash. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
      stored,
    ) ?? [];
  if (tag === '') throw new Fault('STORE_BROKEN', 'a stored password is no argon2id hash');
  const expected = Buffer.from(tag, 'base64');
  const found = await derive('argon2id', {
    message: password.normalize('NFC'),
    nonce: Buffer.from(salt, 'base64'),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  });
  return timingSafeEqual(found, expected);
}

function phc(salt: Uint8Array, tag: Uint8Array): string {
  const settings = `m=${cost.memory},t=${cost.passes},p=${cost.parallelism}`;
  return `$argon2id$v=19$${settings}$${unpadded(salt)}$${unpadded(tag)}`;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
