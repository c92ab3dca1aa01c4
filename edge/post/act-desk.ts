import type { ActOutcome, FloorAct, Lease } from '#contracts/acts.ts';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { actsRememberedMs } from '#contracts/remembered.ts';
import type { BookRows } from '#contracts/site-book.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import { arrivalAt, momentFields, momentOf } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { LeaseUsed } from '../stock/stock-view.ts';
import { draftFields, type Saying, type Turn } from '../stock/turn.ts';
import { adjust } from './act-adjust.ts';
import { ActCounts } from './act-counts.ts';
import { checkAct } from './act-check.ts';
import { fault, type ActBooks, type ActContext, type ActFault } from './act-context.ts';
import type { ActNote } from './act-note.ts';
import { receive } from './act-receive.ts';
import { hold, move, release, ship } from './act-stock.ts';
import { wrongTask } from './act-task.ts';
import { pack, unpack } from './act-units.ts';
import { bindPassage } from './bind-passage.ts';
import { CountDesk } from './count-desk.ts';
import { askedWords, keptOf } from './kept-act.ts';
import { LeaseUse } from './lease-use.ts';
import { periodAt, Revocations, type Period } from './revocations.ts';
import { digestOf, isSameAct } from './same-act.ts';
import { sweep } from './sweep.ts';

/** As the intake log has it. */
type Asked = Pick<Extract<IntakeBody, { type: 'act' }>, 'act' | 'lease' | 'broughtBy'>;

/**
 * Applies what persons ask for, in the order of the intake log: each act once, within the person's
 * lease, whole or not at all. A refusal is an event with its reason.
 */
export class ActDesk {
  readonly #books: ActBooks;
  readonly #acts = new ExpiringStore<ActNote>('act', actsRememberedMs);
  /** Of those that are not remembered any more. */
  readonly #counted = new ActCounts();
  readonly #revocations = new Revocations();
  readonly #use = new LeaseUse();
  readonly #counts = new CountDesk();
  #pos = 0;

  constructor(books: ActBooks) {
    this.#books = books;
  }

  /** A new intake entry is at work. */
  begin(pos: number): void {
    this.#pos = pos;
  }

