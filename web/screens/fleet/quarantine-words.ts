import type { GatewayQuarantine } from '#contracts/api/quarantine-api.ts';

/** Reasons of gateways and of the hub, as people read them; one that is newer is shown as it is. */
const reasonWords: Readonly<Record<string, string>> = {
  malformed: 'not in the format of its profile',
  'wrong-type': 'a value of the wrong type',
  'not-a-number': 'a value that is no number',
  'unknown-message': 'a message its profile does not know',
  oversized: 'larger than 256 KiB',
  'wrong-topic': 'on a topic that is not its own',
  'missing-id': 'a scan without an id',
  'out-of-range': 'a value outside its range',
  'id-used-before': 'an id that stood for another code',
  'gateway-fault': 'the gateway itself failed on it',
  fork: 'another history than the one on record',
  poison: 'an event that makes no sense',
  'bad-signature': 'a signature that does not hold',
  'wrong-epoch': 'of another journal than the one on record',
};

export interface QuarantineReasonLine {
  readonly reason: string;
  readonly words: string;
  readonly count: number;
  readonly lastAt: number;
  /** Which device sent them, where all devices are listed. */
  readonly device?: string;
  readonly detail?: string;
}

/** What could not be read: of one device, or of all, the most frequent first. */
export function unreadLines(
  of: GatewayQuarantine,
  device: string | undefined,
): readonly QuarantineReasonLine[] {
  return of.unread
    .filter((row) => device === undefined || row.device === device)
    .map((row) => ({
      reason: row.reason,
      words: reasonWords[row.reason] ?? row.reason,
      count: row.count,
      lastAt: row.lastAt,
      ...(device === undefined && { device: row.device ?? 'of no device' }),
    }));
}

export function atHubLines(of: GatewayQuarantine): readonly QuarantineReasonLine[] {
  return of.atHub.map(({ count, lastAt, lastDetail, reason }) => ({
    reason,
    words: reasonWords[reason] ?? reason,
    count,
    lastAt,
    ...(lastDetail !== '' && { detail: lastDetail }),
  }));
}
