import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Fault } from '#contracts/fault.ts';
import type { RandomBytes } from './random-bytes.ts';

interface Cost {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

/** Above the least that OWASP's password storage cheat sheet names for argon2id (19 MiB, 2, 1). */
const cost: Cost = { memoryKiB: 32 * 1024, passes: 3, lanes: 1 };
const saltBytes = 16;
const tagBytes = 32;

const argon2Async = promisify(argon2);

/**
 * Hashes a password with argon2id (RFC 9106) on a worker thread.
 *
 * @returns a PHC string with salt and cost: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`.
 */
export async function hashPassword(password: string, random: RandomBytes): Promise<string> {
  const salt = Buffer.from(random(saltBytes));
  const tag = await derive(password, salt, cost, tagBytes);
  const settings = `m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}`;
  return `$argon2id$v=19$${settings}$${unpadded(salt)}$${unpadded(tag)}`;
}

/**
 * Whether the password is the one that was hashed, at the cost that the hash names.
 *
 * @throws Fault STORE_BROKEN when what is stored is no argon2id hash.
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const match = phcShape.exec(stored);
  const [, memory = '', passes = '', lanes = '', salt = '', tag = ''] = match ?? [];
  if (match === null) throw new Fault('STORE_BROKEN', 'a stored password is no argon2id hash');
  const expected = Buffer.from(tag, 'base64');
  const storedCost = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
  };
  const found = await derive(password, Buffer.from(salt, 'base64'), storedCost, expected.length);
  return timingSafeEqual(found, expected);
}

/**
 * A hash that no password has. Checking against it costs what a real check costs, so that the
 * answer's delay does not tell whether a username exists.
 */
export function unmatchableHash(random: RandomBytes): string {
  const settings = `m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}`;
  const salt = unpadded(Buffer.from(random(saltBytes)));
  return `$argon2id$v=19$${settings}$${salt}$${unpadded(Buffer.from(random(tagBytes)))}`;
}

const phcShape =
  /^\$argon2id\$v=19\$m=(\d{4,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

function derive(password: string, salt: Buffer, of: Cost, tagLength: number): Promise<Buffer> {
  // NFC, so that the same characters typed on another keyboard are the same password.
  return argon2Async('argon2id', {
    message: password.normalize('NFC'),
    nonce: salt,
    parallelism: of.lanes,
    tagLength,
    memory: of.memoryKiB,
    passes: of.passes,
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
