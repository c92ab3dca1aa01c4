import type { StockRow } from './evidence.ts';
import type { Finding } from './finding.ts';

/** A posting line, as far as stock depends on it. */
interface Line {
  readonly account: { readonly type: string; readonly zone?: string; readonly status?: string };
  readonly owner: string;
  readonly item: string;
  readonly lot?: string;
  readonly handlingUnit?: string;
  readonly serials?: readonly string[];
  readonly quantity: number;
}

/**
 * Adds up the lines of all journals: what the stock must be, and in how many places each serial is.
 * A serial is one thing: more than one of it inside, or more than one missing, means that an effect
 * was applied twice.
 */
export class StockFold {
  readonly #quantities = new Map<string, number>();
  readonly #serials = new Map<string, number>();
  readonly #findings: Finding[] = [];

  add(site: string, event: string, lines: readonly Line[]): void {
    const touched = new Set<string>();
    for (const line of lines) {
      const { account, quantity, serials = [] } = line;
      if (account.type !== 'zone') continue;
      const key = rowKey({
        site,
        zone: account.zone ?? '',
        status: account.status ?? '',
        owner: line.owner,
        item: line.item,
        lot: line.lot ?? null,
        handlingUnit: line.handlingUnit ?? null,
      });
      this.#quantities.set(key, (this.#quantities.get(key) ?? 0) + quantity);
      for (const serial of serials) {
        touched.add(serial);
        this.#serials.set(serial, (this.#serials.get(serial) ?? 0) + Math.sign(quantity));
      }
    }
    for (const serial of touched) this.#checkSerial(serial, event);
  }

  /** Differences to what the hub shows; rows of nothing may be shown or left out. */
  findings(shown: readonly StockRow[]): Finding[] {
    const findings = [...this.#findings];
    const left = new Map(this.#quantities);
    for (const row of shown) {
      const key = rowKey(row);
      const expected = left.get(key) ?? 0;
      left.delete(key);
      if (row.quantity !== expected) findings.push(difference(key, row.quantity, expected));
    }
    for (const [key, expected] of left) {
      if (expected !== 0) findings.push(difference(key, 0, expected));
    }
    return findings;
  }

  get serials(): number {
    return this.#serials.size;
  }

  #checkSerial(serial: string, event: string): void {
    const balance = this.#serials.get(serial) ?? 0;
    if (Math.abs(balance) <= 1) return;
    const what = `${event}: serial ${serial} is inside ${balance} times`;
    this.#findings.push({ kind: 'doubled', what });
  }
}

/** Too little was lost on the way; too much was applied more than once. */
function difference(key: string, shown: number, expected: number): Finding {
  const what = `stock ${key}: the hub shows ${shown}, the journals say ${expected}`;
  return { kind: Math.abs(shown) > Math.abs(expected) ? 'doubled' : 'lost', what };
}

function rowKey(row: Omit<StockRow, 'quantity'>): string {
  const { site, zone, status, owner, item, lot, handlingUnit } = row;
  return [site, zone, status, owner, item, lot ?? '', handlingUnit ?? ''].join('/');
}
