import type { ItemPolicy, SiteConfig } from '../config/gateway-config.ts';
import type { GoodsKind } from './bin.ts';

/** The steps at which an item's serials must be named. */
export type TrackedStep = 'receive' | 'inside' | 'ship';

/** How the items of a site are kept. */
export interface ItemRules {
  policyOf(item: string): ItemPolicy | undefined;
  /**
   * Tags of the item post one by one at this step. An item that is not listed is kept by serial
   * where it comes with one.
   */
  tagsPost(item: string, step: TrackedStep): boolean;
  /** The book follows each single thing of the item while it is inside. */
  keepsSerials(item: string): boolean;
  needsLot(item: string): boolean;
  /** A climate excursion puts it on hold: as its policy says, else where it is kept by lot. */
  isPerishable(kind: Pick<GoodsKind, 'item' | 'lot'>): boolean;
  /** A person must name the serials at this step. */
  needsSerials(item: string, step: TrackedStep): boolean;
}

export function itemRulesOf({ items = [] }: Pick<SiteConfig, 'items'>): ItemRules {
  const policies = new Map(items.map((policy) => [policy.item, policy]));
  const trackingOf = (item: string) => policies.get(item)?.tracking;
  return {
    policyOf: (item) => policies.get(item),
    tagsPost(item, step) {
      const tracking = trackingOf(item);
      if (tracking === undefined || tracking === 'serial') return true;
      if (tracking === 'serial-at-receipt') return step === 'receive';
      return tracking === 'serial-at-shipment' && step === 'ship';
    },
    keepsSerials(item) {
      const tracking = trackingOf(item);
      return tracking === undefined || tracking === 'serial';
    },
    needsLot: (item) => trackingOf(item) === 'lot',
    isPerishable: ({ item, lot }) =>
      policies.get(item)?.perishable ?? (lot !== '' || trackingOf(item) === 'lot'),
    needsSerials(item, step) {
      switch (trackingOf(item)) {
        case 'serial':
          return true;
        case 'serial-at-receipt':
          return step === 'receive';
        case 'serial-at-shipment':
          return step === 'ship';
        default:
          return false;
      }
    },
  };
}
