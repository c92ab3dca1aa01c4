import type { Completeness } from '#contracts/api/stock-api.ts';
import { waitingEvents, type GatewayView } from './gateway-view.ts';

/** Says of which gateways newer events are missing in a figure, or may be missing. */
export function completenessOf(
  gateways: readonly GatewayView[],
  asOfMs: number,
  site: string | undefined,
): Completeness {
  const behind: Completeness['behind'] = [];
  for (const view of gateways) {
    if (site !== undefined && view.site !== site) continue;
    const waiting = waitingEvents(view);
    if (waiting === 0) continue;
    behind.push({
      site: view.site,
      gateway: view.gateway,
      waitingEvents: waiting ?? null,
      lastHeardAt: view.now?.receivedAt ?? null,
    });
  }
  return { asOfMs, behind };
}
