import type { Logger } from 'pino';
import { messageOf, refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import { configOf } from '../config/load-config.ts';
import type { ConfigApplier, LiveParts } from '../live/config-applier.ts';
import type { ConfigSource } from '../live/config-source.ts';
import { composeConfig } from './compose-config.ts';
import type { SayLater, TargetOutcome } from './downlink-target.ts';
import { textInForce, type HubConfigState } from './hub-config-state.ts';
import type { JsonFile } from './json-file.ts';
import {
  endingOf,
  maxOverrideMs,
  minOverrideMs,
  type LocalOverride,
  type OverrideEnding,
  type OverrideRequest,
  type OverrideView,
} from './local-override.ts';
import { inLinesOf, refusedOutcome } from './outcome-words.ts';

export interface OverrideKeeperOptions {
  readonly source: ConfigSource;
  readonly applier: ConfigApplier;
  readonly append: LiveParts['append'];
  readonly state: () => JsonFile<HubConfigState>;
  /** Puts what the hub wants in force, on trial; what it replaces is `former`. */
  readonly tryOut: (
    of: NonNullable<LocalOverride['deferred']>,
    former: string,
  ) => Promise<Result<TargetOutcome>>;
  readonly say: SayLater;
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const againAfterMs = 15_000;

/**
 * A person at the site puts a config in force for a while, though the hub is away or wants another
 * one. What the hub wants meanwhile is kept; at the end it is taken up, or what was before returns.
 * Each step is on disk before it is done, so that a restart goes on with it. Calls come in turn.
 */
export class OverrideKeeper {
  readonly #options: OverrideKeeperOptions;
  #notBeforeMs = 0;

  constructor(options: OverrideKeeperOptions) {
    this.#options = options;
  }

  get current(): LocalOverride | undefined {
    return this.#options.state().value.override;
  }

  view(): OverrideView | undefined {
    const { current } = this;
    if (current === undefined) return undefined;
    const { by, deferred, reason, sinceMs, untilMs } = current;
    const { hash } = this.#options.applier.view();
    return { by, deferred: deferred !== undefined, hash, reason, sinceMs, untilMs };
  }

  /**
   * Puts its sections in the place of those in force. Where one stands already, this takes its place
   * and the same is returned to.
   *
   * @returns refusal BAD_INPUT for a time that is none, CONFIG_INVALID with `details.faults` in lines
   *   of its text, or as `ConfigApplier.apply`. Then nothing has changed.
   */
  async begin({ by, forMs, reason, text }: OverrideRequest): Promise<Result<OverrideView>> {
    const { applier, changed, clock, log, say, source, state } = this.#options;
    if (!(forMs >= minOverrideMs && forMs <= maxOverrideMs)) {
      return refuse('BAD_INPUT', 'an override lasts from one minute to seven days');
    }
    const before = state().value;
    if (before.override?.ending !== undefined) {
      return refuse('CONFLICT', 'the one before is being handed back: try again in a moment');
    }
    const inForce = textInForce(source, applier);
    const composed = composeConfig(inForce, text);
    if (!composed.ok) return composed;
    const checked = configOf(source.check(composed.value));
    if (!checked.ok) return inLinesOf(checked.refusal, text);
    const nowMs = clock.nowMs();
    const stood = before.override ?? standingOf(before, inForce);
    const next: LocalOverride = {
      ...stood,
      by,
      isSaid: false,
      reason,
      sinceMs: before.override?.sinceMs ?? nowMs,
      text: composed.value,
      untilMs: nowMs + Math.round(forMs),
    };
    state().write({ override: next });
    const result = await applier.apply(composed.value, 'override');
    if (!result.ok) {
      state().write(before);
      return inLinesOf(result.refusal, text);
    }
    log.warn({ by, reason, untilMs: next.untilMs }, 'config.overridden');
    await this.#sayBegun(next).catch((error: unknown) => this.#later(error));
    for (const seq of before.trial?.seqs ?? []) say(seq, deferredOutcome(next));
    changed();
    return succeed({
      by,
      deferred: next.deferred !== undefined,
      hash: result.value.hash,
      reason,
      sinceMs: next.sinceMs,
      untilMs: next.untilMs,
    });
  }

  /** @returns refusal NOT_FOUND without one, or why what was before cannot be again yet. */
  async end(by: string): Promise<Result<{ readonly inForce: 'hub' | 'former' }>> {
    const { current } = this;
    if (current === undefined) return refuse('NOT_FOUND', 'no local override is in force');
    return await this.#handBack(current, current.ending ?? { outcome: 'ended', by });
  }

  /** Goes on with what was interrupted, and ends what is over. Harmless as often as it is called. */
  async tick(): Promise<void> {
    const { applier, clock } = this.#options;
    const { current } = this;
    if (current === undefined || clock.monotonicMs() < this.#notBeforeMs) return;
    try {
      const ending = endingOf(current, clock.nowMs());
      if (ending !== undefined) {
        const back = await this.#handBack(current, ending);
        if (!back.ok) this.#later(back.refusal);
        return;
      }
      if (current.isSaid) return;
      const result = await applier.apply(current.text, 'override');
      // A restart interrupted it, and it cannot be in force any more: nothing was promised yet.
      if (result.ok) await this.#sayBegun(current);
      else await this.#handBack(current, { outcome: 'ended' });
    } catch (error) {
      this.#later(error);
    }
  }

  /** Keeps what the hub pushes until the override ends. */
  defer(seq: number, pushed: string): TargetOutcome {
    const { source, state } = this.#options;
    const { current } = this;
    if (current === undefined) throw new TypeError('nothing is deferred without an override');
    const base = current.deferred ?? { seqs: [], text: current.former };
    const composed = composeConfig(base.text, pushed);
    if (!composed.ok) return refusedOutcome(composed.refusal, pushed);
    const checked = configOf(source.check(composed.value));
    if (!checked.ok) return refusedOutcome(checked.refusal, pushed);
    const seqs = [...base.seqs.filter((one) => one !== seq), seq];
    const override: LocalOverride = { ...current, deferred: { seqs, text: composed.value } };
    state().write({ ...state().value, override });
    return deferredOutcome(override);
  }

  async #sayBegun(override: LocalOverride): Promise<void> {
    const { append, applier, state } = this.#options;
    const { by, reason, sinceMs, untilMs } = override;
    const { hash } = applier.view();
    await append({ type: 'config-override', step: 'begun', by, hash, reason, sinceMs, untilMs });
    state().write({ ...state().value, override: { ...override, isSaid: true } });
  }

  /** What the hub wants by now, or else what was before. The event is durable before it is forgotten. */
  async #handBack(
    override: LocalOverride,
    ending: OverrideEnding,
  ): Promise<Result<{ readonly inForce: 'hub' | 'former' }>> {
    const { append, applier, changed, log, say, state, tryOut } = this.#options;
    state().write({ ...state().value, override: { ...override, ending } });
    const { deferred, former, sinceMs } = override;
    const wanted = deferred === undefined ? undefined : await tryOut(deferred, former);
    if (wanted?.ok !== true) {
      const owner = applier.settings.config.configOwner === 'hub' ? 'hub' : 'override';
      const returned = await applier.apply(former, owner);
      if (!returned.ok) return returned;
    }
    const inForce = wanted?.ok === true ? 'hub' : 'former';
    const { hash } = applier.view();
    await append({ type: 'config-override', step: 'ended', ...ending, hash, inForce, sinceMs });
    const { override: _over, ...rest } = state().value;
    state().write(rest);
    log.warn({ ...ending, hash, inForce }, 'config.override-ended');
    if (wanted !== undefined) {
      const outcome = wanted.ok ? wanted.value : refusedOutcome(wanted.refusal, '');
      for (const seq of deferred?.seqs ?? []) say(seq, outcome);
    }
    changed();
    return succeed({ inForce });
  }

  #later(error: unknown): void {
    const { clock, log } = this.#options;
    this.#notBeforeMs = clock.monotonicMs() + againAfterMs;
    log.error({ reason: messageOf(error) }, 'config.override-waits');
  }
}

/** What a first override stands on. A trial that it interrupts begins anew behind it. */
function standingOf(
  { trial }: HubConfigState,
  inForce: string,
): Pick<LocalOverride, 'former' | 'deferred'> {
  if (trial === undefined) return { former: inForce };
  return { former: trial.former, deferred: { seqs: trial.seqs, text: inForce } };
}

function deferredOutcome({ reason, untilMs }: LocalOverride): TargetOutcome {
  const until = new Date(untilMs).toISOString();
  const text = `kept until the local override ends, at the latest ${until}: ${reason}`;
  return { result: 'deferred', text: text.slice(0, 500) };
}
