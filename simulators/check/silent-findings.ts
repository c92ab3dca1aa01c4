import type { Finding } from './finding.ts';
import type { IntakeFold } from './intake-fold.ts';

/** What a device had to give at times at which its gateway could take it. */
export interface GivenMessages {
  readonly gateway: string;
  readonly device: string;
  readonly messages: number;
  /** The gateway comes to the device, which takes it a while after each start. */
  readonly polled: boolean;
}

const sessionWithinMs = 15_000;

/**
 * Devices of which nothing ever came, though their gateway was there: for those outside the
 * guarantee it is the only promise, and a device that nobody hears must not pass for a good one.
 */
export function silentFindings(
  given: readonly GivenMessages[],
  intakes: readonly IntakeFold[],
): Finding[] {
  return given.flatMap(({ gateway, device, messages, polled }) => {
    const intake = intakes.find((one) => one.gateway === gateway);
    if (messages === 0 || (intake?.messagesOf(device) ?? 0) > 0) return [];
    if (polled && (intake?.lastLifeMs ?? 0) < sessionWithinMs) return [];
    const what = `${gateway}: ${device} gave ${messages} messages, of which none came`;
    return [{ kind: 'silent', what } as const];
  });
}
