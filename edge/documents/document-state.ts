import type { DocumentLine, SiteDocument } from '#contracts/documents.ts';
import { defaultOwner } from '#contracts/ids.ts';

/** A document as the gateway holds it; `closedMs` is 0 while it is open. */
export type DocumentState = {
  readonly closedMs: number;
  readonly document: SiteDocument;
};

export function expectedOf({ lines }: SiteDocument): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Whether what was seen of a line is still of it when a later version has it so. */
export function isSameGoods(before: DocumentLine, now: DocumentLine): boolean {
  if (before.item !== now.item) return false;
  if ((before.owner ?? defaultOwner) !== (now.owner ?? defaultOwner)) return false;
  // A lot that was not said before, or is not any more, was seen as any lot.
  return before.lot === undefined || now.lot === undefined || before.lot === now.lot;
}

/** The most and the least of a line that is within the document's tolerance, in base units. */
export function lineBounds(
  { tolerance }: SiteDocument,
  { quantity }: DocumentLine,
): { readonly least: number; readonly most: number } {
  const share = (permille: number) => Math.floor((quantity * permille) / 1000);
  return {
    least: quantity - share(tolerance.underPermille),
    most: quantity + share(tolerance.overPermille),
  };
}

/** EPCs that a document names, with their line: on the line itself, or in a unit. */
export function* serialsOf({
  lines,
  units = [],
}: SiteDocument): Generator<[epc: string, line: number]> {
  for (const { line, serials = [] } of lines) for (const epc of serials) yield [epc, line];
  for (const { contents } of units) {
    for (const { line, serials = [] } of contents) for (const epc of serials) yield [epc, line];
  }
}
