import { hash } from 'node:crypto';
import type { ActOutcome, ActRefusal, FloorAct, Lease } from '#contracts/acts.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt, momentFields, momentOf } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { LeaseUsed } from '../stock/stock-view.ts';
import type { Turn } from '../stock/turn.ts';
import { adjust } from './act-adjust.ts';
import { checkAct } from './act-check.ts';
import { fault, type ActBooks, type ActContext, type ActFault } from './act-context.ts';
import { receive } from './act-receive.ts';
import { hold, move, release, ship } from './act-stock.ts';
import { pack, unpack } from './act-units.ts';
import { bindPassage } from './bind-passage.ts';
import { CountDesk } from './count-desk.ts';
import { LeaseUse } from './lease-use.ts';
import { sweep } from './sweep.ts';

type ActNote = readonly [
  outcome: 'applied' | ActRefusal,
  type: FloorAct['type'],
  person: string,
  actedMs: number,
  /** Of the act with its person; rows of before it was kept have none. */
  ...digest: readonly string[],
];

/** A client that tries again does so within this time. */
const actsRememberedMs = 30 * 24 * 3_600_000;

/**
 * Applies what persons ask for, in the order of the intake log: each act once, within the person's
 * lease, whole or not at all. A refusal is an event with its reason.
 */
export class ActDesk {
  readonly #books: ActBooks;
  readonly #acts = new ExpiringStore<ActNote>('act', actsRememberedMs);
  /** Persons whose rights ended, and when. */
  readonly #revoked = new KeyedStore<number>('revoked');
  readonly #use = new LeaseUse();
  readonly #counts = new CountDesk();

  constructor(books: ActBooks) {
    this.#books = books;
  }

  take(
    site: SiteModel | undefined,
    act: FloorAct,
    lease: Lease | null,
    nowMs: number,
    out: EventDraft[],
  ): ActOutcome {
    const before = this.#acts.get(act.id);
    const digest = digestOf(act);
    if (before !== undefined) {
      const [of, , , , kept = digest] = before;
      return { type: 'repeated', of, isOther: kept !== digest };
    }
    const at = momentOf(act.atMs, nowMs);
    const refused =
      site === undefined
        ? fault('unknown-zone', 'the gateway has no configuration yet')
        : this.#apply({ site, nowMs, at, out }, act, lease);
    this.#acts.keep(
      act.id,
      [refused?.code ?? 'applied', act.type, act.person, at[0], digest],
      nowMs,
    );
    if (refused === undefined) return { type: 'applied' };
    const { code } = refused;
    const detail = refused.detail.slice(0, 200).toWellFormed();
    const { id, person, type } = act;
    out.push(draft('act.refused', { act: id, code, detail, person, type }, momentFields(at)));
    return { type: 'refused', code, detail };
  }

  /** Acts since then that were applied are kept, marked, and somebody reviews them. */
  revoke(person: string, revokedAtMs: number, nowMs: number, out: EventDraft[]): void {
    const known = this.#revoked.get(person);
    if (known !== undefined && known <= revokedAtMs) return;
    this.#revoked.set(person, revokedAtMs);
    const turn = { nowMs, at: arrivalAt(nowMs), out };
    const fields = momentFields(turn.at);
    out.push(draft('person.revoked', { person, revokedAt: revokedAtMs }, fields));
    const until = known ?? Infinity;
    const since = [...this.#acts.entries()]
      .filter(([, [outcome, , by, actedMs], receivedMs]) => {
        // Whoever has no rights left may claim an earlier time.
        const atMs = Math.max(actedMs, receivedMs);
        return outcome === 'applied' && by === person && atMs >= revokedAtMs && atMs < until;
      })
      .sort(([a, [, , , aMs]], [b, [, , , bMs]]) => aMs - bMs || (a < b ? -1 : 1));
    for (const [act, [, type, , actedAt]] of since) {
      const flagged = { act, actedAt, person, reason: 'revoked', revokedAt: revokedAtMs, type };
      out.push(draft('act.flagged', { ...flagged, reason: 'revoked' }, fields));
      this.#books.tasks.open(turn, { act, reason: `${type} after revocation`, task: 'review-act' });
    }
  }

  leaseUse(lease: string): LeaseUsed {
    return this.#use.used(lease);
  }

  tick(nowMs: number): void {
    this.#acts.expire(nowMs);
    this.#use.tick(nowMs);
    this.#counts.tick(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    for (const part of [this.#acts, this.#revoked, this.#use, this.#counts]) part.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#acts.machine) this.#acts.restore(key, value);
    else if (machine === this.#revoked.machine) this.#revoked.restore(key, value);
    else return this.#use.restore(machine, key, value) || this.#counts.restore(machine, key, value);
    return true;
  }

  #apply(turn: Turn, act: FloorAct, lease: Lease | null): ActFault | undefined {
    const wrong = checkAct(turn.site, this.#books, act, lease, turn.nowMs);
    if (wrong !== undefined || lease === null) {
      return wrong ?? fault('lease-missing', 'nothing lets this person act here');
    }
    const revokedMs = this.#revoked.get(act.person);
    if (revokedMs !== undefined && lease.validFromMs <= revokedMs) {
      return fault('not-permitted', 'the rights of this lease were revoked');
    }
    const by = { act: act.id, person: act.person };
    const refused = this.#dispatch({ books: this.#books, turn, act, lease, by, use: this.#use });
    if (refused === undefined) bindPassage(this.#books, turn, act);
    if (refused !== undefined || act.task === undefined) return refused;
    const outcome = act.type === 'resolve' ? act.outcome : 'done';
    this.#books.tasks.close(turn, act.task, outcome, by);
    return undefined;
  }

  #dispatch(ctx: ActContext): ActFault | undefined {
    const { act } = ctx;
    switch (act.type) {
      case 'receive':
        return receive({ ...ctx, act });
      case 'ship':
        return ship({ ...ctx, act });
      case 'move':
        return move({ ...ctx, act });
      case 'hold':
        return hold({ ...ctx, act });
      case 'release':
        return release({ ...ctx, act });
      case 'adjust':
        return adjust({ ...ctx, act });
      case 'pack':
        return pack({ ...ctx, act });
      case 'unpack':
        return unpack({ ...ctx, act });
      case 'count':
        return this.#counts.count({ ...ctx, act });
      case 'sweep':
        return sweep({ ...ctx, act });
      case 'resolve':
        return act.task === undefined ? fault('unknown-task', 'it names no task') : undefined;
      case 'close':
        return this.#close(ctx);
    }
  }

  #close({ act, books, by, turn }: ActContext): ActFault | undefined {
    if (act.document === undefined) return fault('unknown-document', 'it names no document');
    const { id } = act.document;
    const ended = books.documents.close(id, 'closed', turn.nowMs, turn.out, by);
    books.endDocuments(turn, ended);
    return undefined;
  }
}

/** Enough of a hash to tell that an id was used for something else. */
function digestOf(act: FloorAct): string {
  return hash('sha256', encodeCanonical(act)).slice(0, 24);
}
