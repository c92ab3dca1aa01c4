import type { EventPayload } from '#contracts/event-kinds.ts';
import { actsRememberedMs, type RememberedUse } from '#contracts/remembered.ts';

const dayMs = 24 * 3_600_000;

/**
 * What persons adjusted, by when the gateway took it in: of the last month each adjustment; before
 * that what one day saw stands at the day's end, so that a lease of that day counts all of it.
 */
export class LimitUses {
  readonly #uses: RememberedUse[] = [];

  apply(kind: string, payload: unknown, receivedAt: number): void {
    if (kind !== 'stock.adjusted') return;
    const { by, lines } = payload as EventPayload<'stock.adjusted'>;
    if (by === undefined) return;
    const { person } = by;
    for (const { account, item, quantity } of lines) {
      if (account.type !== 'zone' || quantity === 0) continue;
      this.#uses.push({ item, person, receivedAt, units: Math.abs(quantity) });
    }
  }

  /** @param nowMs the time of the journal's last event */
  rows(nowMs: number): RememberedUse[] {
    const sums = new Map<string, RememberedUse>();
    for (const use of this.#uses) {
      const isRecent = use.receivedAt >= nowMs - actsRememberedMs;
      const receivedAt = isRecent
        ? use.receivedAt
        : Math.ceil((use.receivedAt + 1) / dayMs) * dayMs - 1;
      const key = [use.person, use.item, receivedAt].join('\n');
      const units = (sums.get(key)?.units ?? 0) + use.units;
      sums.set(key, { ...use, receivedAt, units });
    }
    return [...sums.values()];
  }
}
