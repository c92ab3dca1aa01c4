import type { HubLine } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { JournalFold } from './journal-fold.ts';

/** What is kept of each event. */
interface Committed extends Pick<HubLine, 'gateway' | 'epoch' | 'seq' | 'kind' | 'hash'> {
  readonly lines: number;
}

/** Reads what the hub committed and holds it against the journals. */
export class HubFold {
  readonly #events = new Map<string, Committed>();
  readonly #findings: Finding[] = [];
  #lastPosition = 0;

  /** Where reading ended, as the hub counts. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  add({ position, gateway, epoch, seq, kind, hash, state, lines }: HubLine): void {
    this.#lastPosition = position ?? this.#lastPosition;
    const event = `${gateway}/${epoch}/${seq}`;
    if (this.#events.has(event)) {
      this.#findings.push({ kind: 'doubled', what: `${event}: the hub committed it twice` });
    }
    if (state !== 'applied') {
      this.#findings.push({ kind: 'lost', what: `${event}: the hub has not applied it: ${state}` });
    }
    this.#events.set(event, { gateway, epoch, seq, kind, hash, lines: lines.length });
  }

  /**
   * @param committedBefore events up to this position of a gateway must be here; without it all of
   * its journal must. The hub may know more of an epoch than a journal that was read before it.
   */
  findings(
    journals: readonly JournalFold[],
    committedBefore?: ReadonlyMap<string, number>,
  ): Finding[] {
    const findings = [...this.#findings];
    const left = new Map(this.#events);
    for (const journal of journals) {
      const due = committedBefore?.get(journal.gateway) ?? Number.POSITIVE_INFINITY;
      for (const [seq, hash] of journal.hashes) {
        const event = `${journal.gateway}/${journal.epoch}/${seq}`;
        const atHub = left.get(event);
        left.delete(event);
        if (atHub === undefined) {
          if (seq <= due) findings.push({ kind: 'lost', what: `${event}: is not at the hub` });
        } else if (atHub.hash !== hash) {
          findings.push({
            kind: 'chain',
            what: `${event}: the hub has ${atHub.hash}, not ${hash}`,
          });
        } else findings.push(...lineFindings(event, atHub.lines, journal.linesAt(seq)));
      }
    }
    for (const [event, line] of left) {
      if (isLater(line, journals)) continue;
      findings.push({ kind: 'doubled', what: `${event}: at the hub, but in no journal` });
    }
    return findings;
  }

  /** Lets go of all that is alike in both, so that looking again costs only what came since. */
  settle(journals: readonly JournalFold[]): void {
    for (const journal of journals) {
      for (const [seq, hash] of journal.hashes) {
        const event = `${journal.gateway}/${journal.epoch}/${seq}`;
        const atHub = this.#events.get(event);
        if (atHub?.hash !== hash || atHub.lines !== journal.linesAt(seq)) continue;
        this.#events.delete(event);
        journal.letGo(seq);
      }
    }
  }

  /** Whether the hub posted stock after the journals were read, so that both cannot be compared. */
  postedLater(journals: readonly JournalFold[]): boolean {
    for (const line of this.#events.values()) {
      if (line.kind.startsWith('stock.') && isLater(line, journals)) return true;
    }
    return false;
  }
}

/** An event's ledger lines are applied once: all of them, and no others. */
function lineFindings(event: string, applied: number, told: number): Finding[] {
  if (applied === told) return [];
  const what = `${event}: ${applied} ledger lines were applied of ${told}`;
  return [{ kind: applied > told ? 'doubled' : 'lost', what }];
}

function isLater({ gateway, epoch, seq }: Committed, journals: readonly JournalFold[]): boolean {
  return journals.some(
    (journal) => journal.gateway === gateway && journal.epoch === epoch && seq > journal.lastSeq,
  );
}