  /** @param broughtBy of an act that lay on a device until its author had no rights left */
  take(
    site: SiteModel | undefined,
    { act, lease, broughtBy }: Asked,
    nowMs: number,
    out: EventDraft[],
  ): ActOutcome {
    const before = this.#acts.get(act.id);
    if (before !== undefined) {
      const [of, , , , , pos] = before;
      const first = pos === undefined ? {} : { pos };
      const isOther = !isSameAct(act, before, this.#acts.keptAt(act.id) ?? nowMs);
      return { type: 'repeated', of, isOther, ...first };
    }
    const at = momentOf(act.atMs, nowMs);
    const refused =
      broughtBy !== undefined
        ? fault('author-revoked', askedWords(act))
        : site === undefined
          ? fault('unknown-zone', 'the gateway has no configuration yet')
          : this.#apply({ site, nowMs, at, out }, act, lease);
    this.#acts.keep(
      act.id,
      [refused?.code ?? 'applied', act.type, act.person, at[0], digestOf(act), this.#pos],
      nowMs,
    );
    if (refused === undefined) {
      this.#flagLate({ nowMs, at, out }, act);
      return { type: 'applied' };
    }
    const { code } = refused;
    const detail = refused.detail.slice(0, 200).toWellFormed();
    const { id, person, type } = act;
    out.push(draft('act.refused', { act: id, code, detail, person, type }, momentFields(at)));
    if (broughtBy !== undefined) this.#review({ nowMs, at, out }, act, broughtBy);
    return { type: 'refused', code, detail };
  }

  /** Acts of that time that were applied are kept, marked, and somebody reviews them. */
  revoke(person: string, period: Period, nowMs: number, out: EventDraft[]): void {
    const before = this.#revocations.periodsOf(person);
    if (!this.#revocations.learn(person, period, nowMs)) return;
    const turn = { nowMs, at: arrivalAt(nowMs), out };
    const [revokedAt, toMs] = period;
    const said = { person, revokedAt, ...(toMs === null ? {} : { until: toMs }) };
    out.push(draft('person.revoked', said, momentFields(turn.at)));
    const found = [...this.#acts.entries()]
      .filter(([, [outcome, , by, actedMs], receivedMs]) => {
        if (outcome !== 'applied' || by !== person) return false;
        // Whoever has no rights left may claim an earlier time.
        const isIn = (all: readonly Period[]) =>
          periodAt(all, actedMs) !== undefined || periodAt(all, receivedMs) !== undefined;
        return isIn([period]) && !isIn(before);
      })
      .sort(([a, [, , , aMs]], [b, [, , , bMs]]) => aMs - bMs || (a < b ? -1 : 1));
    for (const [act, [, type, , actedAt]] of found) {
      this.#flag(turn, { act, actedAt, person, revokedAt, type });
    }
    this.#reviewForgotten(turn, person, period, before);
  }

  /**
   * What a box before this one applied and refused, so far as the hub heard of it: sent again it is
   * known, and limits go on from where they were.
   */
  remember(
    site: SiteModel | undefined,
    { acts = [], revocations = [], uses = [] }: BookRows,
    nowMs: number,
  ): void {
    for (const { act, actedAt, outcome, person, receivedAt, type } of acts) {
      this.#acts.keep(act, [outcome, type, person, actedAt], receivedAt);
    }
    for (const { person, revokedAt, until = null } of revocations) {
      this.#revocations.learn(person, [revokedAt, until], nowMs);
    }
    this.#use.remember(site, uses);
  }

  leaseUse(lease: Lease): LeaseUsed {
    return this.#use.used(lease);
  }

  tick(nowMs: number): void {
    this.#acts.expire(nowMs, (act, note, receivedMs) => {
      if (note[0] === 'applied') this.#counted.forget(act, note, receivedMs);
    });
    this.#counted.tick(nowMs);
    this.#use.tick(nowMs);
    this.#counts.tick(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    const parts = [this.#acts, this.#counted, this.#revocations, this.#use, this.#counts];
    for (const part of parts) part.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === this.#acts.machine) {
      this.#acts.restore(key, value);
      return true;
    }
    const parts = [this.#counted, this.#revocations, this.#use, this.#counts];
    return parts.some((part) => part.restore(machine, key, value));
  }

  #apply(turn: Turn, act: FloorAct, lease: Lease | null): ActFault | undefined {
    const wrong = checkAct(turn.site, this.#books, act, lease, turn.nowMs);
    if (wrong !== undefined || lease === null) {
      return wrong ?? fault('lease-missing', 'nothing lets this person act here');
    }
    const revoked = this.#revocations.periodsOf(act.person);
    if (revoked.some(([fromMs]) => lease.validFromMs <= fromMs)) {
      return fault('not-permitted', 'the rights of this lease were revoked');
    }
    const wrongly = wrongTask({
      site: turn.site,
      books: this.#books,
      act,
      lease,
      authorOf: (id) => this.#acts.get(id)?.[2] ?? this.#counted.authorOf(id),
      isCounted: (id) => this.#counts.knows(id),
    });
    if (wrongly !== undefined) return wrongly;
    this.#revocations.letIn(act.person, lease.validFromMs);
    const by = { act: act.id, person: act.person };
    const refused = this.#dispatch({ books: this.#books, turn, act, lease, by, use: this.#use });
    if (refused === undefined) bindPassage(this.#books, turn, act);
    if (refused !== undefined || act.task === undefined) return refused;
    const outcome = act.type === 'resolve' ? act.outcome : 'done';
    this.#books.tasks.close(turn, act.task, outcome, by);
    return undefined;
  }

  /**
   * Rights came back, and an act came that was made while there were none. A time that is too long ago
   * to be believed of stock counts here: it lay on a device for that long, or its clock is wrong.
   */
  #flagLate(turn: Saying, { id: act, person, type }: FloorAct): void {
    const [atMs, , claimedMs] = turn.at;
    const actedAt = claimedMs ?? atMs;
    const [revokedAt] = periodAt(this.#revocations.periodsOf(person), actedAt) ?? [];
    if (revokedAt !== undefined) this.#flag(turn, { act, actedAt, person, revokedAt, type });
  }

  /** What is known of acts of longer ago than each is remembered: one task for all of them. */
  #reviewForgotten(turn: Saying, person: string, period: Period, before: readonly Period[]): void {
    const found = this.#counted.within(person, period, before);
    if (found === undefined) return;
    const { acts, firstMs, lastAct, lastMs } = found;
    const days = [firstMs, lastMs].map((ms) => new Date(ms).toISOString().slice(0, 10)).join('/');
    const reason = `${days}: up to ${acts} acts after revocation, by ${person}`;
    const task = 'review-act';
    this.#books.tasks.open(turn, { act: lastAct, reason: reason.slice(0, 120), task });
  }

  #flag(turn: Saying, of: Omit<EventPayload<'act.flagged'>, 'reason'>): void {
    const { act, actedAt, person, revokedAt, type } = of;
    const flagged = { act, actedAt, person, reason: 'revoked', revokedAt, type } as const;
    turn.out.push(draft('act.flagged', flagged, draftFields(turn)));
    this.#books.tasks.open(turn, {
      act,
      reason: `${type} by ${person} after revocation`,
      task: 'review-act',
    });
  }

  /** Whoever has rights decides whether it is done, in their own name. */
  #review(turn: Saying, act: FloorAct, broughtBy: string): void {
    turn.out.push(draft('act.kept', keptOf(act, turn.at[0], broughtBy), draftFields(turn)));
    const zone = 'zone' in act ? { zone: act.zone } : {};
    const item = 'item' in act ? { item: act.item } : {};
    const unit = 'parent' in act ? { unit: act.parent } : {};
    const what = 'what' in act ? act.what : undefined;
    const named =
      what === undefined ? {} : 'unit' in what ? { unit: what.unit } : { item: what.goods.item };
    const reason = `not done, of ${act.person}, brought by ${broughtBy}: ${askedWords(act)}`;
    this.#books.tasks.open(turn, {
      act: act.id,
      ...item,
      ...unit,
      ...named,
      reason: reason.slice(0, 120).toWellFormed(),
      task: 'review-act',
      ...zone,
    });
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
