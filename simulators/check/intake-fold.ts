import { createHash } from 'node:crypto';
import type { IntakeLine, SentRecord } from './evidence.ts';
import type { Finding } from './finding.ts';

/** Reads one gateway's intake log and says what was promised to a device and is not in it. */
export class IntakeFold {
  readonly #gateway: string;
  readonly #kept = new Set<string>();
  #lastPos: number | undefined;
  readonly #findings: Finding[] = [];
  #messages = 0;

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  get messages(): number {
    return this.#messages;
  }

  add(line: IntakeLine): void {
    this.#checkPosition(line.pos);
    if (typeof line.device !== 'string') return;
    const { device, payload, sha256 } = line;
    if (typeof payload === 'string' && payload.length > 0) {
      this.#messages += 1;
      // The hash is taken from the bytes that are there, not from what the log says of them.
      const hash = createHash('sha256').update(Buffer.from(payload, 'base64')).digest('hex');
      this.#kept.add(`${device} ${hash}`);
    } else if (typeof sha256 === 'string') {
      this.#messages += 1;
      this.#kept.add(`${device} ${sha256}`);
    }
  }

  /** @param acknowledged every message that the gateway acknowledged to a device. */
  findings(acknowledged: Iterable<SentRecord>): Finding[] {
    const lost: Finding[] = [];
    for (const { gateway, device, sha256 } of acknowledged) {
      if (gateway !== this.#gateway || this.#kept.has(`${device} ${sha256}`)) continue;
      const what = `${gateway}: ${device} was acknowledged ${sha256}, which is not in the intake log`;
      lost.push({ kind: 'lost', what });
    }
    return [...this.#findings, ...lost];
  }

  /** Entries that were observed may be pruned from the front; a hole behind that is a loss. */
  #checkPosition(pos: number): void {
    if (this.#lastPos !== undefined && pos !== this.#lastPos + 1) {
      const what = `${this.#gateway}: intake position ${pos} follows ${this.#lastPos}`;
      this.#findings.push({ kind: pos > this.#lastPos ? 'lost' : 'doubled', what });
    }
    this.#lastPos = pos;
  }
}
