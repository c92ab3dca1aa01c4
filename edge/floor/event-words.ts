import type { PostingLine } from '#contracts/posting.ts';

/**
 * What an event says, in short: of ledger lines what went where, of other plain fields `name value`,
 * of what is nested that it is there.
 */
export function eventWords(payload: object): string {
  const { lines, ...rest } = payload as { readonly lines?: readonly PostingLine[] };
  const moved = (lines ?? []).filter(isIncoming).map(lineWords);
  return [...moved, ...Object.entries(rest).map(fieldWords)].join(', ');
}

/** What moves is there twice: where it comes from, and where it goes. Counts have other lines. */
function isIncoming(line: PostingLine): boolean {
  return 'account' in line && line.quantity > 0;
}

function lineWords({ account, item, lot, quantity }: PostingLine): string {
  const where = 'zone' in account ? `${account.zone} ${account.status}` : account.type;
  return `${quantity} × ${item}${lot === undefined ? '' : ` lot ${lot}`} → ${where}`;
}

function fieldWords([name, value]: [string, unknown]): string {
  if (Array.isArray(value)) {
    const isShort = value.length <= 3 && value.every((one) => typeof one === 'string');
    return `${name} ${isShort ? value.join(' ') : `[${value.length}]`}`;
  }
  return typeof value === 'object' && value !== null ? `${name} {…}` : `${name} ${String(value)}`;
}
