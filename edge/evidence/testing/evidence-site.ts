import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventDraft } from '#contracts/envelope.ts';
import { pinnedKinds } from '#contracts/evidence.ts';
import { createBallast } from '../../journal/ballast.ts';
import type { Journal } from '../../journal/journal.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { BatchEncoder } from '../../intake/entry-codec.ts';
import type { IntakeBody } from '../../intake/intake-entry.ts';
import { openIntakeStore, type IntakeStore } from '../../intake/intake-store.ts';
import { EvidenceKeeper, type KeeperOptions } from '../evidence-keeper.ts';
import type { CutLimits } from '../segment-cutter.ts';

export const startMs = 1_800_000_000_000;

/** Small enough that a test has several segments of several leaves. */
export const smallLimits: CutLimits = {
  segmentEntries: 100,
  segmentBytes: 1_000_000,
  segmentMs: 3_600_000,
  leafEntries: 10,
  leafBytes: 64 * 1024,
};

export function reading(device: string, text: string): IntakeBody {
  return { type: 'message', device, channel: 'events', qos: 1, payload: Buffer.from(text) };
}

/** The events of a posting: one unit comes in through a door. */
export function received(device: string, atMs: number): EventDraft {
  const line = { item: '80614141123458', owner: 'own' };
  return {
    kind: 'stock.received',
    device,
    occurredAt: atMs,
    timeQuality: 'device',
    payload: {
      evidence: { agreed: ['portal:door-1'], certaintyPermille: 990 },
      lines: [
        { account: { type: 'supplier' }, ...line, quantity: -1 },
        { account: { status: 'receiving', type: 'zone', zone: 'dock' }, ...line, quantity: 1 },
      ],
    },
  };
}

/** The data folder of a gateway: a real intake log and a real journal, written by hand. */
export class EvidenceSite {
  readonly dataDir: string;
  readonly intake: IntakeStore;
  readonly journal: Journal;
  #pos = 0;
  #cursor = 0;

  constructor(dir: string) {
    this.dataDir = join(dir, 'data');
    mkdirSync(this.dataDir, { recursive: true });
    this.intake = openIntakeStore(join(this.dataDir, 'intake.db'));
    this.journal = openJournal({
      dataDir: this.dataDir,
      address: { tenant: 'main', site: 'test', gateway: 'gw-1' },
      clock: { nowMs: () => startMs, monotonicMs: () => 0 },
      randomId: () => 'ab'.repeat(16),
      ballast: createBallast(join(this.dataDir, 'reserved-room'), 1_048_576),
    });
    this.#pos = this.intake.lastPos();
    this.#cursor = this.journal.cursor();
  }

  get pos(): number {
    return this.#pos;
  }

  /** Commits entries, a second apart, as one batch of the intake log. */
  append(...bodies: readonly IntakeBody[]): this {
    const encoder = new BatchEncoder();
    const firstPos = this.#pos + 1;
    for (const body of bodies) {
      this.#pos += 1;
      encoder.add(this.msAt(this.#pos), body);
    }
    const bytes = encoder.take(firstPos);
    this.intake.insert({ firstPos, lastPos: this.#pos, bytes }, undefined);
    return this;
  }

  /** `count` readings of some devices in turn, in batches of `batch`. */
  fill(count: number, batch = 7, devices = ['reader-1', 'reader-2', 'reader-3']): this {
    for (let done = 0; done < count; done += batch) {
      const size = Math.min(batch, count - done);
      const bodies = Array.from({ length: size }, (_, index) => {
        const pos = this.#pos + index + 1;
        return reading(devices[pos % devices.length] ?? '', `{"epc":"30${pos}","n":${pos * pos}}`);
      });
      this.append(...bodies);
    }
    return this;
  }

  msAt(pos: number): number {
    return startMs + pos * 1000;
  }

  /** Journals an event that the entry at `pos` caused, and all entries so far as done. */
  journalEvent(pos: number, draft: EventDraft): number {
    const items = [{ pos, index: 0, receivedAtMs: this.msAt(pos), draft }];
    this.#cursor = this.#pos;
    return this.journal.commit({ cursor: this.#cursor, items, states: [], quarantined: [] }).seq;
  }

  /** Journals that all entries so far are done with. */
  journalNothing(): this {
    this.journal.commit({ cursor: this.#pos, items: [], states: [], quarantined: [] });
    return this;
  }

  keeper(changes: Partial<KeeperOptions> = {}): EvidenceKeeper {
    const options = {
      dataDir: this.dataDir,
      budgetBytes: 2 ** 30,
      pinMs: 86_400_000,
      pinnedKinds,
      floorBytes: 0,
      freeBytes: () => 2 ** 40,
      limits: smallLimits,
    };
    return new EvidenceKeeper({ ...options, ...changes }, this.msAt(this.#pos));
  }

  /** Lets a keeper do all that there is to do, and journals what it says, as the gateway does. */
  settle(keeper: EvidenceKeeper, nowMs = this.msAt(this.#pos)): string[] {
    const said: string[] = [];
    for (let more = true; more;) {
      more = keeper.advance(nowMs);
      for (const { id, notice } of keeper.takeNotices()) {
        said.push(notice.kind);
        this.append({ type: 'evidence', ...notice });
        const at = { occurredAt: nowMs, timeQuality: 'arrival' } as const;
        this.journalEvent(this.#pos, { ...notice, ...at });
        keeper.noted(id);
        more = true;
      }
    }
    return said;
  }

  close(): void {
    this.intake.close();
    this.journal.close();
  }
}
