import type { FloorRefused } from '#contracts/api/floor-api.ts';
import { refusalAdvice } from '../intake/refusal-advice.ts';
import type { RefusedClient } from '../intake/refusal-log.ts';

const mostShown = 50;

/** Who was not let in at the broker, as people at the page need to hear it. */
export function refusedShown(refusals: readonly RefusedClient[] = []): FloorRefused[] {
  return refusals.slice(0, mostShown).map((refused) => {
    const { address, certificate, clientId, count, lastMs, reason, username } = refused;
    const { cause, remedy } = refusalAdvice[reason];
    // A user name that no device has may be a mistyped password: it stays with who has the token.
    const known = reason === 'unknown-user' ? undefined : username;
    const who = [known, clientId, certificate].find((one) => one !== undefined && one !== '');
    const from = address === undefined ? {} : { address: address.slice(0, 60) };
    return { who: (who ?? 'somebody').slice(0, 200), cause, remedy, count, lastMs, ...from };
  });
}
