import type { FloorSecret } from '#contracts/api/floor-secret-api.ts';
import type { GatewayStatus } from '../api/gateway-status.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { OverrideView } from '../downlink/local-override.ts';
import type { JournalledEvent } from '../journal/events-at.ts';
import type { StockView } from '../stock/stock-view.ts';

/** What the floor page asks of the rest of the gateway. */
export interface FloorSource {
  readonly stock: StockView;
  /** As it is in force now. */
  config(): Pick<GatewayConfig, 'gateway' | 'zones' | 'portals' | 'posting' | 'items'>;
  status(): GatewayStatus;
  /** The local config that is in force for a while, if one is. */
  override(): OverrideView | undefined;
  /** Where keys and secrets lie. */
  secrets(): readonly FloorSecret[];
  /** What the journal has of an intake position. */
  eventsAt(pos: number): readonly JournalledEvent[];
  /** Ordinal of the journal's epoch. */
  epoch(): number;
}
