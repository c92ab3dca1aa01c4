import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentFields } from './moment.ts';
import type { StateRow } from './state-row.ts';

type GatewayState = {
  /** Since when devices can be heard: the last start, end of a hold, or jump of the clock. */
  readonly listeningSinceMs: number;
  readonly heldSinceMs: number | null;
  readonly uplinkLostMs: number | null;
  /** Whether the hub ever answered; absent, as earlier releases left it, if it may have. */
  readonly uplinkSeen?: boolean;
  /** The signing key that was last named; absent: none was. */
  readonly nextKeyId?: string;
  /** The local config that stands in for the site's own; absent and null: none. */
  readonly override?: {
    readonly sinceMs: number;
    readonly untilMs: number;
    readonly hash: string;
  } | null;
};

export type GatewayBody = Extract<
  IntakeBody,
  {
    type:
      | 'boot'
      | 'config'
      | 'config-refused'
      | 'config-override'
      | 'key-rotated'
      | 'clock'
      | 'clock-seen'
      | 'uplink'
      | 'intake';
  }
>;

const key = '';
const initial: GatewayState = {
  listeningSinceMs: 0,
  heldSinceMs: null,
  uplinkLostMs: null,
  uplinkSeen: false,
};

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
      case 'clock-seen':
        // In a jump nobody was heard: nothing is due for it.
        if (body.shiftMs > 0) this.#change({ listeningSinceMs: nowMs });
        return;
      case 'config-refused': {
        const { code, faults, origin, text } = body;
        out.push(draft('gateway.config-refused', { code, faults, origin, text }, at));
        return;
      }
      case 'key-rotated': {
        const { type: _type, ...rotation } = body;
        if (this.state.nextKeyId === rotation.keyId) return;
        this.#change({ nextKeyId: rotation.keyId });
        out.push(draft('gateway.key-rotated', rotation, at));
        return;
      }
      case 'config-override':
        this.#noteOverride(body, nowMs, out);
        return;
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

  /** Whoever was interrupted says it again: it is an event once. */
  #noteOverride(
    body: Extract<GatewayBody, { type: 'config-override' }>,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const { hash, sinceMs: since } = body;
    const { override } = this.state;
    const at = momentFields(arrivalAt(nowMs));
    if (body.step === 'ended') {
      if (override?.sinceMs !== since) return;
      const { by, inForce, outcome } = body;
      this.#change({ override: null });
      const who = by === undefined ? {} : { by };
      const ended = { ...who, hash, inForce, outcome, since };
      out.push(draft('gateway.config-override-ended', ended, at));
      return;
    }
    const { by, reason, untilMs: until } = body;
    const isKnown = override?.sinceMs === since && override.untilMs === until;
    if (isKnown && override.hash === hash) return;
    this.#change({ override: { hash, sinceMs: since, untilMs: until } });
    out.push(draft('gateway.config-overridden', { by, hash, reason, since, until }, at));
  }

  /**
   * Lost is said once, and restored only after lost, so that every outage is one pair. What never
   * was there is not lost.
   */
  #noteUplink(
    body: Extract<GatewayBody, { type: 'uplink' }>,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const { live, committedSeq, keptEvents, sinceMs } = body;
    const { uplinkLostMs, uplinkSeen = true } = this.state;
    const at = momentFields(arrivalAt(nowMs));
    const seen = uplinkSeen || live || sinceMs !== undefined;
    if (seen !== uplinkSeen) this.#change({ uplinkSeen: seen });
    if (!live && seen && uplinkLostMs === null) {
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
