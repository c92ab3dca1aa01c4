import type { GatewayConfig } from '../config/gateway-config.ts';
import { defaultEvidence, type Evidence } from '../evidence/evidence.ts';
import type { IntakeLog } from '../intake/intake-log.ts';
import type { BoundedPart } from './disk-keeper.ts';

/** What of a gateway keeps to a budget. The intake log may have twice its own while sealing waits. */
export function boundedParts(
  config: Pick<GatewayConfig, 'disk' | 'evidence'>,
  intake: Pick<IntakeLog, 'keptBytes'>,
  evidence: Pick<Evidence, 'status'>,
): BoundedPart[] {
  const { budgetBytes } = config.evidence ?? defaultEvidence;
  return [
    {
      name: 'intake',
      bytes: intake.keptBytes,
      budgetBytes: config.disk.intakeBudgetBytes,
      databases: ['intake'],
    },
    {
      name: 'evidence',
      bytes: evidence.status()?.bytes ?? 0,
      budgetBytes,
      databases: ['evidence'],
    },
  ];
}
