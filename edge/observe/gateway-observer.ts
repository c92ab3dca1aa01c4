import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentFields } from './moment.ts';
import type { StateRow } from './state-row.ts';

type GatewayState = {
  /** Since when devices can be heard: the last start, or the end of the last hold. */
  readonly listeningSinceMs: number;
  readonly heldSinceMs: number | null;
  readonly uplinkLostMs: number | null;
};

export type GatewayBody = Extract<
  IntakeBody,
  { type: 'boot' | 'config' | 'config-refused' | 'clock' | 'uplink' | 'intake' }
>;

const key = '';
const initial: GatewayState = { listeningSinceMs: 0, heldSinceMs: null, uplinkLostMs: null };

/** What the gateway says about itself, and when it could not hear anybody. */
export class GatewayObserver {
  readonly #store = new KeyedStore<GatewayState>('gateway');

  get state(): GatewayState {
    return this.#store.get(key) ?? initial;
  }

  /** Since when devices can be heard; undefined while intake is held. */
  get listeningSinceMs(): number | undefined {
    const { heldSinceMs, listeningSinceMs } = this.state;
    return heldSinceMs === null ? listeningSinceMs : undefined;
  }

  note(body: GatewayBody, nowMs: number, out: EventDraft[]): void {
    const at = momentFields(arrivalAt(nowMs));
    switch (body.type) {
      case 'boot': {
        const { clean, lastAliveMs, version } = body;
        const last = lastAliveMs === undefined ? {} : { lastAliveAt: lastAliveMs };
        this.#change({ listeningSinceMs: nowMs, heldSinceMs: null });
        out.push(draft('gateway.started', { clean, ...last, version }, at));
        return;
      }
      case 'config': {
        const { hash, origin } = body;
        out.push(draft('gateway.config-applied', { hash, origin }, at));
        return;
      }
      case 'clock':
        out.push(draft('gateway.clock-accepted', { from: body.fromMs, to: body.toMs }, at));
        return;
      case 'config-refused': {
        const { code, faults, origin, text } = body;
        out.push(draft('gateway.config-refused', { code, faults, origin, text }, at));
        return;
      }
      case 'uplink':
        this.#noteUplink(body, nowMs, out);
        return;
      case 'intake':
        this.#noteIntake(body, nowMs, out);
    }
  }

  drainDirty(rows: StateRow[]): void {
    this.#store.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, rowKey: string, value: string): boolean {
    if (machine !== this.#store.machine) return false;
    this.#store.restore(rowKey, value);
    return true;
  }

  /** Lost is said once, and restored only after lost, so that every outage is one pair. */
  #noteUplink(
    body: Extract<GatewayBody, { type: 'uplink' }>,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const { live, committedSeq, keptEvents, sinceMs } = body;
    const { uplinkLostMs } = this.state;
    const at = momentFields(arrivalAt(nowMs));
    if (!live && uplinkLostMs === null) {
      this.#change({ uplinkLostMs: sinceMs ?? nowMs });
      const last = sinceMs === undefined ? {} : { lastContactAt: sinceMs };
      out.push(draft('gateway.uplink-lost', { committedSeq, ...last }, at));
    }
    if (live && uplinkLostMs !== null) {
      this.#change({ uplinkLostMs: null });
      out.push(draft('gateway.uplink-restored', { keptEvents, lostAt: uplinkLostMs }, at));
    }
  }

  #noteIntake(
    body: Extract<GatewayBody, { type: 'intake' }>,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const { held, reason, sinceMs } = body;
    const at = momentFields(arrivalAt(held ? sinceMs : nowMs));
    if (held) {
      this.#change({ heldSinceMs: sinceMs });
      out.push(draft('gateway.intake-held', { reason }, at));
    } else {
      this.#change({ heldSinceMs: null, listeningSinceMs: nowMs });
      out.push(draft('gateway.intake-resumed', { heldSince: sinceMs }, at));
    }
  }

  #change(change: Partial<GatewayState>): void {
    this.#store.set(key, { ...this.state, ...change });
  }
}
