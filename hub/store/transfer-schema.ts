/** Projections of what is between gateways, as Kysely sees them. */

/**
 * What is between gateways: sums of lines on lane accounts that are not zero. What left in a unit is
 * by unit, what left by name is by EPC. Negative: it arrived, and nothing says that it left.
 */
export interface InTransitTable {
  lane: string;
  owner: string;
  item: string;
  lot: string;
  handling_unit: string;
  epc: string;
  quantity: number;
  since: number;
  /** `gateway/epoch/seq` */
  last_event: string;
}

/** What left a gateway for another one in one go; without `content` only arrivals are known of it. */
export interface TransferTable {
  /** `gateway/epoch/x…` */
  id: string;
  lane: string;
  from_site: string;
  from_gateway: string;
  to_gateway: string;
  to_zone: string | null;
  sent_at: number;
  quantity: number;
  arrived: number;
  state: 'open' | 'settled';
  /** JSON of its lines and units. */
  content: string | null;
  /** `journal_event.position` of what last changed it. */
  position: number;
}

/** Units and EPCs of transfers that are open. */
export interface TransferThingTable {
  thing: string;
  transfer: string;
}

/** Where each gateway's book has a unit or a single thing; the one that saw it last is right. */
export interface ThingAtTable {
  thing: string;
  gateway: string;
  site: string;
  /** `zone:…`, `unit:…`; empty: not there any more. */
  place: string;
  occurred_at: number;
  /** `journal_event.position` */
  position: number;
}
