import type { CountDraft } from './count-draft.ts';

type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const keyOf = (zone: string): string => `holdfast-floor-count-${zone}`;

/** A count in progress survives a reload of the page. Storage may be closed to us: then not. */
export function keepCount(storage: DraftStorage, draft: CountDraft): void {
  try {
    storage.setItem(keyOf(draft.zone), JSON.stringify(draft));
  } catch {
    return;
  }
}

export function keptCount(storage: DraftStorage, zone: string): CountDraft | undefined {
  try {
    const found: unknown = JSON.parse(storage.getItem(keyOf(zone)) ?? 'null');
    const isDraft = typeof found === 'object' && found !== null && 'lines' in found;
    return isDraft && Array.isArray(found.lines) ? (found as CountDraft) : undefined;
  } catch {
    return undefined;
  }
}

export function dropCount(storage: DraftStorage, zone: string): void {
  try {
    storage.removeItem(keyOf(zone));
  } catch {
    return;
  }
}
