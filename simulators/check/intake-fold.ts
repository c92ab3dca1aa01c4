import { createHash } from 'node:crypto';
import type { IntakeLine, SentRecord } from './evidence.ts';
import type { Finding } from './finding.ts';

/** Reads one gateway's intake log and says what was promised to a device and is not in it. */
export class IntakeFold {
  readonly #gateway: string;
  /**
   * Device and hash → how many such messages are there for which no promise was looked up yet.
   * Equal messages are counted: where two were acknowledged, one is not enough.
   */
  readonly #kept = new Map<string, number>();
  readonly #messagesOf = new Map<string, number>();
  readonly #firstSeenMs = new Map<string, number>();
  readonly #findings: Finding[] = [];
  #lastPos: number | undefined;
  #promises = 0;
  #bootMs = 0;
  #lastMs = 0;

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  get gateway(): string {
    return this.#gateway;
  }

  /** Where reading ended; 0 before anything was read. */
  get lastPos(): number {
    return this.#lastPos ?? 0;
  }

  /** How many acknowledged messages were looked up. */
  get promises(): number {
    return this.#promises;
  }

  /** How many messages of a device are there, read by the gateway or not. */
  messagesOf(device: string): number {
    return this.#messagesOf.get(device) ?? 0;
  }

  /** For how long the gateway had been up when it wrote its last entry. */
  get lastLifeMs(): number {
    return this.#lastMs - this.#bootMs;
  }

  /** Whether a device had been connected before that time: only then it could be missed. */
  wasSeenBefore(device: string, atMs: number): boolean {
    return (this.#firstSeenMs.get(device) ?? Number.POSITIVE_INFINITY) < atMs;
  }

  add(line: IntakeLine): void {
    this.#checkPosition(line.pos);
    const { connected, device, payload, qos, receivedAtMs, sha256 } = line;
    this.#lastMs = receivedAtMs ?? this.#lastMs;
    if (line.type === 'boot') this.#bootMs = this.#lastMs;
    if (typeof device !== 'string') return;
    if (connected === true && receivedAtMs !== undefined && !this.#firstSeenMs.has(device)) {
      this.#firstSeenMs.set(device, receivedAtMs);
    }
    const hash = typeof payload === 'string' && payload !== '' ? hashOf(payload) : sha256;
    if (typeof hash !== 'string') return;
    this.#messagesOf.set(device, this.messagesOf(device) + 1);
    if (qos === 0) return;
    const key = `${device} ${hash}`;
    this.#kept.set(key, (this.#kept.get(key) ?? 0) + 1);
  }

  /**
   * Everything found so far. A message stands for one promise: called again with more of them, it
   * is not found twice.
   *
   * @param acknowledged messages that the gateway acknowledged to a device, each once.
   */
  findings(acknowledged: Iterable<SentRecord>): readonly Finding[] {
    for (const { gateway, device, sha256 } of acknowledged) {
      if (gateway !== this.#gateway) continue;
      this.#promises += 1;
      const key = `${device} ${sha256}`;
      const kept = this.#kept.get(key) ?? 0;
      if (kept > 1) this.#kept.set(key, kept - 1);
      else this.#kept.delete(key);
      if (kept > 0) continue;
      const what = `${gateway}: ${device} was acknowledged ${sha256}, which is not in the intake log`;
      this.#findings.push({ kind: 'lost', what });
    }
    return this.#findings;
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

/** The hash is taken from the bytes that are there, not from what the log says of them. */
function hashOf(base64: string): string {
  return createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');
}
