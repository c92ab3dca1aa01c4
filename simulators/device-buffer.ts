/**
 * What a device keeps until it is acknowledged, in order. Sending again begins at the oldest
 * message without acknowledgement, so a receiver may see a message twice, but never out of order
 * within one connection.
 */
export class DeviceBuffer<M> {
  readonly #window: number;
  #messages: { readonly message: M; acknowledged: boolean }[] = [];
  /** Index of the first message that this connection has not sent yet. */
  #unsent = 0;
  #underWay = 0;

  /** @param window how many messages may be under way at once. */
  constructor(window: number) {
    this.#window = window;
  }

  add(message: M): void {
    this.#messages.push({ message, acknowledged: false });
  }

  /** The next message that may be sent now; undefined: the window is full or nothing is left. */
  take(): { readonly message: M; readonly acknowledge: () => boolean } | undefined {
    if (this.#underWay >= this.#window) return undefined;
    while (this.#messages[this.#unsent]?.acknowledged === true) this.#unsent += 1;
    const entry = this.#messages[this.#unsent];
    if (entry === undefined) return undefined;
    this.#unsent += 1;
    this.#underWay += 1;
    return { message: entry.message, acknowledge: () => this.#acknowledge(entry) };
  }

  /** The connection is gone: everything without acknowledgement is unsent again. */
  rewind(): void {
    this.#messages = this.#messages.filter(({ acknowledged }) => !acknowledged);
    this.#unsent = 0;
    this.#underWay = 0;
  }

  /** A device without memory forgets. @returns what it forgot. */
  forget(): readonly M[] {
    const lost = this.#messages.filter(({ acknowledged }) => !acknowledged);
    this.#messages = [];
    this.rewind();
    return lost.map(({ message }) => message);
  }

  /** Messages without acknowledgement. */
  get waiting(): number {
    let waiting = 0;
    for (const { acknowledged } of this.#messages) if (!acknowledged) waiting += 1;
    return waiting;
  }

  /** @returns whether this was the first acknowledgement of the message. */
  #acknowledge(entry: { acknowledged: boolean }): boolean {
    if (entry.acknowledged) return false;
    entry.acknowledged = true;
    this.#underWay = Math.max(0, this.#underWay - 1);
    while (this.#messages[0]?.acknowledged === true && this.#unsent > 0) {
      this.#messages.shift();
      this.#unsent -= 1;
    }
    return true;
  }
}
