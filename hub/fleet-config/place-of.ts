import { isMap, isPair, isSeq, type Document, type LineCounter } from 'yaml';

/** Line and column, from 1, of the deepest part of a path that is in a text; nothing: none is. */
export function placeOf(
  document: Document,
  keys: readonly (string | number)[],
  lines: LineCounter,
): { readonly line?: number; readonly column?: number } {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const key of keys) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && String(item.key) === String(key));
      offset = startOf(pair?.key) ?? offset;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      offset = startOf(node) ?? offset;
    } else break;
  }
  if (offset === undefined) return {};
  const { line, col: column } = lines.linePos(offset);
  return { line, column };
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] | null } | undefined)?.range?.[0];
}
