/** A line of a comparison. `from` and `to` are its numbers, from 1, in the texts that have it. */
export interface DiffLine {
  readonly type: 'same' | 'removed' | 'added';
  readonly text: string;
  readonly from?: number;
  readonly to?: number;
}

/** Lines that changed with some around them; what lies between two hunks is the same in both. */
export interface DiffHunk {
  readonly lines: readonly DiffLine[];
}

/** More edits than this cost more time than anybody would read: then all between is replaced. */
const mostEdits = 1500;
const around = 3;

/**
 * Compares two texts line by line with the fewest edits (E. W. Myers, An O(ND) Difference Algorithm
 * and Its Variations, Algorithmica 1, 1986). A last line end counts for nothing.
 */
export function diffLines(from: string, to: string): readonly DiffLine[] {
  const [a, b] = [linesOf(from), linesOf(to)];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const lines: DiffLine[] = [];
  const same = (at: number, to: number) =>
    lines.push({ type: 'same', text: a[at] ?? '', from: at + 1, to: to + 1 });
  for (let at = 0; at < start; at += 1) same(at, at);
  let [x, y] = [start, start];
  const middle = [a.slice(start, a.length - end), b.slice(start, b.length - end)] as const;
  for (const edit of editsOf(...middle)) {
    if (edit === 'same') same(x, y);
    else if (edit === 'removed') lines.push({ type: edit, text: a[x] ?? '', from: x + 1 });
    else lines.push({ type: edit, text: b[y] ?? '', to: y + 1 });
    if (edit !== 'added') x += 1;
    if (edit !== 'removed') y += 1;
  }
  for (; x < a.length; x += 1, y += 1) same(x, y);
  return lines;
}

/** What changed, with a few lines around it. */
export function hunksOf(lines: readonly DiffLine[]): readonly DiffHunk[] {
  const hunks: DiffLine[][] = [];
  let shownTo = 0;
  for (const [at, { type }] of lines.entries()) {
    if (type === 'same') continue;
    const from = Math.max(shownTo, at - around);
    const to = Math.min(lines.length, at + around + 1);
    const part = lines.slice(from, Math.max(from, to));
    const last = hunks.at(-1);
    if (last !== undefined && from === shownTo) last.push(...part);
    else hunks.push(part);
    shownTo = Math.max(shownTo, to);
  }
  return hunks.map((each) => ({ lines: each }));
}

const secretKey =
  /^(\s*(?:-\s+)?["']?[\w-]*(?:password|passwd|passwordHash|secret|token|privateKey|apiKey)["']?\s*:\s*)\S.*$/i;
const userInUrl = /(\w+:\/\/)[^/\s@]+@/g;

/**
 * A line without what might be a secret. Secrets have no place in a configuration, which names the
 * files that hold them; what somebody wrote into one all the same is not shown to everybody.
 */
export function withoutSecrets(line: string): string {
  return line.replace(secretKey, '$1•••').replaceAll(userInUrl, '$1•••@');
}

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The edits that lead from one list to the other. */
function editsOf(a: readonly string[], b: readonly string[]): readonly DiffLine['type'][] {
  const trace = traceOf(a, b);
  if (trace === undefined) {
    return [...a.map(() => 'removed' as const), ...b.map(() => 'added' as const)];
  }
  const edits: DiffLine['type'][] = [];
  let [x, y] = [a.length, b.length];
  for (let depth = trace.length - 1; depth > 0; depth -= 1) {
    const reach = trace[depth - 1] ?? [];
    const k = x - y;
    const down = isDown(reach, k, depth);
    const fromK = down ? k + 1 : k - 1;
    const fromX = reachAt(reach, fromK, depth - 1);
    const fromY = fromX - fromK;
    const [nextX, nextY] = down ? [fromX, fromY + 1] : [fromX + 1, fromY];
    while (x > nextX && y > nextY) {
      edits.push('same');
      x -= 1;
      y -= 1;
    }
    edits.push(down ? 'added' : 'removed');
    [x, y] = [fromX, fromY];
  }
  while (x > 0 && y > 0) {
    edits.push('same');
    x -= 1;
    y -= 1;
  }
  return edits.reverse();
}

type Reach = Int32Array | readonly number[];

/** How far each diagonal is reached with 0, 1, 2, … edits; undefined for too many. */
function traceOf(a: readonly string[], b: readonly string[]): readonly Reach[] | undefined {
  const trace: Reach[] = [];
  for (let depth = 0; depth <= Math.min(mostEdits, a.length + b.length); depth += 1) {
    const before = trace[depth - 1] ?? [];
    const reach = new Int32Array(2 * depth + 1);
    for (let k = -depth; k <= depth; k += 2) {
      const down = isDown(before, k, depth);
      let x = depth === 0 ? 0 : reachAt(before, down ? k + 1 : k - 1, depth - 1) + (down ? 0 : 1);
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach[k + depth] = x;
      if (x >= a.length && x - k >= b.length) return [...trace, reach];
    }
    trace.push(reach);
  }
  return undefined;
}

/** Whether a diagonal is reached by adding a line, and not by removing one. */
function isDown(before: Reach, k: number, depth: number): boolean {
  if (k === -depth) return true;
  return k !== depth && reachAt(before, k - 1, depth - 1) < reachAt(before, k + 1, depth - 1);
}

function reachAt(reach: Reach, k: number, depth: number): number {
  return reach[k + depth] ?? 0;
}
