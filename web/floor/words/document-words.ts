import type { FloorDocumentRow } from '#contracts/api/floor-api.ts';

type DocumentType = FloorDocumentRow['type'];

/** How one speaks of what comes in and of what goes out. */
export interface DocumentWords {
  readonly screen: 'receive' | 'ship';
  readonly act: 'receive' | 'ship';
  readonly verb: string;
  /** `Into` a zone, or `From` one. */
  readonly side: string;
  /** `into`, `from`. */
  readonly toward: string;
  readonly done: string;
  readonly list: string;
  readonly none: string;
  readonly noneAdvice: string;
  readonly complete: string;
}

export const documentWords: Readonly<Record<DocumentType, DocumentWords>> = {
  receipt: {
    screen: 'receive',
    act: 'receive',
    verb: 'Receive',
    side: 'Into',
    toward: 'into',
    done: 'received',
    list: 'Expected to come in',
    none: 'Nothing is expected to come in',
    noneAdvice:
      "Documents come from the hub or the site's own system. What comes without one, the office announces.",
    complete: 'All that is expected has come.',
  },
  shipment: {
    screen: 'ship',
    act: 'ship',
    verb: 'Ship',
    side: 'From',
    toward: 'from',
    done: 'shipped',
    list: 'Expected to go out',
    none: 'Nothing is expected to go out',
    noneAdvice: "Shipments come from the hub or the site's own system.",
    complete: 'All that is expected has gone.',
  },
};
