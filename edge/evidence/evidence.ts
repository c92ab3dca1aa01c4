import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { pinnedKinds, type EvidenceReply } from '#contracts/evidence.ts';
import { messageOf } from '#contracts/fault.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import type { EvidenceAnswer } from './answer-request.ts';
import type { KeeperStatus } from './evidence-keeper.ts';
import { readRequest } from './read-request.ts';
import { defaultLimits, type CutLimits } from './segment-cutter.ts';
import type { FromWorker, ToWorker, WorkerData } from './worker-messages.ts';

export interface EvidenceOptions {
  readonly address: GatewayAddress;
  /** Base64 of the raw Ed25519 key: only its owner is answered. */
  readonly hubPublicKey: string;
  readonly dataDir: string;
  readonly budgetBytes: number;
  readonly pinDays: number;
  readonly intakeBudgetBytes: number;
  readonly floorBytes: number;
  readonly intake: Pick<IntakeLog, 'append' | 'keepAfter' | 'keptBytes'>;
  /** The last intake position that the journal is done with. */
  readonly cursor: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when only a new process may go on. */
  readonly fatal: (error: unknown) => void;
  readonly limits?: CutLimits;
}

/** Raw evidence: sealed, pinned, pruned and given out by a thread of its own. */
export interface Evidence {
  start(): void;
  stop(): Promise<void>;
  /** undefined until the keeper stands. */
  status(): KeeperStatus | undefined;
  /** The answer to a request of the hub, which is never more than one message. */
  answer(data: Uint8Array): Promise<Uint8Array>;
}

/** Where the config says nothing. */
export const defaultEvidence = { budgetBytes: 4 * 1024 ** 3, pinDays: 90 } as const;

/** Far more than a segment's open leaves; without it, garbage would wait for gigabytes. */
const resourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 4 };
const advanceMs = 1_000;
/** How soon it is seen that devices send much. */
const lookMs = 100;
const restartMs = 10_000;
/** Sealing waits while more than this comes in, as long as the intake log has room for it. */
const busyEntriesPerSecond = 5_000;
const dayMs = 24 * 3_600_000;
/** Questions that wait at once. */
const maxWaiting = 16;
const answerWithinMs = 20_000;
/**
 * Of the intake budget, which a log that is trimmed always fills: what is kept for want of a segment
 * before sealing goes on whatever comes in, before it is given up, and before it is let go.
 */
const pressAt = 1.25;
const giveUpAt = 2;
const letGoAt = 3;

/** Nothing runs before `start`. */
export function createEvidence(options: EvidenceOptions): Evidence {
  return new EvidencePart(options);
}

