import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { Fault, messageOf } from '#contracts/fault.ts';
import {
  restoreHead,
  restoreManifest,
  restorePart,
  type RestoreHead,
  type RestoreManifest,
} from '#contracts/replacement.ts';
import type { BookRows } from '#contracts/site-book.ts';
import { validate } from '#contracts/validate.ts';
import { syncFolderOf } from '../identity/secret-file.ts';
import { writeFileDurably } from '../journal/durable-file.ts';

/**
 * What a box in the place of another one begins with, in its data folder: the manifest until the
 * book has been taken in, then under another name, as a record; and the book itself.
 */
const files = (dataDir: string) => ({
  waiting: join(dataDir, 'replacement.json'),
  done: join(dataDir, 'replaced.json'),
  book: join(dataDir, 'restored-book.zst'),
});

/** A book as it came, read and proved. */
export interface RestoredContent {
  readonly head: RestoreHead;
  readonly parts: readonly BookRows[];
}

/** The manifest of a book that waits to be taken in. @throws Fault STORE_BROKEN where it is damaged. */
export function readReplacement(dataDir: string): RestoreManifest | undefined {
  const { waiting } = files(dataDir);
  if (!existsSync(waiting)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(waiting, 'utf8'));
  } catch (cause) {
    throw new Fault('STORE_BROKEN', `${waiting} cannot be read: ${messageOf(cause)}`, { cause });
  }
  const manifest = validate(restoreManifest, value);
  if (!manifest.ok) throw new Fault('STORE_BROKEN', `${waiting}: ${manifest.refusal.message}`);
  return manifest.value;
}

/** On disk when this returns, the manifest last: a folder that has it has the book too. */
export function writeReplacement(
  dataDir: string,
  manifest: RestoreManifest,
  content: Uint8Array,
): void {
  const { book, waiting } = files(dataDir);
  writeFileSync(book, content, { mode: 0o600, flush: true });
  writeFileDurably(waiting, `${JSON.stringify(manifest)}\n`, 0o600);
}

/** The book that a manifest names. @throws Fault STORE_BROKEN where the file is not that one. */
export function readBook(dataDir: string, manifest: RestoreManifest): RestoredContent {
  const { book } = files(dataDir);
  let bytes: Buffer;
  try {
    bytes = readFileSync(book);
  } catch (cause) {
    throw new Fault('STORE_BROKEN', `${book} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (hash('sha256', bytes) !== manifest.content.hash) {
    throw new Fault('STORE_BROKEN', `${book} is not the book that the hub gave`);
  }
  return decodeBook(bytes);
}

/** @throws Fault STORE_BROKEN for a form that this release does not know. */
export function decodeBook(content: Uint8Array): RestoredContent {
  const text = zstdDecompressSync(content).toString('utf8');
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const head = validate(restoreHead, JSON.parse(first) as unknown);
  if (!head.ok) throw unknownForm(head.refusal.message);
  const parts = rest.map((line) => {
    const part = validate(restorePart, JSON.parse(line) as unknown);
    if (!part.ok) throw unknownForm(part.refusal.message);
    return part.value;
  });
  if (parts.length !== head.value.parts) throw unknownForm('parts of it are missing');
  return { head: head.value, parts };
}

/** The book is in the intake log: what comes from it is as safe as all else. */
export function markTakenIn(dataDir: string): void {
  const { done, waiting } = files(dataDir);
  renameSync(waiting, done);
  syncFolderOf(done);
}

function unknownForm(detail: string): Fault {
  return new Fault(
    'STORE_BROKEN',
    `the restored book has a form unknown to this release: ${detail}`,
  );
}
