import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { assert } from '#contracts/assert.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import {
  downlinkRequestText,
  maxDownlinkOutcomes,
  type DownlinkEntry,
  type DownlinkKind,
  type DownlinkOutcome,
  type DownlinkPull,
  type DownlinkReport,
  type DownlinkRequest,
} from '#contracts/downlink.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import type { Identity } from '../identity/identity.ts';
import { isSignedBy, readPublicKey } from '../identity/public-key.ts';
import type { DownlinkClient } from '../uplink/downlink-client.ts';
import type { DownlinkTarget, TargetOutcome } from './downlink-target.ts';
import { openJsonFile, type JsonFile } from './json-file.ts';
import { readAnswer, readChunk, type IsSignedByHub } from './read-answer.ts';

export interface DownlinkOptions {
  readonly dataDir: string;
  readonly address: GatewayAddress;
  readonly hub: { readonly publicKey: string };
  readonly identity: Pick<Identity, 'sign'>;
  readonly targets: Partial<Record<DownlinkKind, DownlinkTarget>>;
  readonly report: () => DownlinkReport;
  /** The hub answered what was asked at this time of the monotonic clock. */
  readonly contact: (askedAtMs: number) => void;
  /** By which signing key the hub knows this gateway, while that is being changed. */
  readonly knownAs: (keyId: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What must outlive the process. */
interface DownlinkState {
  readonly settled: number;
  /** What the hub has not heard yet. */
  readonly outcomes: readonly DownlinkOutcome[];
}

const answerWithinMs = 5_000;
/** A nudge may be lost; a hub that is restarted does not know that we are there. */
const askAnywayMs = 30_000;
const askAgainMs = [2_000, 5_000, 15_000] as const;

type Link = Parameters<DownlinkClient['attach']>[0];

/**
 * Follows the hub's log for this gateway: asks for what is next, proves it, hands it to who knows
 * its kind, and says what became of it. Each entry once, in order, through crashes and outages.
 */
export class Downlink implements DownlinkClient {
  readonly #options: DownlinkOptions;
  readonly #isSigned: IsSignedByHub;
  #file: JsonFile<DownlinkState> | undefined;
  #link: Link;
  #number = 0;
  #failures = 0;
  #asking: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @throws Fault CONFIG_INVALID when the hub's public key is none. */
  constructor(options: DownlinkOptions) {
    this.#options = options;
    const key = readPublicKey(options.hub.publicKey);
    this.#isSigned = (text, signature) => isSignedBy(key, text, signature);
  }

  /** @throws Fault STORE_BROKEN where what it knew cannot be read. */
  start(): void {
    const { clock, dataDir } = this.#options;
    this.#file = openJsonFile(join(dataDir, 'downlink.json'), { settled: 0, outcomes: [] });
    this.#number = clock.nowMs();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#link = undefined;
    await this.#asking;
  }

  attach(link: Link): void {
    this.#link = link;
    this.#failures = 0;
    if (link !== undefined) this.#ask();
  }

  nudged(): void {
    this.#ask();
  }

  /** What is reported is other than before. */
  changed(): void {
    this.#ask();
  }

  /** Says what became of an entry later than when it was taken. @throws as the file system. */
  say(kind: DownlinkKind, seq: number, outcome: TargetOutcome): void {
    const { settled, outcomes } = this.#state.value;
    this.#state.write({ settled, outcomes: this.#with(outcomes, kind, seq, outcome) });
    this.#ask();
  }

  get #state(): JsonFile<DownlinkState> {
    assert(this.#file !== undefined, 'a downlink is started before it is used');
    return this.#file;
  }

  #ask(): void {
    this.#again = true;
    if (this.#stopped || this.#asking !== undefined) return;
    this.#asking = this.#run().finally(() => {
      this.#asking = undefined;
      this.#askLater();
    });
  }

  #askLater(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#link === undefined) return;
    const waitMs = this.#again ? 0 : (askAgainMs[this.#failures - 1] ?? askAnywayMs);
    this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  async #run(): Promise<void> {
    const { log } = this.#options;
    while (this.#again && this.#link !== undefined && !this.#stopped) {
      this.#again = false;
      try {
        if (await this.#pull(this.#link)) this.#again = true;
        this.#failures = 0;
      } catch (error) {
        this.#failures += 1;
        const { code } = error instanceof Fault ? error : { code: 'LINK_DOWN' };
        const level = code === 'LINK_DOWN' ? 'debug' : 'error';
        log[level]({ code, reason: messageOf(error) }, 'downlink.failed');
        return;
      }
    }
  }

