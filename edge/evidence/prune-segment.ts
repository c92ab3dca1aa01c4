import type { Pin } from './evidence-index.ts';
import type { SegmentReader, StoredLeaf } from './segment-file.ts';

const positions = /"pos":(\d+),"receivedAt":\d+\}\n/g;

/** Which entries a leaf holds, by position. */
export function positionsIn(content: Buffer): number[] {
  return [...content.toString('utf8').matchAll(positions)].map(([, pos]) => Number(pos));
}

/**
 * The leaf that holds an entry. Leaves of several devices may span its position, so those that do
 * are looked into, that of the likely device first. @throws Fault STORE_BROKEN of a damaged leaf.
 */
export function leafHolding(
  reader: SegmentReader,
  pos: number,
  device: string,
): number | undefined {
  const rank = (leaf: StoredLeaf) => (leaf.device === device ? 0 : leaf.device === '' ? 1 : 2);
  const spanning = reader.footer.table
    .map((leaf, index) => ({ leaf, index }))
    .filter(({ leaf }) => leaf.firstPos <= pos && pos <= leaf.lastPos && leaf.offset !== null)
    .sort((a, b) => rank(a.leaf) - rank(b.leaf) || a.index - b.index);
  return spanning.find(({ index }) => {
    const content = reader.content(index);
    return content !== undefined && positionsIn(content).includes(pos);
  })?.index;
}

/** Whether what a device sent in a time is in a leaf. */
export function isInWindow(
  { device, firstMs, lastMs }: StoredLeaf,
  window: { readonly device: string; readonly fromMs: number; readonly toMs: number },
): boolean {
  return (
    device !== '' && device === window.device && lastMs >= window.fromMs && firstMs <= window.toMs
  );
}

/** The leaves of a segment that pins hold, and until when at least one of them does. */
export function pinnedLeaves(
  reader: SegmentReader,
  pins: readonly Pin[],
): { leaves: ReadonlySet<number>; untilMs: number } {
  const leaves = new Set<number>();
  let untilMs = 0;
  const caused = new Set<number>();
  const { table, firstPos, lastPos } = reader.footer;
  for (const pin of pins) {
    untilMs = Math.max(untilMs, pin.untilMs);
    if (pin.pos >= firstPos && pin.pos <= lastPos) caused.add(pin.pos);
    for (const [index, leaf] of table.entries()) {
      if (leaf.offset !== null && isInWindow(leaf, pin)) leaves.add(index);
    }
  }
  for (const [index, leaf] of table.entries()) {
    if (leaf.offset === null || leaves.has(index)) continue;
    const spans = [...caused].some((pos) => leaf.firstPos <= pos && pos <= leaf.lastPos);
    if (spans && holdsAny(reader, index, caused)) leaves.add(index);
  }
  return { leaves, untilMs };
}

/** A damaged leaf is kept: what it held cannot be known, and its damage is to be seen. */
function holdsAny(reader: SegmentReader, index: number, wanted: ReadonlySet<number>): boolean {
  try {
    const content = reader.content(index);
    return content !== undefined && positionsIn(content).some((pos) => wanted.has(pos));
  } catch {
    return true;
  }
}
