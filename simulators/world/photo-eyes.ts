import type { Outlet } from './emission.ts';
import type { Goods } from './goods.ts';
import { portalKey, type SiteLayout } from './site-layout.ts';

/** The input of a reader that a photo eye hangs on. */
const photoEyeInput = 1;

/** Photo eyes across portals, on an input of a reader: high while goods stand there. */
export class PhotoEyes {
  readonly #layout: SiteLayout;
  readonly #goods: Goods;
  readonly #outlet: Outlet;
  /** Reader → level, and how often it changed. */
  readonly #eyes = new Map<string, { high: boolean; changes: number }>();

  constructor(layout: SiteLayout, goods: Goods, outlet: Outlet) {
    this.#layout = layout;
    this.#goods = goods;
    this.#outlet = outlet;
  }

  tick(atMs: number): void {
    for (const { id, photoEye } of this.#layout.readers) {
      if (photoEye === undefined) continue;
      const eye = this.#eyes.get(id) ?? { high: false, changes: 0 };
      const high = this.#isBroken(photoEye);
      if (high === eye.high) continue;
      const number = eye.changes + 1;
      this.#eyes.set(id, { high, changes: number });
      const { site } = this.#layout;
      this.#outlet.emit({
        type: 'input',
        site,
        device: id,
        atMs,
        number,
        input: photoEyeInput,
        high,
      });
    }
  }

  #isBroken(portal: string): boolean {
    const sides = ['inside', 'outside'] as const;
    return sides.some((side) => this.#goods.at(portalKey(portal, side)).size > 0);
  }
}
