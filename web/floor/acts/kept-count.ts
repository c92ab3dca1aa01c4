import type { CountDraft } from './count-draft.ts';

type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** A count that was left for longer is begun anew: goods move on. */
const goodForMs = 4 * 3_600_000;

/** Whose count of which zone: nobody sees what another person counted. */
export interface CountKey {
  readonly person: string;
  readonly zone: string;
}

export interface KeptCount {
  readonly draft: CountDraft;
  readonly atMs: number;
}

const keyOf = ({ person, zone }: CountKey): string => `holdfast-floor-count-${person}-${zone}`;

/**
 * A count in progress survives a reload, the end of the browser, and a gateway or network that is
 * away. Storage may be closed to us: then not.
 */
export function keepCount(
  storage: DraftStorage,
  key: CountKey,
  draft: CountDraft,
  atMs: number,
): void {
  try {
    storage.setItem(keyOf(key), JSON.stringify({ atMs, draft }));
  } catch {
    return;
  }
}

export function keptCount(
  storage: DraftStorage,
  key: CountKey,
  nowMs: number,
): KeptCount | undefined {
  try {
    const found = JSON.parse(storage.getItem(keyOf(key)) ?? 'null') as Partial<KeptCount> | null;
    if (typeof found?.atMs !== 'number' || !Array.isArray(found.draft?.lines)) return undefined;
    if (nowMs - found.atMs <= goodForMs) return { draft: found.draft, atMs: found.atMs };
    dropCount(storage, key);
    return undefined;
  } catch {
    return undefined;
  }
}

export function dropCount(storage: DraftStorage, key: CountKey): void {
  try {
    storage.removeItem(keyOf(key));
  } catch {
    return;
  }
}
