import { assert } from '#contracts/assert.ts';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import { defaultOwner } from '#contracts/ids.ts';
import { checkBalanced, type PostingLine } from '#contracts/posting.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { announcedScheme } from '../../devices/epc/epc-schemes.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import { momentFields, type Moment } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import { certaintyPermille } from './certainty.ts';
import { decideInbound, decideMove, decideOutbound, type Decision } from './posting-rules.ts';
import { SerialBook } from './serial-book.ts';

/** Evidence about one tag, with what stands behind it. */
interface Evidence {
  readonly epc: string;
  readonly reads: number;
  readonly device: string;
  readonly at: Moment;
  /** The entry's time, which decides how long something is remembered. */
  readonly nowMs: number;
}

export interface PassEvidence extends Evidence {
  readonly portal: string;
  readonly direction: 'in' | 'out' | 'unclear';
  /** Where presence has the tag, if it was seen there after the pass. */
  readonly seenSinceIn: string | undefined;
}

export interface PlaceEvidence extends Evidence {
  readonly zone: string;
  readonly fromZone: string | undefined;
}

export interface OpenConflict {
  readonly epc: string;
  readonly zone: string;
  readonly openedAtMs: number;
}

const dayMs = 24 * 3_600_000;
/** An identifier that nobody knows is asked about once in this time. */
const askAgainMs = 30 * dayMs;
/** A conflict is shown until the serial is posted again, at most this long. */
const conflictShownMs = dayMs;
/** A serial that left and is seen inside within this time was not shipped, or came back unseen. */
const leftRememberedMs = 7 * dayMs;

/**
 * The first posting policy: turns evidence into ledger lines, tasks and conflicts. Works for
 * serials (SGTIN); other identifiers post nothing and are asked about once.
 */
export class Poster {
  readonly #book = new SerialBook();
  readonly #asked = new ExpiringStore<true>('asked', askAgainMs);
  readonly #conflicts = new ExpiringStore<string>('conflict', conflictShownMs);
  readonly #left = new ExpiringStore<true>('left', leftRememberedMs);

  passed(site: SiteModel, pass: PassEvidence): EventDraft[] {
    const zone = site.portals.get(pass.portal);
    if (zone === undefined) return [];
    const item = decodeEpc(pass.epc);
    if (item.scheme !== 'sgtin') return this.#identify(pass, zone, item.scheme);
    const place = this.#book.placeOf(pass.epc);
    const agreed = [`portal:${pass.portal}`];
    if (pass.direction === 'unclear') {
      const status = site.zones.get(zone)?.status;
      if (status === undefined) return [];
      const doubt: Decision = { type: 'verify', reason: 'direction-unclear', zone, status };
      return this.#act(pass, item.gtin14, [doubt], agreed);
    }
    if (pass.direction === 'out') {
      const decisions = decideOutbound(site, place, zone, pass.reads);
      return this.#act(pass, item.gtin14, decisions, agreed);
    }
    const drafts = this.#act(
      pass,
      item.gtin14,
      decideInbound(site, place, zone, pass.reads),
      agreed,
    );
    // A fast pallet is in the next zone before its pass is over.
    if (pass.seenSinceIn === undefined || this.#book.placeOf(pass.epc)?.[0] !== zone) return drafts;
    const moved = { ...pass, zone: pass.seenSinceIn, fromZone: undefined };
    return [...drafts, ...this.placed(site, moved)];
  }

