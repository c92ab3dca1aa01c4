/** A message that waits: of one lane, at one place in the stream. */
export interface Waiting {
  readonly subject: string;
  /** Sequence in the stream. */
  readonly seq: number;
  readonly data: Uint8Array;
}

export interface GroupLimits {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Messages between the wire and the next transaction. Lanes take turns, each in its own order, so
 * that one fresh event never waits for another gateway's whole backlog.
 */
export class FairQueue<M extends Waiting> {
  readonly #limits: GroupLimits;
  readonly #lanes = new Map<string, M[]>();
  #highest = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(limits: GroupLimits) {
    this.#limits = limits;
  }

  add(message: M): void {
    const lane = this.#lanes.get(message.subject);
    if (lane === undefined) this.#lanes.set(message.subject, [message]);
    else lane.push(message);
    this.#highest = Math.max(this.#highest, message.seq);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** One transaction's worth of what is here; waits for a first message. Empty at the end. */
  async take(): Promise<M[]> {
    while (this.#lanes.size === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#ended ? [] : this.#group();
  }

  /**
   * Everything in the stream up to here was taken, provided that what was taken before was dealt
   * with: messages come in the stream's order.
   */
  get takenUpTo(): number {
    let upTo = this.#highest;
    for (const [first] of this.#lanes.values()) {
      if (first !== undefined) upTo = Math.min(upTo, first.seq - 1);
    }
    return upTo;
  }

  #group(): M[] {
    const group: M[] = [];
    let bytes = 0;
    while (group.length < this.#limits.messages) {
      const [next] = this.#lanes;
      const message = next?.[1][0];
      if (next === undefined || message === undefined) break;
      bytes += message.data.length;
      if (group.length > 0 && bytes > this.#limits.bytes) break;
      group.push(message);
      const [subject, lane] = next;
      lane.shift();
      // Behind all others, so that they have their turn first, also in the next group.
      this.#lanes.delete(subject);
      if (lane.length > 0) this.#lanes.set(subject, lane);
    }
    return group;
  }
}
