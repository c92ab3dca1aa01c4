import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { AlertFact } from '#contracts/now-lane.ts';
import type { ClockDoubt, IntakeBody } from '../intake/intake-entry.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentFields } from './moment.ts';
import type { StateRow } from './state-row.ts';

/** A stretch in which the gateway's own clock was not right; `untilMs` null: it is not over. */
type Stretch = {
  readonly reason: ClockDoubt['reason'];
  readonly sinceMs: number;
  readonly untilMs: number | null;
  /** From when on the way to the right time is known: the last start, or the last jump. */
  readonly followedMs: number;
};
type Jump = { readonly atMs: number; readonly byMs: number };

const key = '';
const dayMs = 24 * 3_600_000;

/**
 * What the gateway knows of its own clock. While that is not right it judges no device's time: all
 * events are `unjudged`, and what a device said is kept beside the time of receipt, which orders them.
 */
export class OwnClock {
  readonly #stretch = new KeyedStore<Stretch>('own-clock');
  readonly #jump = new KeyedStore<Jump>('own-clock-jump');

  /** A process begins; how much time passed since the one before, a wrong clock does not know. */
  boot(doubt: ClockDoubt | undefined, nowMs: number, out: EventDraft[]): void {
    const open = this.#open;
    if (doubt !== undefined) {
      if (open === undefined) this.#doubt(doubt, nowMs, out);
      else this.#stretch.set(key, { ...open, followedMs: nowMs });
    } else if (open !== undefined) this.#trust(open, nowMs, undefined, out);
  }

  seen(
    { doubt, shiftMs, step }: Extract<IntakeBody, { type: 'clock-seen' }>,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const open = this.#open;
    if (step !== undefined) {
      const { byMs, fromMs: from, toMs: to } = step;
      this.#jump.set(key, { atMs: nowMs, byMs });
      out.push(draft('gateway.clock-stepped', { byMs, from, to }, momentFields(arrivalAt(nowMs))));
    }
    if (doubt !== undefined) {
      if (open === undefined) this.#doubt(doubt, nowMs, out);
      else if (shiftMs > 0) this.#stretch.set(key, { ...open, followedMs: nowMs });
    } else if (open !== undefined) this.#trust(open, nowMs - shiftMs, shiftMs, out);
  }

  /** Drafts as they are to be journalled. */
  marked(drafts: EventDraft[], nowMs: number): EventDraft[] {
    const stretch = this.#stretch.get(key);
    if (stretch === undefined) return drafts;
    const { untilMs } = stretch;
    if (untilMs !== null && nowMs - untilMs > dayMs) {
      // Nothing that was seen then is still waiting to be said.
      this.#stretch.set(key, undefined);
      return drafts;
    }
    return drafts.map((one) => unjudged(one, stretch));
  }

  /** Why the time is not known, in force now. */
  get doubt(): Pick<Stretch, 'reason' | 'sinceMs'> | undefined {
    return this.#open;
  }

  alerts(nowMs: number): AlertFact[] {
    const open = this.#open;
    const jump = this.#jump.get(key);
    const alerts: AlertFact[] = [];
    if (open !== undefined) {
      const why = open.reason === 'unset' ? 'was never set' : 'is behind what is on disk already';
      alerts.push({
        id: 'own-clock',
        open: true,
        openedAt: open.sinceMs,
        text: `The clock of this machine ${why}: times of events are marked. Set it, or let it be set by NTP.`,
        type: 'gateway-fault',
      });
    }
    if (jump !== undefined && nowMs - jump.atMs <= dayMs) {
      const { atMs, byMs } = jump;
      const way = byMs > 0 ? 'forward' : 'back';
      alerts.push({
        id: `own-clock-jump:${atMs}`,
        open: false,
        openedAt: atMs,
        text: `The clock of this machine jumped ${way} by ${Math.round(Math.abs(byMs) / 1000)} s.`,
        type: 'gateway-fault',
      });
    }
    return alerts;
  }

  drainDirty(rows: StateRow[]): void {
    this.#stretch.drainDirty(rows);
    this.#jump.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, rowKey: string, value: string): boolean {
    if (machine === this.#stretch.machine) this.#stretch.restore(rowKey, value);
    else if (machine === this.#jump.machine) this.#jump.restore(rowKey, value);
    else return false;
    return true;
  }

  get #open(): Stretch | undefined {
    const stretch = this.#stretch.get(key);
    return stretch?.untilMs === null ? stretch : undefined;
  }

  #doubt({ behindMs, reason, systemMs }: ClockDoubt, nowMs: number, out: EventDraft[]): void {
    const stretch = { reason, sinceMs: nowMs, untilMs: null, followedMs: nowMs };
    this.#stretch.set(key, stretch);
    const payload = { behindMs, reason, systemAt: systemMs };
    out.push(draft('gateway.clock-doubted', payload, momentFields(arrivalAt(nowMs))));
  }

  #trust(open: Stretch, untilMs: number, shiftMs: number | undefined, out: EventDraft[]): void {
    const { followedMs: from, sinceMs: since } = open;
    this.#stretch.set(key, { ...open, untilMs });
    const shift = shiftMs === undefined ? {} : { shift: { byMs: shiftMs, from } };
    const at = momentFields(arrivalAt(untilMs + (shiftMs ?? 0)));
    out.push(draft('gateway.clock-trusted', { ...shift, since, until: untilMs }, at));
  }
}

function unjudged(one: EventDraft, { sinceMs, untilMs }: Stretch): EventDraft {
  const { claimedAt, occurredAt, timeQuality } = one;
  if (untilMs !== null) {
    const isThen = occurredAt >= sinceMs && occurredAt < untilMs && timeQuality !== 'device';
    return isThen ? { ...one, timeQuality: 'unjudged' } : one;
  }
  if (timeQuality !== 'device') return { ...one, timeQuality: 'unjudged' };
  return { ...one, timeQuality: 'unjudged', claimedAt: claimedAt ?? occurredAt };
}
