import type { GatewayAddress } from '#contracts/subjects.ts';
import type { JournalReader } from '../journal/journal-reader.ts';
import { readReceipt } from './read-receipt.ts';
import type { ReceiptFile } from './receipt-file.ts';

/**
 * What the hub had committed by the receipt that an earlier process kept: believed only if the hub
 * signed it for this gateway and epoch, and the journal has that very event.
 *
 * @returns 0 where nothing is kept, or nothing that may be believed.
 */
export function knownCommitted(
  of: {
    readonly address: GatewayAddress;
    readonly journal: JournalReader;
    readonly receipts?: Pick<ReceiptFile, 'read'>;
  },
  isSignedByHub: (text: string, signature: string) => boolean,
): number {
  const text = of.receipts?.read();
  const read = text === undefined ? undefined : readReceipt(text, of.address, isSignedByHub);
  if (read?.ok !== true) return 0;
  const { committed, epoch, headHash } = read.value;
  const isOurs =
    epoch === of.journal.head().epoch.ordinal && of.journal.hashAt(committed) === headHash;
  return isOurs ? committed : 0;
}
