import type { Logger } from 'pino';
import { Fault, messageOf, refuse, succeed, type Refusal, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { ConfigFault } from '#contracts/config-fault.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { configFaultsOf, configOf } from '../config/load-config.ts';
import type { SiteConfigText } from '../config/site-config.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import { configHash, redacted } from './config-hash.ts';
import type { ConfigSource } from './config-source.ts';
import { diffConfig, touchedDevices, type ConfigDiff } from './diff-config.ts';
import type { KeptConfig } from './kept-config.ts';
import type { StagedFile } from './staged-file.ts';
import { tryLiveSettings, type LiveSettings } from './live-settings.ts';

/** `override`: a person's own, for a while. To observers it is as one of the file. */
export type ConfigOrigin = 'file' | 'hub' | 'override';

/** The running parts of a gateway that a config change touches. */
export interface LiveParts {
  /** Moves listeners. @throws where one cannot start, with the former ones in place. */
  listeners(diff: ConfigDiff, from: LiveSettings, to: LiveSettings): Promise<void>;
  /** Takes an entry; resolves once it is durable. @throws Fault UNAVAILABLE where it cannot be. */
  append(body: IntakeBody): Promise<void>;
  /** Gives devices their access; touches those in the diff alone. */
  devices(diff: ConfigDiff, to: LiveSettings): Promise<void>;
}

export interface ConfigApplierOptions extends ConfigSource {
  /** What the gateway was started with. */
  readonly settings: LiveSettings;
  readonly parts: LiveParts;
  /** Writes what is in force for the next start. */
  readonly keep: (kept: KeptConfig) => void;
  /** Prepares a text to become the content of the gateway's file. @throws where it cannot. */
  readonly stage: (text: string) => StagedFile;
  /** Why a config of this origin is not to take effect now; undefined: it may. */
  readonly bars?: (origin: ConfigOrigin) => Refusal | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What became of a config that was to take effect. */
export interface ApplyReport {
  /** Something is another thing than before; false: nothing was touched. */
  readonly changed: boolean;
  readonly hash: string;
  /** Devices that were let go, or whose session began anew. */
  readonly touched: readonly string[];
  readonly listeners: readonly ('mqtt' | 'http')[];
  readonly warnings: readonly ConfigFault[];
}

/** What is in force, and what last was not to be. */
export interface ConfigView {
  readonly hash: string;
  /** Of what observers work from, as in `gateway.config-applied`. */
  readonly siteHash: string;
  readonly file: string;
  readonly appliedAtMs: number;
  readonly refused?: {
    readonly atMs: number;
    readonly code: string;
    readonly message: string;
    readonly faults: readonly ConfigFault[];
  };
  readonly config: unknown;
}

/**
 * Puts configs in force while the gateway runs, one after the other, touching nothing but what is
 * different. All or nothing: where any of it cannot be, the former config is in force again.
 */
export class ConfigApplier {
  readonly #options: ConfigApplierOptions;
  #settings: LiveSettings;
  #appliedAtMs: number;
  #refused: ConfigView['refused'];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ConfigApplierOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#appliedAtMs = options.clock.nowMs();
    if (options.refused !== undefined) this.#refused = this.#refusedView(options.refused);
  }

  get settings(): LiveSettings {
    return this.#settings;
  }

  view(): ConfigView {
    const { config, site } = this.#settings;
    const refused = this.#refused;
    return {
      hash: configHash(config),
      siteHash: site.hash,
      file: this.#options.file,
      appliedAtMs: this.#appliedAtMs,
      ...(refused && { refused }),
      config: redacted(config),
    };
  }

  /** What is in force now is what the next start falls back to. */
  keep(): void {
    const { file, keep, log } = this.#options;
    try {
      keep({ file, appliedAtMs: this.#appliedAtMs, config: this.#settings.config });
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'config.not-kept');
    }
  }

  /**
   * Applies a text, as if it stood in the gateway's file, which it does once it is in force; or,
   * without one, what the file holds now. Waits for those before it.
   *
   * @returns refusal CONFIG_INVALID with `details.faults`, CONFLICT for what cannot change while
   *   the gateway runs or is barred, IDENTITY_MISSING for a secret, UNAVAILABLE while intake holds or where a
   *   listener cannot start. Nothing has changed then.
   */
  async apply(text: string | undefined, origin: ConfigOrigin): Promise<Result<ApplyReport>> {
    const turn = this.#turn.then(() => this.#apply(text, origin));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  async #apply(text: string | undefined, origin: ConfigOrigin): Promise<Result<ApplyReport>> {
    const { bars, check, log } = this.#options;
    const barred = bars?.(origin);
    const checked = check(text);
    const config =
      barred === undefined ? configOf(checked) : ({ ok: false, refusal: barred } as const);
    const result = config.ok ? await this.#change(config.value, text, origin) : config;
    if (!result.ok) {
      await this.noteRefusal(result.refusal, origin);
      return result;
    }
    this.#refused = undefined;
    const { warnings } = checked;
    const { changed, hash, listeners, touched } = result.value;
    log.info({ changed, hash, listeners, origin, touched }, 'config.applied');
    return succeed({ ...result.value, warnings });
  }

  async #change(
    config: GatewayConfig,
    text: string | undefined,
    origin: ConfigOrigin,
  ): Promise<Result<Omit<ApplyReport, 'warnings'>>> {
    const read = tryLiveSettings(config);
    if (!read.ok) return read;
    const [from, to] = [this.#settings, read.value];
    const diff = diffConfig(from, to);
    if (diff.fixed.length > 0) {
      return refuse('CONFLICT', 'parts of it cannot change live', { faults: diff.fixed });
    }
    const report = {
      changed: !diff.isSame,
      hash: configHash(config),
      touched: touchedDevices(diff),
      listeners: [
        ...(diff.mqttListener === 'address' ? (['mqtt'] as const) : []),
        ...(diff.httpListener === 'kept' ? [] : (['http'] as const)),
      ],
    };
    const staged = this.#stage(text);
    if (!staged.ok) return staged;
    const failed = diff.isSame ? undefined : await this.#putInForce(diff, from, to, origin);
    if (failed !== undefined) {
      staged.value?.discard();
      return failed;
    }
    staged.value?.commit();
    return succeed(report);
  }

  /** What cannot be kept is not put in force: the next start would undo it. */
  #stage(text: string | undefined): Result<StagedFile | undefined> {
    if (text === undefined) return succeed(undefined);
    const { file, stage } = this.#options;
    try {
      return succeed(stage(text));
    } catch (error) {
      const why = `${file} cannot be written: put it there and apply it: ${messageOf(error)}`;
      return refuse('UNAVAILABLE', why);
    }
  }

  /** @returns why the former config is in force again. */
  async #putInForce(diff: ConfigDiff, from: LiveSettings, to: LiveSettings, origin: ConfigOrigin) {
    const { clock, parts } = this.#options;
    const back = diffConfig(to, from);
    let reached: 'nothing' | 'listeners' | 'entry' = 'nothing';
    try {
      // What may fail comes first, when there is least to take back.
      await parts.listeners(diff, from, to);
      reached = 'listeners';
      if (diff.site) await parts.append(configEntry(to.site, origin));
      reached = 'entry';
      await parts.devices(diff, to);
    } catch (error) {
      if (reached === 'entry') await parts.devices(back, from);
      if (reached === 'entry' && diff.site) await parts.append(configEntry(from.site, origin));
      if (reached !== 'nothing') await parts.listeners(back, to, from);
      const code = error instanceof Fault ? error.code : 'UNAVAILABLE';
      return refuse(code, `the former configuration is in force again: ${messageOf(error)}`);
    }
    this.#settings = to;
    this.#appliedAtMs = clock.nowMs();
    this.keep();
    return undefined;
  }

  /** A config was not to be: it is logged, shown, and an event, unless it was the last such. */
  async noteRefusal(refusal: Refusal, origin: ConfigOrigin): Promise<void> {
    const { log, parts } = this.#options;
    const before = this.#refused;
    const view = this.#refusedView(refusal);
    this.#refused = view;
    const { code, faults, message } = view;
    log.error({ code, faults: faults.slice(0, 20), message, origin }, 'config.refused');
    // Whoever pushes the same over and over again is heard once.
    if (before?.code === code && before.message === message) return;
    const text = message.slice(0, 500);
    await parts
      .append({
        type: 'config-refused',
        origin: entryOrigin(origin),
        code,
        faults: faults.length,
        text,
      })
      .catch(() => undefined);
  }

  #refusedView({ code, details, message }: Refusal) {
    return { atMs: this.#options.clock.nowMs(), code, message, faults: configFaultsOf(details) };
  }
}

function configEntry({ hash, text }: SiteConfigText, origin: ConfigOrigin): IntakeBody {
  return { type: 'config', origin: entryOrigin(origin), hash, config: text };
}

function entryOrigin(origin: ConfigOrigin): 'file' | 'hub' {
  return origin === 'override' ? 'file' : origin;
}
