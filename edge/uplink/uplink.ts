import type { Logger } from 'pino';
import { assert, unreachable } from '#contracts/assert.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { FaultCode } from '#contracts/fault-codes.ts';
import { messageOf } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Cancel, Clock, Timers } from '#contracts/time.ts';
import { helloText, maxBatchBytes, type Hello } from '#contracts/uplink.ts';
import type { IsSigned } from '../identity/public-key.ts';
import type { JournalReader } from '../journal/journal-reader.ts';
import { systemTimers } from '../system-timers.ts';
import {
  batchMessageId,
  checkpointOf,
  createBatchEncoder,
  type BatchEncoder,
  type Pack,
  type Signer,
} from './batch-message.ts';
import type { Dial } from './dial.ts';
import type { DownlinkClient } from './downlink-client.ts';
import type { HubConnection } from './hub-connection.ts';
import type { LinkChange } from './link-change.ts';
import { createNowLane, type FactsSource, type NowLane } from './now-lane.ts';
import { knownCommitted } from './known-committed.ts';
import { readReceipt } from './read-receipt.ts';
import type { ReceiptFile } from './receipt-file.ts';
import { RepeatLog } from './repeat-log.ts';
import { step } from './uplink-machine.ts';
import {
  defaultUplinkSettings,
  initialUplinkState,
  uplinkStatus,
  type UplinkEffect,
  type UplinkInput,
  type UplinkSettings,
  type UplinkState,
  type UplinkStatus,
} from './uplink-state.ts';

export interface UplinkOptions {
  readonly address: GatewayAddress;
  readonly isSignedByHub: IsSigned;
  readonly identity: Signer;
  /** How the key of `identity` came about, for a hub that knows one from before. */
  readonly rotations?: (() => readonly NonNullable<Hello['rotations']>[number][]) | undefined;
  readonly journal: JournalReader;
  /** Where the hub's last word outlives this process; without it every start waits for the next. */
  readonly receipts?: Pick<ReceiptFile, 'read' | 'keep' | 'stop'>;
  readonly facts: FactsSource;
  readonly intake: { uplinkChanged(change: LinkChange): void | Promise<void> };
  /** Answers the hub's questions about raw evidence. */
  readonly evidence?: { answer(data: Uint8Array): Promise<Uint8Array> };
  /** What the hub wants of this gateway, asked for while a connection stands. */
  readonly downlink?: DownlinkClient | undefined;
  readonly dial: Dial;
  readonly pack?: Pack;
  readonly clock: Clock;
  readonly timers?: Timers;
  /** In [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: Logger;
  readonly settings?: Partial<UplinkSettings>;
}

export interface Uplink {
  /** Returns at once; the hub may be away for weeks. */
  start(): void;
  stop(): Promise<void>;
  status(): UplinkStatus;
  /**
   * The facts may be others now, which costs next to nothing to say. An alert that opened or closed,
   * a device that came, went or fell silent goes out at once, at most four times a second.
   */
  factsChanged(): void;
}

export function createUplink(options: UplinkOptions): Uplink {
  return new UplinkDriver(options);
}

/** Room for subject, reply and the message id in what the server counts as payload. */
const headerRoomBytes = 512;

/** Runs the machine on the real clock, the real journal and a real connection. */
class UplinkDriver implements Uplink {
  readonly #options: UplinkOptions;
  readonly #timers: Timers;
  readonly #nowLane: NowLane;
  readonly #encodeBatch: BatchEncoder;
  readonly #inputs: UplinkInput[] = [];
  readonly #repeated: RepeatLog;
  #state: UplinkState;
  #connection: HubConnection | undefined;
  #dialFault: FaultCode | undefined;
  #wake: Cancel | undefined;
  #unsubscribe: (() => void) | undefined;
  #headSeq = 0;
  #headQueued = false;
  #running = false;
  #haltedHellos = 0;
  #phase: 'new' | 'started' | 'stopped' = 'new';

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#encodeBatch = createBatchEncoder(options.identity, options.pack);
    this.#repeated = new RepeatLog(options.log, options.clock);
    const { epoch, seq } = options.journal.head();
    const settings = { ...defaultUplinkSettings, ...options.settings };
    const known = knownCommitted(options, options.isSignedByHub);
    this.#state = initialUplinkState(epoch.ordinal, seq, this.#moment(), settings, known);
    this.#nowLane = createNowLane({
      ...options,
      progress: () => ({ ...uplinkStatus(this.#state), head: options.journal.head() }),
      send: (facts) => this.#connection?.sendNow(facts),
    });
  }