  placed(site: SiteModel, seen: PlaceEvidence): EventDraft[] {
    // Nearly all that is not posted ends here, and decoding costs more than all else.
    if (announcedScheme(seen.epc) !== 'sgtin') return [];
    const place = this.#book.placeOf(seen.epc);
    if (place === undefined && seen.fromZone === undefined) return [];
    if (place?.[0] === seen.zone) return [];
    const item = decodeEpc(seen.epc);
    if (item.scheme !== 'sgtin') return [];
    if (place === undefined && this.#left.get(seen.epc) !== undefined) {
      if (this.#conflicts.get(seen.epc) === seen.zone) return [];
      const decision = { type: 'conflict', zone: seen.zone, heldBy: 'customer' } as const;
      return this.#act(seen, item.gtin14, [decision], []);
    }
    const decisions = decideMove(site, place, seen.fromZone, seen.zone);
    return this.#act(seen, item.gtin14, decisions, [`presence:${seen.zone}`]);
  }

  /** A counter took a step that nothing explains: somebody must look, once a day. */
  unexplained(
    counter: string,
    zone: string,
    device: string,
    at: Moment,
    nowMs: number,
  ): EventDraft[] {
    const key = `counter:${device}/${counter}@${Math.floor(nowMs / dayMs)}`;
    if (!this.#asked.keepOnce(key, true, nowMs)) return [];
    const reason = `unexplained-step ${counter}`;
    const task = { task: 'inspect-counter', reason, zone } as const;
    return [draft('task.opened', task, { device, ...momentFields(at) })];
  }

  tick(nowMs: number): void {
    this.#asked.expire(nowMs);
    this.#conflicts.expire(nowMs);
    this.#left.expire(nowMs);
  }

  /** In order of their EPCs. */
  openConflicts(): OpenConflict[] {
    return [...this.#conflicts.entries()]
      .map(([epc, zone, openedAtMs]) => ({ epc, zone, openedAtMs }))
      .sort((a, b) => (a.epc < b.epc ? -1 : 1));
  }

  drainDirty(rows: StateRow[]): void {
    for (const store of [this.#book, this.#asked, this.#conflicts, this.#left]) {
      store.drainDirty(rows);
    }
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === SerialBook.machine) this.#book.restore(key, value);
    else if (machine === this.#asked.machine) this.#asked.restore(key, value);
    else if (machine === this.#conflicts.machine) this.#conflicts.restore(key, value);
    else if (machine === this.#left.machine) this.#left.restore(key, value);
    else return false;
    return true;
  }

  #identify({ epc, device, at, nowMs }: Evidence, zone: string, scheme: string): EventDraft[] {
    if (!this.#asked.keepOnce(`epc:${epc}`, true, nowMs)) return [];
    const reason =
      scheme === 'sscc' ? 'handling-unit' : scheme === 'unknown' ? 'unknown-epc' : 'not-an-item';
    const task = { task: 'identify', epc, reason, zone } as const;
    return [draft('task.opened', task, { device, ...momentFields(at) })];
  }

  #act(of: Evidence, item: string, decisions: Decision[], agreed: string[]): EventDraft[] {
    return decisions.map((decision) => {
      const at = { device: of.device, ...momentFields(of.at) };
      switch (decision.type) {
        case 'post':
          this.#book.put(of.epc, decision.place);
          this.#conflicts.forget(of.epc);
          if (decision.place === undefined) this.#left.keep(of.epc, true, of.nowMs);
          else this.#left.forget(of.epc);
          return draft(decision.kind, posting(of, item, decision, agreed), {
            ...at,
            owner: defaultOwner,
          });
        case 'conflict': {
          const { zone, heldBy } = decision;
          this.#conflicts.keep(of.epc, zone, of.nowMs);
          return draft('stock.conflict', { claimedZone: zone, epc: of.epc, heldBy }, at);
        }
        case 'verify': {
          const { reason, zone, status } = decision;
          const task = { task: 'verify-movement', epc: of.epc, reason, zone, status } as const;
          return draft('task.opened', task, at);
        }
      }
    });
  }
}

function posting(
  { epc, reads }: Evidence,
  item: string,
  { from, to }: Extract<Decision, { type: 'post' }>,
  agreed: string[],
): { evidence: { agreed: string[]; certaintyPermille: number }; lines: PostingLine[] } {
  // In the order of canonical text, which then need not be sorted.
  const serials = [epc];
  const lines: PostingLine[] = [
    { account: from, item, owner: defaultOwner, quantity: -1, serials },
    { account: to, item, owner: defaultOwner, quantity: 1, serials },
  ];
  assert(checkBalanced(lines).ok, 'a posting balances');
  return { evidence: { agreed, certaintyPermille: certaintyPermille(reads) }, lines };
}
