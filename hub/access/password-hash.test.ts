import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashPassword, unmatchableHash, verifyPassword } from './password-hash.ts';

const random = (size: number) => randomBytes(size);

test('a password fits its own hash and no other does', async () => {
  const hash = await hashPassword('Pässword 1', random);
  expect(await verifyPassword('Pässword 1', hash)).toBe(true);
  expect(await verifyPassword('Pässword 1 ', hash)).toBe(false);
  expect(await verifyPassword('', hash)).toBe(false);
});

test('the same characters in another Unicode form are the same password', async () => {
  const hash = await hashPassword('caf\u00e9', random);
  expect(await verifyPassword('cafe\u0301', hash)).toBe(true);
});

test('equal passwords have different hashes, at a cost of 19 MiB and two passes or more', async () => {
  const hashes = await Promise.all([hashPassword('same', random), hashPassword('same', random)]);
  expect(new Set(hashes).size).toBe(2);
  const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(hashes[0]) ?? [];
  expect(Number(memory)).toBeGreaterThanOrEqual(19 * 1024);
  expect(Number(passes)).toBeGreaterThanOrEqual(2);
});

test('a hash of the reference implementation is understood', async () => {
  // src/test.c of P-H-C/phc-winner-argon2, argon2id version 0x13.
  const hash =
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await verifyPassword('password', hash)).toBe(true);
  expect(await verifyPassword('differentpassword', hash)).toBe(false);
});

test('nobody’s hash costs as much as a real one and fits nothing', async () => {
  const hash = unmatchableHash(random);
  const settings = (text: string) => text.split('$').slice(1, 4).join('$');
  expect(settings(hash)).toBe(settings(await hashPassword('x', random)));
  expect(await verifyPassword('', hash)).toBe(false);
});

test('what is no argon2id hash is a broken store, not a wrong password', async () => {
  for (const stored of ['', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2i$v=19$m=4096,t=3']) {
    await expect(verifyPassword('x', stored)).rejects.toMatchObject({ code: 'STORE_BROKEN' });
  }
});
