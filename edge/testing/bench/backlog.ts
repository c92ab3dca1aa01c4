import { mkdirSync } from 'node:fs';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { PostingLine } from '#contracts/posting.ts';
import type { Clock } from '#contracts/time.ts';
import { createBallast } from '../../journal/ballast.ts';
import type { Journal } from '../../journal/journal.ts';
import { openJournal } from '../../journal/open-journal.ts';
import type { DraftItem } from '../../journal/seal.ts';

/** What a busy site has in its journal after an outage, for benches. */

const tags = 60_000;
const items = 200;
const zones = Array.from({ length: 12 }, (_, index) => `zone-${index + 1}`);
const readers = 40;
/** A site at its usual pace seals about this many events a commit. */
const eventsPerCommit = 100;
const eventsPerSecond = 800;

export interface BacklogPlan {
  /** The gateway's data folder; nothing may have it open. */
  readonly dataDir: string;
  readonly address: { readonly tenant: string; readonly site: string; readonly gateway: string };
  readonly events: number;
  readonly clock: Clock;
  readonly randomId: () => string;
}

/**
 * Writes a journal through the journal's own API: 70 % presence, 30 % stock events of two or four
 * lines, as if the site had worked without a hub until now. The intake log is not touched.
 */
export function writeBacklog({ dataDir, address, events, clock, randomId }: BacklogPlan): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const ballast = createBallast(`${dataDir}/no-room-reserved`, 0);
  const journal = openJournal({ dataDir, address, clock, randomId, ballast });
  try {
    const startedAtMs = clock.nowMs() - Math.ceil((events / eventsPerSecond) * 1000);
    const site = new Site(startedAtMs);
    for (let left = events; left > 0; left -= eventsPerCommit) {
      commit(journal, site.next(Math.min(left, eventsPerCommit)));
    }
  } finally {
    journal.close();
  }
}

function commit(journal: Journal, sealed: readonly DraftItem[]): void {
  journal.commit({ cursor: 0, items: sealed, states: [], quarantined: [] });
}

/** Where every tag stands, moved on event by event. The same events for the same count. */
class Site {
  readonly #startedAtMs: number;
  readonly #zoneOf = new Map<number, string>();
  #events = 0;
  #random = 0x2545_f491;

  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs;
  }

  next(count: number): DraftItem[] {
    return Array.from({ length: count }, () => {
      const pos = this.#events;
      const receivedAtMs = this.#startedAtMs + Math.floor((pos / eventsPerSecond) * 1000);
      this.#events += 1;
      const drawn =
        this.#events % 10 < 7 ? this.#presence(receivedAtMs) : this.#posting(receivedAtMs);
      return { pos, index: 0, receivedAtMs, draft: drawn };
    });
  }

  #presence(receivedAtMs: number): EventDraft {
    const tag = this.#draw(tags);
    const epc = epcOf(tag);
    const zone = this.#anyZone();
    const at = this.#at(receivedAtMs);
    const seen = { antenna: 1 + this.#draw(4), epc, rssiCdbm: -3000 - this.#draw(4000), zone };
    const fromZone = this.#zoneOf.get(tag);
    if (fromZone === undefined) {
      this.#zoneOf.set(tag, zone);
      return draft('tag.appeared', seen, at);
    }
    if (this.#draw(8) === 0) {
      this.#zoneOf.delete(tag);
      const lastSeenAt = receivedAtMs - 60_000;
      return draft('tag.departed', { epc, lastSeenAt, zone: fromZone }, at);
    }
    this.#zoneOf.set(tag, zone);
    return draft('tag.moved', { ...seen, fromZone }, at);
  }

  #posting(receivedAtMs: number): EventDraft {
    const [from, to] = [this.#anyZone(), this.#anyZone()];
    const tagsMoved = Array.from({ length: this.#draw(10) === 0 ? 2 : 1 }, () => this.#draw(tags));
    const lines = tagsMoved.flatMap((tag): PostingLine[] => {
      const at = { status: 'available', type: 'zone' } as const;
      const one = { item: itemOf(tag), owner: 'own', serials: [epcOf(tag)] };
      return [
        { account: { ...at, zone: from }, ...one, quantity: -1 },
        { account: { ...at, zone: to }, ...one, quantity: 1 },
      ];
    });
    const evidence = { agreed: [`presence:${to}`], certaintyPermille: 990 };
    return draft('stock.moved', { evidence, lines }, { ...this.#at(receivedAtMs), owner: 'own' });
  }

  #at(receivedAtMs: number): { device: string; occurredAt: number; timeQuality: 'device' } {
    const device = `reader-${1 + this.#draw(readers)}`;
    return { device, occurredAt: receivedAtMs - 40, timeQuality: 'device' };
  }

  #anyZone(): string {
    return zones[this.#draw(zones.length)] ?? 'zone-1';
  }

  /** In [0, below): xorshift (Marsaglia 2003), so that every run writes the same. */
  #draw(below: number): number {
    let word = this.#random;
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    this.#random = word;
    return (word >>> 0) % below;
  }
}

function epcOf(tag: number): string {
  return `3034257BF7194E${(tag % items).toString(16).toUpperCase().padStart(2, '0')}${tag
    .toString(16)
    .toUpperCase()
    .padStart(8, '0')}`;
}

function itemOf(tag: number): string {
  return `0950600${String(tag % items).padStart(6, '0')}8`;
}
