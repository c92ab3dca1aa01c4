import { zstdCompressSync } from 'node:zlib';
import { encodeCanonical } from '#contracts/canonical.ts';
import { restorePartRows, type RestoreHead } from '#contracts/replacement.ts';
import type { BookRows } from '#contracts/site-book.ts';

/**
 * A book in parts of about a thousand rows, each small enough for one intake entry. What is left to
 * do comes with the last part, after which the gateway says that its book is whole.
 */
export function partsOf(book: BookRows): BookRows[] {
  const { accounts, serials, tasks, units } = book;
  const parts: BookRows[] = [];
  const nothing: BookRows = { accounts: [], serials: [], tasks: [], units: [] };
  for (let at = 0; at < accounts.length; at += restorePartRows) {
    parts.push({ ...nothing, accounts: accounts.slice(at, at + restorePartRows) });
  }
  for (let at = 0; at < serials.length; at += restorePartRows) {
    parts.push({ ...nothing, serials: serials.slice(at, at + restorePartRows) });
  }
  for (const name of ['acts', 'revocations', 'scans', 'uses'] as const) {
    const rows = book[name] ?? [];
    for (let at = 0; at < rows.length; at += restorePartRows) {
      parts.push({ ...nothing, [name]: rows.slice(at, at + restorePartRows) });
    }
  }
  let some: BookRows['units'] = [];
  let rows = 0;
  for (const unit of units) {
    some.push(unit);
    rows += 1 + unit.serials.length + unit.goods.length;
    if (rows < restorePartRows) continue;
    parts.push({ ...nothing, units: some });
    some = [];
    rows = 0;
  }
  parts.push({ ...nothing, units: some, tasks });
  return parts;
}

/** The lines of a restore, compressed. */
export function contentOf(head: Omit<RestoreHead, 'parts'>, rows: BookRows): Buffer {
  const parts = partsOf(rows);
  const first: RestoreHead = { ...head, parts: parts.length };
  const lines = [first, ...parts].map((line) => encodeCanonical(line));
  return zstdCompressSync(Buffer.from(`${lines.join('\n')}\n`));
}
