import { effectKey, type TrueEffects } from './check/effects-fold.ts';
import type { Emission, InputEmission, TagEmission } from './world/emission.ts';
import type { SiteLayout } from './world/site-layout.ts';

/** What the devices of a site made: what no ledger may exceed. Keys are those of `effectKey`. */
export class FleetTruth {
  readonly #layout: SiteLayout;
  readonly #portalReads = new Map<string, number>();
  readonly #inputChanges = new Map<string, number>();
  readonly #scansMade = new Map<string, number>();
  readonly #scansAcknowledged = new Map<string, number>();

  constructor(layout: SiteLayout) {
    this.#layout = layout;
  }

  note(emission: Emission): void {
    if (emission.type === 'tags') this.#notePortalReads(emission);
    else if (emission.type === 'input') this.#noteInput(emission);
  }

  /** @param keys of the scans in a message. */
  scanned(keys: readonly string[]): void {
    for (const key of keys) add(this.#scansMade, key, 1);
  }

  scansAcknowledged(keys: readonly string[]): void {
    for (const key of keys) add(this.#scansAcknowledged, key, 1);
  }

  effects(): Omit<TrueEffects, 'unitsMade'> {
    return {
      portalReads: this.#portalReads,
      scansMade: this.#scansMade,
      scansAcknowledged: this.#scansAcknowledged,
      inputChanges: this.#inputChanges,
    };
  }

  /** Only of devices with a natural key: of others no more can be counted. */
  #notePortalReads({ device, reads }: TagEmission): void {
    const reader = this.#layout.readers.find(({ id }) => id === device);
    if (reader?.profile !== 'zebra-iotc') return;
    for (const { antenna, epc, seen } of reads) {
      const at = reader.antennas.find((one) => one.antenna === antenna);
      if (at === undefined || !('portal' in at)) continue;
      add(this.#portalReads, effectKey(this.#layout.gateway, at.portal, epc), seen);
    }
  }

  #noteInput({ device, input }: InputEmission): void {
    add(this.#inputChanges, effectKey(this.#layout.gateway, device, `gpi-${input}`), 1);
  }
}

function add(sums: Map<string, number>, key: string, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}
