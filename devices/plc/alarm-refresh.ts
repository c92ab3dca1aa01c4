import { messageOf } from '#contracts/fault.ts';
import type { OpcUaEventSource } from './opcua-driver.ts';
import type { OpcUaLink } from './opcua-link.ts';

/** While intake has no room, every refresh would be lost as well. */
const betweenMs = 10_000;

/**
 * Asks a server to tell its alarms again whenever events may have been missed: after connecting,
 * after a gap, and when the server wants to be asked (OPC UA Part 9, 4.5).
 */
export class AlarmRefresh {
  readonly #sources: readonly string[];
  #isDue = false;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(sources: readonly OpcUaEventSource[]) {
    this.#sources = sources.filter(({ events }) => events.canRefresh).map(({ name }) => name);
  }

  request(): void {
    this.#isDue = this.#sources.length > 0;
  }

  /**
   * Does it if it is due and some source is served.
   *
   * @returns undefined if it was not done now; else why the server does not, if so: then only
   *   alarms that change from now on are seen.
   */
  async run(
    link: OpcUaLink,
    refused: ReadonlyMap<string, string>,
    monotonicMs: number,
  ): Promise<{ readonly why: string | undefined } | undefined> {
    if (!this.#isDue || monotonicMs < this.#notBeforeMs) return undefined;
    if (this.#sources.every((name) => refused.has(name))) return undefined;
    this.#isDue = false;
    this.#notBeforeMs = monotonicMs + betweenMs;
    try {
      const status = await link.refreshConditions();
      return { why: status === 'Good' ? undefined : status };
    } catch (error) {
      return { why: messageOf(error) };
    }
  }
}
