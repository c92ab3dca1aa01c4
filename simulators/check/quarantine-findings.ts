import type { QuarantinedMessage } from './evidence.ts';
import type { Finding } from './finding.ts';

/** Simulated devices send nothing that a gateway may refuse: each refused message is a finding. */
export function quarantineFindings(
  gateway: string,
  messages: readonly QuarantinedMessage[],
): Finding[] {
  return messages.map(({ device, channel, reason, detail, sha256 }) => {
    const what = `${gateway}: ${device} ${channel}: ${reason}, ${detail} (${sha256.slice(0, 12)})`;
    return { kind: 'quarantined', what };
  });
}
