import type { DocumentLine, SiteDocument } from '#contracts/documents.ts';

/** A document as the gateway holds it; `closedMs` is 0 while it is open. */
export type DocumentState = {
  readonly closedMs: number;
  readonly document: SiteDocument;
};

export function expectedOf({ lines }: SiteDocument): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
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
