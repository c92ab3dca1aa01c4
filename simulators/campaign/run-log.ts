import type { Logger } from 'pino';

/** What the machines of a run say, the last lines of it, for whoever has to understand a failure. */
export class RunLog {
  readonly lines: string[] = [];
  readonly #nowMs: () => number;
  readonly #most: number;

  constructor(nowMs: () => number, most = 400) {
    this.#nowMs = nowMs;
    this.#most = most;
  }

  say(machine: string, text: string): void {
    if (this.#most === 0) return;
    this.lines.push(`${(this.#nowMs() / 1000).toFixed(3).padStart(8)} ${machine} ${text}`);
    if (this.lines.length > this.#most) this.lines.shift();
  }

  /** A logger as production code wants it. */
  of(machine: string): Logger {
    const at = (level: string) => (fields: object, event: string) => {
      const { err, ...rest } = fields as { err?: unknown };
      const why = err instanceof Error ? ` ${err.message}` : '';
      this.say(machine, `${level} ${event} ${JSON.stringify(rest)}${why}`);
    };
    const silent = () => {};
    const logger = {
      fatal: at('fatal'),
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: silent,
      trace: silent,
    };
    return logger as unknown as Logger;
  }
}
