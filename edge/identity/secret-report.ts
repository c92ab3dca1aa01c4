import type { Clock } from '#contracts/time.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { secretPlaces, type SecretPlace } from './secret-places.ts';

const lookEveryMs = 15_000;

/** What `secretPlaces` says, looked up no more often than every 15 s, however many pages ask. */
export function createSecretReport(
  config: () => GatewayConfig,
  clock: Clock,
): () => readonly SecretPlace[] {
  let last: { of: GatewayConfig; atMs: number; places: readonly SecretPlace[] } | undefined;
  return () => {
    const of = config();
    const atMs = clock.monotonicMs();
    if (last === undefined || last.of !== of || atMs - last.atMs >= lookEveryMs) {
      last = { of, atMs, places: secretPlaces(of, clock.nowMs()) };
    }
    return last.places;
  };
}