  start(): void {
    assert(this.#phase === 'new', 'an uplink is started once');
    this.#phase = 'started';
    this.#unsubscribe = this.#options.journal.onCommitted((head) => this.#journalGrew(head.seq));
    this.#nowLane.start();
    this.#feed({ type: 'journal-grew', headSeq: this.#options.journal.head().seq });
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#unsubscribe?.();
    this.#wake?.();
    this.#nowLane.stop();
    const connection = this.#connection;
    this.#connection = undefined;
    await Promise.all([connection?.close(), this.#options.receipts?.stop()]);
  }

  status(): UplinkStatus {
    const fault = this.#dialFault;
    return { ...uplinkStatus(this.#state), ...(fault !== undefined && { fault }) };
  }

  factsChanged(): void {
    this.#nowLane.look();
  }

  #moment(): { monotonicMs: number; wallMs: number; random: number } {
    const { clock, random } = this.#options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs(), random: random() };
  }

  /** Called inside the journal's commit, so all work waits for the next turn. */
  #journalGrew(headSeq: number): void {
    this.#headSeq = headSeq;
    if (this.#headQueued) return;
    this.#headQueued = true;
    this.#timers.soon(() => {
      this.#headQueued = false;
      this.#feed({ type: 'journal-grew', headSeq: this.#headSeq });
    });
  }

  /** Inputs that effects cause wait until all effects of the step before are done. */
  #feed(input: UplinkInput): void {
    if (this.#phase !== 'started') return;
    this.#inputs.push(input);
    if (this.#running) return;
    this.#running = true;
    let wakeAtMs = Infinity;
    const before = this.status().state;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        const stepped = step(this.#state, next, this.#moment());
        this.#state = stepped.state;
        wakeAtMs = stepped.wakeAtMs;
        for (const effect of stepped.effects) this.#run(effect);
      }
    } finally {
      this.#running = false;
    }
    this.#wakeAt(wakeAtMs);
    if (this.status().state !== before) this.#nowLane.changed();
  }

  #wakeAt(wakeAtMs: number): void {
    this.#wake?.();
    if (wakeAtMs === Infinity) return;
    const waitMs = Math.max(1, Math.ceil(wakeAtMs - this.#options.clock.monotonicMs()));
    this.#wake = this.#timers.after(waitMs, () => this.#feed({ type: 'wake' }));
  }

  #run(effect: UplinkEffect): void {
    const { log } = this.#options;
    switch (effect.type) {
      case 'dial':
        void this.#dial();
        break;
      case 'hello':
        void this.#hello();
        break;
      case 'send':
        this.#send(effect);
        break;
      case 'link-changed':
        void this.#report(effect);
        break;
      case 'halted':
        log.error({ reason: effect.reason }, 'uplink.halted');
        break;
      case 'resumed':
        log.warn({ committedSeq: this.#state.committedSeq }, 'uplink.resumed');
        break;
      case 'rewound':
        log.info({ afterSeq: effect.afterSeq, reason: effect.reason }, 'uplink.rewound');
        break;
      case 'blocked':
        this.#repeated.say('warn', 'uplink.blocked', effect.reason);
        break;
      default:
        unreachable(effect);
    }
  }

  async #dial(): Promise<void> {
    const { dial, downlink, evidence } = this.#options;
    const connection = await dial({
      receipt: (text: string) => this.#hearReceipt(text, false),
      refused: (reason: string) => this.#repeated.say('error', 'uplink.refused-by-server', reason),
      ...(evidence && { evidence: (data: Uint8Array) => evidence.answer(data) }),
      ...(downlink && { nudged: () => downlink.nudged() }),
    });
    if ('reason' in connection) {
      const { reason, fault } = connection;
      this.#dialFault = fault;
      this.#repeated.say('warn', 'uplink.dial-failed', reason);
      this.#feed({ type: 'dial-failed', reason });
      return;
    }
    if (this.#phase === 'stopped') return await connection.close();
    this.#dialFault = undefined;
    this.#connection = connection;
    void connection.closed.then((reason) => this.#hearClosed(connection, reason));
    this.#repeated.say('info', 'uplink.connected', 'the server took the login');
    this.#feed({ type: 'connected' });
    downlink?.attach(connection);
  }

  #hearClosed(connection: HubConnection, reason: string): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#options.downlink?.attach(undefined);
    this.#repeated.say('warn', 'uplink.disconnected', reason);
    this.#feed({ type: 'disconnected', reason });
  }

  async #hello(): Promise<void> {
    const { clock, identity, journal } = this.#options;
    const connection = this.#connection;
    if (connection === undefined) return;
    const head = journal.head();
    const words = {
      epoch: head.epoch,
      head: checkpointOf(head, identity.keyId, clock.nowMs()),
      oldestSeq: journal.oldestSeq(),
      ...this.#rotations(),
      v: 1 as const,
    };
    const hello = encodeCanonical({ ...words, signature: identity.sign(helloText(words)) });
    let reply: string;
    try {
      reply = await connection.requestReceipt(hello, this.#state.settings.helloTimeoutMs);
    } catch (error) {
      if (await this.#isOver(connection)) return;
      this.#feed({ type: 'hello-failed', reason: messageOf(error) });
      return;
    }
    if (connection === this.#connection) this.#hearReceipt(reply, true);
  }

  /** Every other time while halted: a hub of an earlier release does not read a hello with them. */
  #rotations(): Pick<Hello, 'rotations'> {
    if (this.#state.halted === undefined) return {};
    this.#haltedHellos += 1;
    const rotations = this.#haltedHellos % 2 === 1 ? (this.#options.rotations?.() ?? []) : [];
    return rotations.length === 0 ? {} : { rotations: [...rotations] };
  }

  #hearReceipt(text: string, reply: boolean): void {
    const { address, isSignedByHub, journal } = this.#options;
    const read = readReceipt(text, address, isSignedByHub);
    if (!read.ok) {
      const { message: reason } = read.refusal;
      this.#repeated.say('error', 'uplink.receipt-refused', reason);
      if (reply) this.#feed({ type: 'hello-failed', reason });
      return;
    }
    const receipt = read.value;
    const { committedSeq } = this.#state;
    this.#feed({ type: 'receipt', receipt, ownHash: journal.hashAt(receipt.committed), reply });
    const isFollowed = this.#state.committedSeq === receipt.committed;
    if (isFollowed && receipt.committed !== committedSeq) this.#options.receipts?.keep(text);
  }

  /** One block is in memory at a time, however long the backlog is. */
  #send(effect: Extract<UplinkEffect, { type: 'send' }>): void {
    this.#timers.soon(() => this.#feed({ type: 'ready' }));
    const connection = this.#connection;
    if (connection === undefined) return;
    const { clock, journal } = this.#options;
    const { epoch } = journal.head();
    const room = connection.maxPayload - headerRoomBytes;
    for (let events = effect.maxEvents; events >= 1; events = Math.floor(events / 2)) {
      const run = journal.readAfter(effect.afterSeq, events, maxBatchBytes);
      if (run === undefined) {
        this.#feed({ type: 'send-failed', reason: 'the journal did not give what it holds' });
        return;
      }
      const message = this.#encodeBatch(run, epoch, clock.nowMs());
      if (message.length <= room) {
        const { firstSeq, lastSeq } = run;
        const id = batchMessageId(epoch, run, effect.round);
        void this.#publish(connection, message, id, { flight: effect.flight, lastSeq });
        this.#feed({ type: 'batch-sent', firstSeq, lastSeq });
        return;
      }
    }
    const reason = `event ${effect.afterSeq + 1} exceeds the server's max_payload of ${connection.maxPayload} bytes`;
    this.#feed({ type: 'send-failed', reason });
  }

  async #publish(
    connection: HubConnection,
    message: Uint8Array,
    id: string,
    batch: { readonly flight: number; readonly lastSeq: number },
  ): Promise<void> {
    let stored: { duplicate: boolean };
    try {
      stored = await connection.store(message, id);
    } catch (error) {
      if (await this.#isOver(connection)) return;
      this.#feed({ type: 'pub-failed', ...batch, reason: messageOf(error) });
      return;
    }
    this.#feed({ type: 'pub-acked', ...batch, duplicate: stored.duplicate });
  }

  /** Whatever was under way on a connection that ended is told by `disconnected` alone. */
  async #isOver(connection: HubConnection): Promise<boolean> {
    await new Promise<void>((resolve) => void this.#timers.soon(resolve));
    return connection !== this.#connection || connection.isGone();
  }

  async #report({ live, committedSeq, keptEvents, sinceMs }: LinkChange): Promise<void> {
    const change = {
      live,
      committedSeq,
      keptEvents,
      ...(sinceMs === undefined ? {} : { sinceMs }),
    };
    const { intake, log } = this.#options;
    if (live) {
      this.#repeated.settle();
      log.info(change, 'uplink.live');
    } else {
      // What was not there since the start is not lost.
      const event = sinceMs === undefined ? 'uplink.away' : 'uplink.lost';
      log.warn({ ...change, reason: this.status().reason }, event);
    }
    try {
      await intake.uplinkChanged(change);
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'uplink.change-not-recorded');
    }
  }
}
