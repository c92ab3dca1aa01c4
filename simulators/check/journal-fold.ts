import { genesisOf, linkHash } from './chain-proof.ts';
import type { EffectsFold, Fields } from './effects-fold.ts';
import type { Blindness, HeaderFields, JournalLine } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { StockFold } from './stock-fold.ts';

/** A gap that a gateway admitted. */
interface Gap {
  readonly device: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reads one gateway's journal: proves its chain and adds up what it claims. */
export class JournalFold {
  readonly gateway: string;
  readonly #stock: StockFold;
  readonly #effects: EffectsFold;
  readonly #hashes = new Map<number, string>();
  readonly #lines = new Map<number, number>();
  readonly #gaps: Gap[] = [];
  readonly #findings: Finding[] = [];
  #previousHash: string;
  #lastSeq = 0;
  #epoch: number;

  /**
   * @param identityText canonical JSON of the epoch, as it lies beside the journal.
   * @param stock and `effects` are shared by the journals of all gateways.
   */
  constructor(gateway: string, identityText: string, stock: StockFold, effects: EffectsFold) {
    this.gateway = gateway;
    this.#stock = stock;
    this.#effects = effects;
    this.#previousHash = genesisOf(identityText);
    this.#epoch = (JSON.parse(identityText) as { ordinal: number }).ordinal;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Position → hash, as the checker computed it. */
  get hashes(): ReadonlyMap<number, string> {
    return this.#hashes;
  }

  /** How many ledger lines the event at a position has. */
  linesAt(seq: number): number {
    return this.#lines.get(seq) ?? 0;
  }

  /** Forgets an event that needs no more comparing. */
  letGo(seq: number): void {
    this.#hashes.delete(seq);
    this.#lines.delete(seq);
  }

  add(line: JournalLine): void {
    const header = JSON.parse(line.header) as HeaderFields;
    this.#prove(line, header);
    if (line.payload.startsWith('#')) return;
    const payload = JSON.parse(line.payload) as Fields;
    const { gateway, kind, device, site, seq, epoch } = header;
    this.#effects.add(gateway, kind, device, payload);
    const lines = payload['lines'];
    if (Array.isArray(lines)) {
      this.#lines.set(seq, lines.length);
      this.#stock.add(site, `${gateway}/${epoch}/${seq}`, lines as Parameters<StockFold['add']>[2]);
    }
    if (kind === 'device.gap' && device !== undefined) {
      const { fromMs, toMs } = payload as { fromMs: number; toMs: number };
      this.#gaps.push({ device, fromMs, toMs });
    }
  }

  /** @param blind times in which a polled device of this gateway was not seen. */
  findings(blind: readonly Blindness[]): Finding[] {
    const findings = [...this.#findings];
    for (const { gateway, device, fromMs, toMs, cause } of blind) {
      if (gateway !== this.gateway) continue;
      const admitted = this.#gaps.some(
        (gap) => gap.device === device && gap.fromMs <= toMs && gap.toMs >= fromMs,
      );
      if (admitted) continue;
      const span = `${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}`;
      findings.push({
        kind: 'gap',
        what: `${gateway}: no gap event of ${device}, ${span} (${cause})`,
      });
    }
    return findings;
  }

  #prove(line: JournalLine, header: HeaderFields): void {
    const at = `${this.gateway}/${header.epoch}/${header.seq}`;
    if (header.seq !== line.seq || header.seq !== this.#lastSeq + 1) {
      this.#fault(`${at}: follows ${this.#lastSeq}`);
    }
    if (header.gateway !== this.gateway || header.epoch !== this.#epoch) {
      this.#fault(`${at}: says it is of ${header.gateway}, epoch ${header.epoch}`);
    }
    const hash = linkHash(this.#previousHash, line.header, line.payload);
    if (hash !== line.hash) this.#fault(`${at}: hash ${line.hash}, recomputed ${hash}`);
    // Going on from the stored hash finds every further break instead of the first one only.
    this.#previousHash = line.hash;
    this.#hashes.set(header.seq, hash);
    this.#lastSeq = header.seq;
  }

  #fault(what: string): void {
    this.#findings.push({ kind: 'chain', what });
  }
}
