import type { FaultCode } from '#contracts/fault-codes.ts';
import { Fault } from '#contracts/fault.ts';
import type { AppliedGroup, BatchApplier } from './batch-applier.ts';
import { FairQueue, type Waiting } from './fair-queue.ts';
import { senderOf } from './open-batch.ts';
import type { StuckLanes } from './stuck-lanes.ts';

/** A message of the stream, which repeats it until it is acknowledged. */
export interface UpMessage extends Waiting {
  ack(): void;
}

/**
 * What one transaction takes, in messages and compressed bytes: some four thousand events. More of
 * them share the pages that they change, and everything else in this process waits for a tenth of
 * a second.
 */
const groupLimits = { messages: 8, bytes: 256 * 1024 };

export function newUpQueue(): FairQueue<UpMessage> {
  return new FairQueue<UpMessage>(groupLimits);
}

/** The store is in trouble, whatever the message: nothing is taken until it is well again. */
const storeFaults: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'STORE_FULL',
  'STORE_BROKEN',
  'STORE_UNSAFE',
  'STORE_VERSION',
  'UNAVAILABLE',
]);

/** Records groups of messages and acknowledges what is recorded, in this order. */
export class GroupWorker {
  readonly #applier: BatchApplier;
  readonly #stuck: StuckLanes;
  readonly #applied: (group: AppliedGroup) => void;

  constructor(parts: {
    applier: BatchApplier;
    stuck: StuckLanes;
    /** Told after every commit. */
    applied: (group: AppliedGroup) => void;
  }) {
    this.#applier = parts.applier;
    this.#stuck = parts.stuck;
    this.#applied = parts.applied;
  }

  /**
   * @param acknowledged called once all of it is decided and durable.
   * @throws Fault of the store; then nothing is acknowledged.
   */
  async take(group: readonly UpMessage[], acknowledged?: () => void): Promise<void> {
    const applied = await this.#apply(group);
    this.#stuck.settle();
    for (const message of group) message.ack();
    acknowledged?.();
    for (const done of applied) this.#applied(done);
  }

  /**
   * A message that our own code stumbles over must not keep back those of others: its lane is stuck,
   * and alone. What is dropped here is with its gateway, which sends it again.
   */
  async #apply(group: readonly UpMessage[]): Promise<AppliedGroup[]> {
    const due = group.filter(({ subject }) => !this.#stuck.waits(gatewayOf(subject)));
    const [first, ...others] = due;
    if (first === undefined) return [];
    try {
      return [await this.#applier.apply(due)];
    } catch (error) {
      if (error instanceof Fault && storeFaults.has(error.code)) throw error;
      if (others.length === 0) {
        this.#stuck.failed(gatewayOf(first.subject), error);
        return [];
      }
    }
    const applied: AppliedGroup[] = [];
    for (const message of due) applied.push(...(await this.#apply([message])));
    return applied;
  }
}

function gatewayOf(subject: string): string {
  return senderOf(subject)?.gateway ?? '';
}
