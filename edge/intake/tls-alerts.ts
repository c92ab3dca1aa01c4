import type { AlertFact } from '#contracts/now-lane.ts';
import type { StandingTlsFault } from './tls-listener.ts';

const mostChars = 200;

/** What is wrong with the gateway's key and certificates, for people here and at the hub. */
export function tlsAlerts(faults: readonly StandingTlsFault[]): AlertFact[] {
  return faults.map(({ code, key, message, remedy, sinceMs }) => ({
    id: `mqtt-tls:${key}:${code}`,
    open: true,
    openedAt: sinceMs,
    text: `mqtt.tls.${key}: ${message}. ${remedy}`.slice(0, mostChars).toWellFormed(),
    type: 'gateway-fault',
  }));
}