class EvidencePart implements Evidence {
  readonly #options: EvidenceOptions;
  readonly #waiting = new Map<number, (answer: EvidenceAnswer) => void>();
  #worker: Worker | undefined;
  #exited: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #status: KeeperStatus | undefined;
  #lastId = 0;
  #failure = '';
  #gaveUpPos = 0;
  #seenPos = 0;
  #mayRead = true;
  #looks = 0;
  #stopped = false;

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.intake.keepAfter(0);
    this.#seenPos = this.#options.cursor();
    this.#launch();
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#restart);
    this.#tell({ type: 'stop' });
    await this.#exited;
  }

  status(): KeeperStatus | undefined {
    return this.#status;
  }

  async answer(data: Uint8Array): Promise<Uint8Array> {
    const { address, hubPublicKey } = this.#options;
    const request = readRequest(data, address, hubPublicKey);
    if (!request.ok) {
      const reason = request.refusal.code === 'SIGNATURE_INVALID' ? 'not-signed' : 'unreadable';
      this.#options.log.warn({ reason: request.refusal.message }, 'evidence.request-refused');
      return encodeAnswer(refusal(reason, request.refusal.message));
    }
    if (this.#worker === undefined) return encodeAnswer(refusal('not-ready', 'try again later'));
    if (this.#waiting.size >= maxWaiting) return encodeAnswer(refusal('busy', 'try again later'));
    const id = (this.#lastId += 1);
    const answer = await new Promise<EvidenceAnswer>((resolve) => {
      const late = setTimeout(
        () => this.#settle(id, refusal('busy', 'no answer in time')),
        answerWithinMs,
      );
      this.#waiting.set(id, (given) => {
        clearTimeout(late);
        resolve(given);
      });
      this.#tell({ type: 'ask', id, request: request.value });
    });
    return encodeAnswer(answer);
  }

  #launch(): void {
    const { budgetBytes, clock, dataDir, floorBytes, intakeBudgetBytes, pinDays } = this.#options;
    const limits = this.#options.limits ?? {
      ...defaultLimits,
      // The intake log holds what is not sealed yet: a segment has to fit into it some times.
      segmentBytes: Math.min(defaultLimits.segmentBytes, Math.floor(intakeBudgetBytes / 4)),
    };
    const pinMs = pinDays * dayMs;
    const nowMs = clock.nowMs();
    const data: WorkerData = {
      dataDir,
      budgetBytes,
      floorBytes,
      pinMs,
      pinnedKinds,
      limits,
      nowMs,
    };
    const worker = new Worker(new URL('./evidence-worker.ts', import.meta.url), {
      workerData: data,
      name: 'evidence',
      resourceLimits,
    });
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#hear(message));
    worker.on('error', (error) => this.#fail(messageOf(error), false));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        resolve();
        this.#gone();
      });
    });
    this.#advance();
  }

  #gone(): void {
    this.#worker = undefined;
    for (const id of this.#waiting.keys())
      this.#settle(id, refusal('not-ready', 'try again later'));
    if (this.#stopped) return;
    this.#restart = setTimeout(() => this.#launch(), restartMs);
  }

  /** The thread is told of the passing of time, and at once when it may no longer read, or again. */
  #look(): void {
    const { cursor, intake, intakeBudgetBytes } = this.#options;
    const pos = cursor();
    const isBusy = (pos - this.#seenPos) * 1000 > busyEntriesPerSecond * lookMs;
    this.#seenPos = pos;
    const mayRead = !isBusy || intake.keptBytes > pressAt * intakeBudgetBytes;
    this.#looks += 1;
    if (mayRead === this.#mayRead && this.#looks * lookMs < advanceMs) return;
    this.#mayRead = mayRead;
    this.#advance();
  }

  #advance(): void {
    const { clock, cursor, intake, intakeBudgetBytes, log } = this.#options;
    this.#looks = 0;
    this.#tell({ type: 'advance', nowMs: clock.nowMs(), mayRead: this.#mayRead });
    const pos = cursor();
    if (intake.keptBytes <= giveUpAt * intakeBudgetBytes) return;
    if (pos <= this.#gaveUpPos || pos <= (this.#status?.coveredPos ?? 0)) return;
    this.#gaveUpPos = pos;
    log.error({ pos, keptBytes: intake.keptBytes }, 'evidence.given-up');
    this.#tell({ type: 'give-up', pos });
    // A keeper that does not even answer must not fill the disk; it will find the gap and say it.
    if (intake.keptBytes > letGoAt * intakeBudgetBytes) intake.keepAfter(pos);
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #hear(message: FromWorker): void {
    const { clock, intake } = this.#options;
    switch (message.type) {
      case 'status':
        this.#status = message.status;
        intake.keepAfter(message.status.coveredPos);
        break;
      case 'notice': {
        const { id, notice } = message;
        this.#logNotice(notice.kind, notice.payload);
        intake.append({ type: 'evidence', ...notice }, clock.nowMs(), () =>
          this.#tell({ type: 'noted', id }),
        );
        break;
      }
      case 'answer':
        this.#settle(message.id, message.answer);
        break;
      case 'failed':
        this.#fail(message.reason, message.fatal);
        break;
    }
  }

  #logNotice(kind: string, payload: object): void {
    const { log } = this.#options;
    if (kind === 'evidence.lost') log.error(payload, 'evidence.lost');
    else if ('pinned' in payload && payload.pinned === true) {
      log.error(payload, 'evidence.pinned-pruned');
    } else log.debug({ kind, ...payload }, 'evidence.noticed');
  }

  /** The same trouble every few seconds is said once. */
  #fail(reason: string, fatal: boolean): void {
    const { log } = this.#options;
    if (this.#failure === reason) log.debug({ reason }, 'evidence.failed');
    else log.error({ reason }, 'evidence.failed');
    this.#failure = reason;
    if (fatal) this.#options.fatal(new Error(`evidence.db: ${reason}`));
  }

  #settle(id: number, answer: EvidenceAnswer): void {
    this.#waiting.get(id)?.(answer);
    this.#waiting.delete(id);
  }
}

function refusal(
  reason: Extract<EvidenceReply, { type: 'refused' }>['reason'],
  detail: string,
): EvidenceAnswer {
  return { reply: { type: 'refused', v: 1, reason, detail: detail.slice(0, 300) } };
}

/** Head and bytes of an answer as one message. */
function encodeAnswer({ reply, bytes }: EvidenceAnswer): Uint8Array {
  const head = Buffer.from(`${JSON.stringify(reply)}\n`, 'utf8');
  return bytes === undefined ? head : Buffer.concat([head, bytes]);
}
