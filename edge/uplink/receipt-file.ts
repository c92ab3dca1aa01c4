import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Logger } from 'pino';
import { messageOf } from '#contracts/fault.ts';

/** How far the file may lie behind the hub's last word. */
const writeEveryMs = 5_000;

/**
 * The hub's last receipt, kept so that a gateway which starts while the hub is away knows what waits
 * since when. What is read is as old as it may be and proves nothing until it is verified.
 */
export class ReceiptFile {
  readonly #path: string;
  readonly #log: Logger;
  #wanted: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** @returns undefined where there is none, or none that can be read. */
  read(): string | undefined {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#complain(error);
      return undefined;
    }
  }

  /** Returns at once. The first is written soon, then at most one per `writeEveryMs`. */
  keep(text: string): void {
    this.#wanted = text;
    if (this.#timer !== undefined) return;
    this.#flush();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#wanted !== undefined) this.keep(this.#wanted);
    }, writeEveryMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    const text = this.#wanted;
    if (text === undefined) return;
    this.#wanted = undefined;
    this.#writing = this.#writing.then(() => this.#write(text));
  }

  /** Without it the gateway only shows a longer backlog after a start: no fault that stops it. */
  async #write(text: string): Promise<void> {
    const temporary = `${this.#path}.new`;
    try {
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
      this.#failed = false;
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (!this.#failed) this.#log.warn({ reason: messageOf(error) }, 'uplink.receipt-not-kept');
    this.#failed = true;
  }
}