  /** One question and what follows from its answer. @returns whether there may be more. */
  async #pull(link: NonNullable<Link>): Promise<boolean> {
    const { address, clock, contact, knownAs, report } = this.#options;
    const { outcomes, settled } = this.#state.value;
    const said = outcomes.slice(0, maxDownlinkOutcomes);
    this.#number = Math.max(this.#number + 1, clock.nowMs());
    const pull: DownlinkPull = {
      ...address,
      number: this.#number,
      outcomes: said,
      report: report(),
      settled,
      type: 'pull',
      v: 1,
    };
    const askedAtMs = clock.monotonicMs();
    const text = downlinkRequestText(pull);
    const bytes = await link.requestDownlink(this.#signed(pull, text), answerWithinMs);
    const asked = { address, requestHash: hash('sha256', text), settled };
    const read = readAnswer(bytes, asked, this.#isSigned);
    if (!read.ok) throw new Fault(read.refusal.code, read.refusal.message);
    const { entry, keyId, number } = read.value;
    // An old clock came back: the hub takes our word only under a higher number.
    if (number > pull.number) {
      this.#number = number;
      return true;
    }
    contact(askedAtMs);
    if (keyId !== undefined) knownAs(keyId);
    this.#forget(said);
    if (entry !== null) await this.#take(link, entry.entry);
    return entry !== null || outcomes.length > said.length;
  }

  async #take(link: NonNullable<Link>, entry: DownlinkEntry): Promise<void> {
    const { log, targets } = this.#options;
    const { atMs, kind, seq } = entry;
    const target = (targets as Readonly<Record<string, DownlinkTarget | undefined>>)[kind];
    const outcome: TargetOutcome =
      target === undefined
        ? { result: 'refused', code: 'BAD_INPUT', text: `this gateway does not know ${kind}` }
        : await target.take({ seq, atMs, content: await this.#fetch(link, entry) });
    log.info({ kind, seq, result: outcome.result, code: outcome.code }, 'downlink.taken');
    const { outcomes } = this.#state.value;
    this.#state.write({ settled: seq, outcomes: this.#with(outcomes, kind, seq, outcome) });
  }

  async #fetch(link: NonNullable<Link>, { bytes, hash: whole, seq }: DownlinkEntry) {
    const content = new Uint8Array(bytes);
    for (let offset = 0; offset < bytes;) {
      const request = { ...this.#options.address, offset, seq, type: 'read', v: 1 } as const;
      const text = downlinkRequestText(request);
      const answer = await link.requestDownlink(this.#signed(request, text), answerWithinMs);
      const chunk = readChunk(answer, request);
      if (chunk === undefined || chunk.length > bytes - offset) {
        throw new Fault('BAD_INPUT', `entry ${seq}: the hub answered with another piece`);
      }
      content.set(chunk, offset);
      offset += chunk.length;
    }
    if (hash('sha256', content) !== whole) {
      throw new Fault('SIGNATURE_INVALID', `entry ${seq}: its content is not what was signed`);
    }
    return Buffer.from(content).toString('utf8');
  }

  #signed(request: DownlinkRequest, text: string): string {
    return encodeCanonical({ request, signature: this.#options.identity.sign(text) });
  }

  #with(
    outcomes: readonly DownlinkOutcome[],
    kind: string,
    seq: number,
    outcome: TargetOutcome,
  ): DownlinkOutcome[] {
    const others = outcomes.filter((one) => one.seq !== seq);
    return [...others, { ...outcome, atMs: this.#options.clock.nowMs(), kind, seq }];
  }

  /** The hub has heard these. */
  #forget(said: readonly DownlinkOutcome[]): void {
    if (said.length === 0) return;
    const { outcomes, settled } = this.#state.value;
    this.#state.write({ settled, outcomes: outcomes.filter((one) => !said.includes(one)) });
  }
}
