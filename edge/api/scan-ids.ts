import { hash } from 'node:crypto';
import { scanDigest, scansRemembered } from '#contracts/remembered.ts';
import type { StateRow } from '../observe/state-row.ts';

interface Known {
  readonly content: string;
  /** Undefined: before the gateway began. */
  readonly atMs: number | undefined;
}

/**
 * What the ids of posted scans stood for, so that a scanner hears at once of an id that it used
 * twice. The observer decides the same from the log, from as many scans of each device: this only
 * tells it earlier.
 */
export class ScanIds {
  readonly #stored: () => Iterable<StateRow>;
  /** By device and id, the oldest first. */
  #known: Map<string, Map<string, Known>> | undefined;

  /** @param stored the observer's rows, of which those of scans are read, once */
  constructor(stored: () => Iterable<StateRow>) {
    this.#stored = stored;
  }

  /**
   * Notes a scan.
   *
   * @returns what is known of its id, where that stood for another code.
   */
  take(device: string, id: string, code: string, nowMs: number): Known | undefined {
    const all = (this.#known ??= knownOf(this.#stored()));
    const ids = all.get(device) ?? new Map<string, Known>();
    all.set(device, ids);
    const content = contentOf(code);
    const before = ids.get(id);
    if (before !== undefined) return before.content === content ? undefined : before;
    ids.set(id, { content, atMs: nowMs });
    for (const oldest of ids.keys()) {
      if (ids.size <= scansRemembered) break;
      ids.delete(oldest);
    }
    return undefined;
  }
}

function contentOf(code: string): string {
  return scanDigest(code, (text) => hash('sha256', text));
}

/** The rows are a ring for each device: the next slot to be written holds the oldest. */
function knownOf(rows: Iterable<StateRow>): Map<string, Map<string, Known>> {
  const taken = new Map<string, number>();
  const slots: [device: string, slot: number, id: string, content: string][] = [];
  for (const { machine, key, value } of rows) {
    if (value === null) continue;
    if (machine === 'scan-taken') taken.set(key, JSON.parse(value) as number);
    if (machine !== 'scan-seen') continue;
    const at = key.lastIndexOf('/');
    const [id, content] = JSON.parse(value) as [string, string];
    slots.push([key.slice(0, at), Number(key.slice(at + 1)), id, content]);
  }
  const ageOf = ([device, slot]: readonly [string, number, ...unknown[]]) =>
    (slot - ((taken.get(device) ?? 0) % scansRemembered) + scansRemembered) % scansRemembered;
  const known = new Map<string, Map<string, Known>>();
  for (const [device, , id, content] of slots.toSorted((a, b) => ageOf(a) - ageOf(b))) {
    const ids = known.get(device) ?? new Map<string, Known>();
    known.set(device, ids.set(id, { content, atMs: undefined }));
  }
  return known;
}
