import type { RecordedEvent } from '../ledger/recorded-event.ts';
import { isOutageEvent } from './outage-projection.ts';
import { isTransferEvent } from './transfer-projection.ts';

/** Something of a topic changed, at these sites. */
export interface Change {
  readonly topic: 'stock' | 'fleet' | 'outages';
  readonly sites: readonly string[];
}

/** Word of what changed, after it is durable. Listeners must not throw. */
export interface Changes {
  emit(change: Change): void;
  /** @returns how to stop listening. */
  listen(listener: (change: Change) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    emit(change) {
      for (const listener of listeners) listener(change);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Collects what a transaction changes, so that each topic is told once. */
export class ChangeSet {
  readonly #sites = new Map<Change['topic'], Set<string>>();

  add(topic: Change['topic'], site: string): void {
    const sites = this.#sites.get(topic);
    if (sites === undefined) this.#sites.set(topic, new Set([site]));
    else sites.add(site);
  }

  addEvent(event: RecordedEvent): void {
    const { kind, site } = event;
    // What is in transit is part of stock.
    if (kind.startsWith('stock.') || isTransferEvent(event)) this.add('stock', site);
    else if (isOutageEvent(event)) this.add('outages', event.site);
  }

  take(): Change[] {
    const changes = [...this.#sites].map(([topic, sites]) => ({ topic, sites: [...sites] }));
    this.#sites.clear();
    return changes;
  }
}
