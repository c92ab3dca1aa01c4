import type { Finding } from './finding.ts';

/** Bounds that the world sets, by `effectKey`. */
export interface TrueEffects {
  /** Gateway, portal, EPC → reads, of devices whose readings have a natural key. */
  readonly portalReads: ReadonlyMap<string, number>;
  /** Gateway, device, counter → units. */
  readonly unitsMade: ReadonlyMap<string, number>;
  /** Gateway, device, text of the code → how often somebody scanned it. */
  readonly scansMade: ReadonlyMap<string, number>;
  /** As `scansMade`: those that the gateway acknowledged. */
  readonly scansAcknowledged: ReadonlyMap<string, number>;
  /** Gateway, device, input → changes of its level. */
  readonly inputChanges: ReadonlyMap<string, number>;
}

export function effectKey(gateway: string, of: string, what: string): string {
  return `${gateway} ${of} ${what}`;
}

/**
 * Adds up the effects that would grow if a reading were applied twice: reads counted in portal
 * passes, units counted on conveyors, scans, changes of inputs. More than the world made is doubled;
 * less is what tags unread, samples unseen and passes unfinished explain. A scan has an identity of
 * its own, so that for scans nothing explains a difference either way.
 */
export class EffectsFold {
  readonly #portalReads = new Map<string, number>();
  readonly #units = new Map<string, number>();
  readonly #scans = new Map<string, number>();
  readonly #inputs = new Map<string, number>();
  /** Identities of scans that were applied, as the events have them. */
  readonly #scanIds = new Set<string>();
  readonly #findings: Finding[] = [];

  add(gateway: string, kind: string, of: string | undefined, payload: Fields): void {
    const device = of ?? '';
    switch (kind) {
      case 'portal.passed': {
        const key = effectKey(gateway, text(payload, 'portal'), text(payload, 'epc'));
        add(this.#portalReads, key, whole(payload, 'reads'));
        break;
      }
      case 'counter.advanced': {
        const key = effectKey(gateway, device, text(payload, 'counter'));
        add(this.#units, key, whole(payload, 'units'));
        break;
      }
      case 'scan.read':
        this.#addScan(gateway, device, payload);
        break;
      case 'input.changed':
        add(this.#inputs, effectKey(gateway, device, text(payload, 'input')), 1);
        break;
    }
  }

  findings(world: TrueEffects): Finding[] {
    return [
      ...this.#findings,
      ...tooMany('reads', this.#portalReads, world.portalReads),
      ...tooMany('units', this.#units, world.unitsMade),
      ...tooMany('scans', this.#scans, world.scansMade, 'nobody'),
      ...tooMany('changes', this.#inputs, world.inputChanges),
    ];
  }

  /** Scans that were acknowledged and are in no journal, once everything has drained. */
  lostScans({ scansAcknowledged }: TrueEffects): Finding[] {
    return [...scansAcknowledged].flatMap(([key, acknowledged]) => {
      const applied = this.#scans.get(key) ?? 0;
      if (applied >= acknowledged) return [];
      const what = `${key}: ${acknowledged} scans were acknowledged, ${applied} are in the journal`;
      return [{ kind: 'lost', what } as const];
    });
  }

  #addScan(gateway: string, device: string, payload: Fields): void {
    const id = effectKey(gateway, device, text(payload, 'scan'));
    if (this.#scanIds.has(id)) {
      this.#findings.push({ kind: 'doubled', what: `${id}: the scan was applied twice` });
    }
    this.#scanIds.add(id);
    const code = payload['code'] as Fields | undefined;
    add(this.#scans, effectKey(gateway, device, text(code ?? {}, 'text')), 1);
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** @param unknown what stands for nothing made at all; without it, others made it, uncounted. */
function tooMany(
  what: string,
  counted: ReadonlyMap<string, number>,
  made: ReadonlyMap<string, number>,
  unknown?: 'nobody',
): Finding[] {
  const findings: Finding[] = [];
  for (const [key, amount] of counted) {
    const most = made.get(key) ?? (unknown === undefined ? amount : 0);
    if (amount <= most) continue;
    findings.push({ kind: 'doubled', what: `${key}: ${amount} ${what} counted of ${most} made` });
  }
  return findings;
}

function add(sums: Map<string, number>, key: string, amount: number): void {
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
