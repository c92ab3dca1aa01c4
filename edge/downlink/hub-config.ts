import { join } from 'node:path';
import type { Logger } from 'pino';
import { assert } from '#contracts/assert.ts';
import type { ConfigReport } from '#contracts/downlink.ts';
import { messageOf, refuse, succeed, type Refusal, type Result } from '#contracts/fault.ts';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import type { Clock } from '#contracts/time.ts';
import type { ConfigApplier, ConfigOrigin, LiveParts } from '../live/config-applier.ts';
import type { ConfigSource } from '../live/config-source.ts';
import { composeConfig } from './compose-config.ts';
import {
  judgeTrial,
  trialMs,
  wellDevices,
  type ConfigTrial,
  type TrialVerdict,
} from './config-trial.ts';
import type { DownlinkTarget, SayLater, TakenEntry, TargetOutcome } from './downlink-target.ts';
import { textInForce, type HubConfigState } from './hub-config-state.ts';
import { openJsonFile, type JsonFile } from './json-file.ts';
import type { OverrideRequest, OverrideView } from './local-override.ts';
import { OverrideKeeper } from './override-keeper.ts';
import { refusedOutcome, travelFaults } from './outcome-words.ts';

export interface HubConfigOptions {
  readonly dataDir: string;
  readonly source: ConfigSource;
  readonly applier: ConfigApplier;
  /** Makes an entry durable, as `LiveParts.append`. */
  readonly append: LiveParts['append'];
  readonly devices: () => readonly DeviceHealth[];
  readonly say: SayLater;
  /** What `report` gives is other than before. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const judgeEveryMs = 1_000;

/**
 * Puts in force what the hub pushes, if this gateway's own file leaves that to the hub. What is
 * another configuration is on trial first: without word of the hub and without the devices that it
 * touched, the former one returns by itself. A person's own at the site goes before it for a while
 * (`override-keeper.ts`).
 */
export class HubConfig implements DownlinkTarget {
  readonly #options: HubConfigOptions;
  #file: JsonFile<HubConfigState> | undefined;
  /** Monotonic: when the trial began, or went on in this process. */
  #trialBeganMs = 0;
  #hubHeard = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #override: OverrideKeeper;
  #turn: Promise<unknown> = Promise.resolve();
  #judging = false;

