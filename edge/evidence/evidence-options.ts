import type { Logger } from 'pino';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { addressOf } from '../identity/gateway-address.ts';
import type { Stores } from '../stores.ts';
import { defaultEvidence, type EvidenceOptions } from './evidence.ts';

/** What the keeper of raw evidence is told by config and stores. */
export function evidenceOptions(
  { dataDir, disk, evidence, gateway, hub }: GatewayConfig,
  log: Logger,
  { clock, intake, journal }: Stores,
  fatal: (error: unknown) => void,
): EvidenceOptions {
  return {
    address: addressOf(gateway),
    hubPublicKey: hub.publicKey,
    dataDir,
    ...(evidence ?? defaultEvidence),
    intakeBudgetBytes: disk.intakeBudgetBytes,
    // Intake resumes somewhat above its floor, and the journal's room comes out of the same disk:
    // evidence makes room for both before devices have to wait.
    floorBytes: Math.ceil(disk.floorBytes * 1.25) + disk.reserveBytes,
    intake,
    cursor: () => journal.cursor(),
    clock,
    log,
    fatal,
  };
}
