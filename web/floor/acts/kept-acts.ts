import type { FloorActBody } from '#contracts/api/floor-api.ts';

/** An act on its way, as this device keeps it. There is nothing secret in it. */
export interface KeptAct {
  readonly id: string;
  readonly person: string;
  /** How others on this device know the person; undefined: kept before names were. */
  readonly name?: string | undefined;
  /** What it does, in words. */
  readonly title: string;
  readonly madeAtMs: number;
  readonly body: FloorActBody;
  /** Why the gateway said no, as a code or in words; undefined: it has not answered. */
  readonly refused: string | undefined;
}

type ActStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const prefix = 'holdfast-floor-act-';

/**
 * Acts in the browser's storage, one entry each, so that two open pages never write over each
 * other. Where storage is closed to us they last as long as the page.
 */
export class KeptActs {
  readonly #storage: ActStorage;
  /** What could not be stored. */
  readonly #memory = new Map<string, KeptAct>();

  constructor(storage: ActStorage) {
    this.#storage = storage;
  }

  /** Oldest first. */
  all(): readonly KeptAct[] {
    const found = new Map(this.#memory);
    for (const text of this.#texts()) {
      const act = parseAct(text);
      if (act !== undefined) found.set(act.id, act);
    }
    return [...found.values()].sort(
      (a, b) => a.madeAtMs - b.madeAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
  }

  put(act: KeptAct): void {
    try {
      this.#storage.setItem(prefix + act.id, JSON.stringify(act));
    } catch {
      this.#memory.set(act.id, act);
    }
  }

  remove(id: string): void {
    this.#memory.delete(id);
    try {
      this.#storage.removeItem(prefix + id);
    } catch {
      return;
    }
  }

  #texts(): string[] {
    const texts: string[] = [];
    try {
      for (let at = 0; at < this.#storage.length; at += 1) {
        const key = this.#storage.key(at);
        const text = key?.startsWith(prefix) === true ? this.#storage.getItem(key) : null;
        if (text !== null) texts.push(text);
      }
    } catch {
      return texts;
    }
    return texts;
  }
}

/** @returns undefined for what a person or another program left there. */
function parseAct(text: string): KeptAct | undefined {
  try {
    const { id, person, name, title, madeAtMs, body, refused } = JSON.parse(
      text,
    ) as Partial<KeptAct>;
    if (typeof id !== 'string' || typeof person !== 'string' || typeof title !== 'string')
      return undefined;
    if (typeof madeAtMs !== 'number' || body?.id !== id) return undefined;
    return { id, person, name, title, madeAtMs, body, refused };
  } catch {
    return undefined;
  }
}
