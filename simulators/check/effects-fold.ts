import type { Finding } from './finding.ts';

/**
 * Upper bounds that the world sets: `portalReads` of devices whose readings have a natural key, by
 * `effectKey(gateway, portal, epc)`; `unitsMade` by `effectKey(gateway, device, counter)`.
 */
export interface TrueEffects {
  readonly portalReads: ReadonlyMap<string, number>;
  readonly unitsMade: ReadonlyMap<string, number>;
}

export function effectKey(gateway: string, of: string, what: string): string {
  return `${gateway} ${of} ${what}`;
}

/**
 * Adds up the effects that would grow if a reading were applied twice: reads counted in portal
 * passes and units counted on conveyors. More than the world made is doubled; less is what tags
 * unread, samples unseen and passes unfinished explain.
 */
export class EffectsFold {
  readonly #portalReads = new Map<string, number>();
  readonly #units = new Map<string, number>();

  add(gateway: string, kind: string, device: string | undefined, payload: Fields): void {
    if (kind === 'portal.passed') {
      add(this.#portalReads, effectKey(gateway, text(payload, 'portal'), text(payload, 'epc')), {
        amount: whole(payload, 'reads'),
      });
    } else if (kind === 'counter.advanced') {
      add(this.#units, effectKey(gateway, device ?? '', text(payload, 'counter')), {
        amount: whole(payload, 'units'),
      });
    }
  }

  findings(world: TrueEffects): Finding[] {
    const findings: Finding[] = [];
    for (const [key, reads] of this.#portalReads) {
      const made = world.portalReads.get(key);
      if (made === undefined || reads <= made) continue;
      findings.push({ kind: 'doubled', what: `${key}: ${reads} reads counted of ${made} made` });
    }
    for (const [key, units] of this.#units) {
      const made = world.unitsMade.get(key);
      if (made === undefined || units <= made) continue;
      findings.push({ kind: 'doubled', what: `${key}: ${units} units counted of ${made} made` });
    }
    return findings;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

function add(sums: Map<string, number>, key: string, { amount }: { amount: number }): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function whole(fields: Fields, name: string): number {
  const value = fields[name];
  return typeof value === 'number' ? value : 0;
}
