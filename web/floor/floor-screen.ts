import type { FloorSession } from '#contracts/api/floor-api.ts';
import type { ActType } from '#contracts/acts.ts';
import { LitElement, type PropertyDeclarations } from 'lit';
import type { FloorParts } from './floor-parts.ts';
import { readFloorView, type FloorView } from './floor-paths.ts';

interface Watched {
  subscribe(listener: () => void): () => void;
}

/**
 * What every screen of the floor has: the parts, who is signed in, and the scanner for as long as
 * it is shown. A screen is made anew whenever what it is about changes.
 */
export abstract class FloorScreen extends LitElement {
  static override properties: PropertyDeclarations = {
    parts: { attribute: false },
    session: { attribute: false },
  };
  declare parts: FloorParts;
  declare session: FloorSession;
  #ends: (() => void)[] = [];

  /** A code was scanned, or typed and sent off. */
  protected abstract scanned(text: string): void;

  /** What the screen draws from, kept current while it is shown. */
  protected watched(): readonly Watched[] {
    return [this.parts.data.site];
  }

  protected get view(): FloorView {
    return readFloorView(this.parts.router.params);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const again = () => this.requestUpdate();
    this.#ends = [
      this.parts.scanner.take((text) => this.scanned(text)),
      ...this.watched().map((each) => each.subscribe(again)),
      this.parts.outbox.changed.add(again),
    ];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const end of this.#ends) end();
    this.#ends = [];
  }

  /** Why this person may not do it, or undefined where they may. */
  protected forbids(act: ActType): string | undefined {
    if (this.session.lease === null) return 'You may look here, not act: ask a supervisor';
    return this.session.may.includes(act) ? undefined : 'Your rights here do not include this';
  }

  /** Zones of other gateways that this person may send to. */
  protected get elsewhere(): readonly {
    readonly id: string;
    readonly status: string;
    readonly gateway: string;
  }[] {
    const { zones } = this.session;
    return (this.parts.data.site.value?.elsewhere ?? [])
      .filter(({ id }) => zones === null || zones.includes(id))
      .map(({ gateway, id, site }) => {
        const status = site === undefined ? `with ${gateway}` : `${site}, with ${gateway}`;
        return { id, gateway, status };
      });
  }

  /** Zones in which this person may act. */
  protected get zones(): readonly { readonly id: string; readonly status: string }[] {
    const all = this.parts.data.site.value?.zones ?? [];
    const { zones } = this.session;
    return zones === null ? all : all.filter(({ id }) => zones.includes(id));
  }
}
