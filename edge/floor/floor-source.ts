import type { FloorSecret } from '#contracts/api/floor-secret-api.ts';
import type { GatewayStatus } from '../api/gateway-status.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { StockView } from '../stock/stock-view.ts';

/** What the floor page asks of the rest of the gateway. */
export interface FloorSource {
  readonly stock: StockView;
  /** As it is in force now. */
  config(): Pick<GatewayConfig, 'gateway' | 'zones' | 'portals' | 'posting' | 'items'>;
  status(): GatewayStatus;
  /** Where keys and secrets lie. */
  secrets(): readonly FloorSecret[];
  /** Ordinal of the journal's epoch. */
  epoch(): number;
}
