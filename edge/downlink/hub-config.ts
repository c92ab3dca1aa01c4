import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ConfigReport } from '#contracts/downlink.ts';
import { messageOf, refuse } from '#contracts/fault.ts';
import type { DeviceHealth } from '#contracts/now-lane.ts';
import type { Clock } from '#contracts/time.ts';
import { configHash } from '../live/config-hash.ts';
import type { ConfigApplier } from '../live/config-applier.ts';
import type { ConfigSource } from '../live/config-source.ts';
import { configOf } from '../config/load-config.ts';
import { composeConfig } from './compose-config.ts';
import {
  judgeTrial,
  trialMs,
  wellDevices,
  type ConfigTrial,
  type TrialVerdict,
} from './config-trial.ts';
import type { DownlinkTarget, SayLater, TakenEntry, TargetOutcome } from './downlink-target.ts';
import { openJsonFile, type JsonFile } from './json-file.ts';
import { refusedOutcome, travelFaults } from './outcome-words.ts';

export interface HubConfigOptions {
  readonly dataDir: string;
  readonly source: ConfigSource;
  readonly applier: ConfigApplier;
  readonly devices: () => readonly DeviceHealth[];
  readonly say: SayLater;
  /** What `report` gives is other than before. */
  readonly changed: () => void;
  readonly clock: Clock;
  readonly log: Logger;
}

interface HubConfigState {
  readonly trial?: ConfigTrial;
}

const judgeEveryMs = 1_000;

/**
 * Puts in force what the hub pushes, if this gateway's own file leaves that to the hub. What is
 * another configuration is on trial first: without word of the hub and without the devices that it
 * touched, the former one returns by itself.
 */
export class HubConfig implements DownlinkTarget {
  readonly #options: HubConfigOptions;
  #file: JsonFile<HubConfigState> | undefined;
  /** Monotonic: when the trial began, or went on in this process. */
  #trialBeganMs = 0;
  #hubHeard = false;
  #timer: NodeJS.Timeout | undefined;
  #judging = false;

  constructor(options: HubConfigOptions) {
    this.#options = options;
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
      ...(trial && { trialUntilMs: Math.round(clock.nowMs() + Math.max(0, leftMs)) }),
    };
  }

  async take({ content, seq }: TakenEntry): Promise<TargetOutcome> {
    const { applier, clock, devices } = this.#options;
    if (applier.settings.config.configOwner !== 'hub') return notOurs();
    const former = this.#textInForce();
    const composed = composeConfig(former, content);
    if (!composed.ok) {
      await applier.noteRefusal(composed.refusal, 'hub');
      const { refusal } = composed;
      const faults = travelFaults((refusal.details?.['faults'] ?? []) as []);
      return { ...refusedOutcome(refusal, content), faults };
    }
    const before = this.#trial;
    const well = wellDevices(devices());
    const seqs = [...(before?.seqs ?? []).filter((one) => one !== seq), seq];
    const [from, awaited] = [before?.former ?? former, before?.awaited ?? []];
    // On disk before it is in force: who dies in between still knows what to return to.
    this.#keep({ seqs, former: from, awaited: [...new Set([...awaited, ...well])] });
    const result = await applier.apply(composed.value, 'hub');
    if (!result.ok) {
      this.#keep(before);
      return refusedOutcome(result.refusal, content);
    }
    const { changed, hash: inForce, touched } = result.value;
    if (!changed && before === undefined) {
      this.#keep(undefined);
      return { result: 'applied', inForce };
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
    return { result: 'trial', inForce };
  }

  /** Ends a trial that is over, one way or the other. */
  async judge(): Promise<void> {
    const trial = this.#trial;
    if (trial === undefined || this.#judging) return;
    const { applier, clock, devices, log, say } = this.#options;
    const ranMs = clock.monotonicMs() - this.#trialBeganMs;
    const verdict = judgeTrial(trial, ranMs, this.#hubHeard, devices());
    if (verdict.type === 'wait') return;
    this.#judging = true;
    try {
      if (verdict.type === 'return') return await this.#return(trial, verdict);
      this.#keep(undefined);
      const { hash: inForce } = applier.view();
      log.info({ entries: trial.seqs, hash: inForce }, 'config.confirmed');
      for (const seq of trial.seqs) say(seq, { result: 'applied', inForce });
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'config.trial-failed');
    } finally {
      this.#judging = false;
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

  /** The file where it holds what is in force; else what is in force, as JSON. */
  #textInForce(): string {
    const { applier, source } = this.#options;
    const { config } = applier.settings;
    try {
      const text = readFileSync(source.file, 'utf8');
      const read = configOf(source.check(text));
      if (read.ok && configHash(read.value) === configHash(config)) return text;
    } catch {
      // What cannot be read is not what is in force.
    }
    return JSON.stringify(config, undefined, 2);
  }

  get #trial(): ConfigTrial | undefined {
    return this.#file?.value.trial;
  }

  #keep(trial: ConfigTrial | undefined): void {
    this.#file?.write(trial === undefined ? {} : { trial });
  }
}

function notOurs(): TargetOutcome {
  return {
    result: 'refused',
    code: 'CONFLICT',
    text: 'its own file owns the configuration of this gateway (configOwner)',
  };
}