  constructor(options: HubConfigOptions) {
    this.#options = options;
    this.#override = new OverrideKeeper({
      ...options,
      state: () => this.#state,
      tryOut: ({ seqs, text }, former) => this.#tryOut(seqs, text, former),
    });
  }

  /** A trial that a restart interrupted begins anew. @throws Fault STORE_BROKEN */
  start(): void {
    const { clock, dataDir } = this.#options;
    this.#file = openJsonFile(join(dataDir, 'hub-config.json'), {});
    this.#trialBeganMs = clock.monotonicMs();
    this.#timer = setInterval(() => void this.judge(), judgeEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The hub answered what was asked at this time of the monotonic clock. */
  contact(askedAtMs: number): void {
    if (askedAtMs >= this.#trialBeganMs) this.#hubHeard = true;
  }

  report(): ConfigReport {
    const { applier, clock } = this.#options;
    const { appliedAtMs, hash, refused } = applier.view();
    const trial = this.#trial;
    const override = this.#overrideReport();
    const leftMs = this.#trialBeganMs + trialMs - clock.monotonicMs();
    return {
      appliedAtMs,
      hash,
      owner: applier.settings.config.configOwner ?? 'file',
      ...(refused && {
        refused: {
          atMs: refused.atMs,
          code: refused.code,
          faults: travelFaults(refused.faults),
          text: refused.message.slice(0, 500),
        },
      }),
      ...(override && { override }),
      ...(trial && { trialUntilMs: Math.round(clock.nowMs() + Math.max(0, leftMs)) }),
      zones: applier.settings.config.zones.map(({ id }) => id),
    };
  }

  /** What a person at the site put in force for a while. */
  override(): OverrideView | undefined {
    return this.#override.view();
  }

  /** As `OverrideKeeper.begin`. */
  async beginOverride(request: OverrideRequest): Promise<Result<OverrideView>> {
    return await this.#inTurn(() => this.#override.begin(request));
  }

  /** As `OverrideKeeper.end`. */
  async endOverride(by: string): Promise<Result<{ readonly inForce: 'hub' | 'former' }>> {
    return await this.#inTurn(() => this.#override.end(by));
  }

  /** What keeps a config of this origin from taking effect; undefined: nothing. */
  bars(origin: ConfigOrigin): Refusal | undefined {
    const override = this.#file?.value.override;
    if (origin !== 'file' || override === undefined) return undefined;
    const until = new Date(override.untilMs).toISOString();
    const message = `a local override is in force until ${until}: end it first, or change it`;
    return { code: 'CONFLICT', message };
  }

  async take(entry: TakenEntry): Promise<TargetOutcome> {
    return await this.#inTurn(() => this.#take(entry));
  }

  async #take({ content, seq }: TakenEntry): Promise<TargetOutcome> {
    const { applier, source } = this.#options;
    if (applier.settings.config.configOwner !== 'hub') return notOurs();
    if (this.#override.current !== undefined) return this.#override.defer(seq, content);
    const former = textInForce(source, applier);
    const composed = composeConfig(former, content);
    if (!composed.ok) {
      await applier.noteRefusal(composed.refusal, 'hub');
      const { refusal } = composed;
      const faults = travelFaults((refusal.details?.['faults'] ?? []) as []);
      return { ...refusedOutcome(refusal, content), faults };
    }
    const tried = await this.#tryOut([seq], composed.value, former);
    return tried.ok ? tried.value : refusedOutcome(tried.refusal, content);
  }

  /** What is another config than the one in force is on trial behind this, together with any before it. */
  async #tryOut(
    entries: readonly number[],
    text: string,
    former: string,
  ): Promise<Result<TargetOutcome>> {
    const { applier, clock, devices } = this.#options;
    const before = this.#trial;
    const well = wellDevices(devices());
    const seqs = [...(before?.seqs ?? []).filter((one) => !entries.includes(one)), ...entries];
    const [from, awaited] = [before?.former ?? former, before?.awaited ?? []];
    // On disk before it is in force: who dies in between still knows what to return to.
    this.#keep({ seqs, former: from, awaited: [...new Set([...awaited, ...well])] });
    const result = await applier.apply(text, 'hub');
    if (!result.ok) {
      this.#keep(before);
      return result;
    }
    const { changed, hash: inForce, touched } = result.value;
    if (!changed && before === undefined) {
      this.#keep(undefined);
      return succeed({ result: 'applied', inForce });
    }
    if (changed) {
      this.#trialBeganMs = clock.monotonicMs();
      this.#hubHeard = false;
    }
    const left = new Set(applier.settings.config.devices.map(({ id }) => id));
    const waitsFor = [...awaited, ...well.filter((id) => touched.includes(id))];
    this.#keep({
      seqs,
      former: from,
      awaited: [...new Set(waitsFor)].filter((id) => left.has(id)),
    });
    return succeed({ result: 'trial', inForce });
  }

  /** Ends a trial that is over, one way or the other, and an override. */
  async judge(): Promise<void> {
    if (this.#judging) return;
    this.#judging = true;
    try {
      await this.#inTurn(() => this.#judge());
    } finally {
      this.#judging = false;
    }
  }

  async #judge(): Promise<void> {
    if (this.#override.current !== undefined) return await this.#override.tick();
    const trial = this.#trial;
    if (trial === undefined) return;
    const { applier, clock, devices, log, say } = this.#options;
    const ranMs = clock.monotonicMs() - this.#trialBeganMs;
    const verdict = judgeTrial(trial, ranMs, this.#hubHeard, devices());
    if (verdict.type === 'wait') return;
    try {
      if (verdict.type === 'return') return await this.#return(trial, verdict);
      this.#keep(undefined);
      const { hash: inForce } = applier.view();
      log.info({ entries: trial.seqs, hash: inForce }, 'config.confirmed');
      for (const seq of trial.seqs) say(seq, { result: 'applied', inForce });
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'config.trial-failed');
    }
  }

  /** The former content, under an entry of its own. What fails is tried again. */
  async #return(
    trial: ConfigTrial,
    { code, reason }: Extract<TrialVerdict, { type: 'return' }>,
  ): Promise<void> {
    const { applier, changed, log, say } = this.#options;
    const result = await applier.apply(trial.former, 'hub');
    if (!result.ok) {
      log.error({ ...result.refusal }, 'config.not-returned');
      return;
    }
    this.#keep(undefined);
    const message = `the former configuration is in force again: ${reason}`;
    const { refusal } = refuse(code, message);
    await applier.noteRefusal(refusal, 'hub');
    const { hash: inForce } = result.value;
    for (const seq of trial.seqs) say(seq, { result: 'returned', code, text: message, inForce });
    changed();
  }

  #overrideReport(): ConfigReport['override'] {
    const view = this.#override.view();
    if (view === undefined) return undefined;
    const { by, reason, sinceMs, untilMs } = view;
    return { by, reason, sinceMs, untilMs };
  }

  /** One after the other: a push, a person and the clock may come at once. */
  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  get #state(): JsonFile<HubConfigState> {
    assert(this.#file !== undefined, 'the config of the hub is started before it is used');
    return this.#file;
  }

  get #trial(): ConfigTrial | undefined {
    return this.#state.value.trial;
  }

  #keep(trial: ConfigTrial | undefined): void {
    const { trial: _former, ...rest } = this.#state.value;
    this.#state.write(trial === undefined ? rest : { ...rest, trial });
  }
}

function notOurs(): TargetOutcome {
  return {
    result: 'refused',
    code: 'CONFLICT',
    text: 'its own file owns the configuration of this gateway (configOwner)',
  };
}
