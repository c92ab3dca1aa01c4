import { assert } from '#contracts/assert.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import {
  downlinkEntryText,
  maxDownlinkBytes,
  type DownlinkEntry,
  type DownlinkKind,
} from '#contracts/downlink.ts';
import type { Clock } from '#contracts/time.ts';
import type { HubKey } from '../intake/hub-key.ts';
import { sha256Hex } from '../intake/wire-crypto.ts';
import type { WriteTransaction } from '../store/store.ts';
import type { DownlinkTables } from './downlink-tables.ts';

/** What signs and dates an entry. */
export interface DownlinkAuthor {
  readonly tenant: string;
  readonly key: Pick<HubKey, 'sign'>;
  readonly clock: Clock;
}

/**
 * Adds an entry to a gateway's log, signed, as part of a transaction. A running hub sees it within a
 * second, whichever process wrote it, and nudges the gateway.
 *
 * @param content up to 16 MiB of UTF-8
 * @returns its sequence in the log of this gateway
 */
export async function appendDownlink(
  { db }: Pick<WriteTransaction, 'db'>,
  { tenant, key, clock }: DownlinkAuthor,
  to: { readonly site: string; readonly gateway: string },
  kind: DownlinkKind,
  content: string,
): Promise<number> {
  const { site, gateway } = to;
  const bytes = Buffer.byteLength(content);
  assert(bytes <= maxDownlinkBytes, 'a content for the downlink is too large');
  const tables = db.withTables<DownlinkTables>();
  const row = await tables
    .selectFrom('downlink_gateway')
    .select(['latest', 'settled'])
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  // A hub that was restored may know less of its log than the gateway has settled.
  const previous = Math.max(row?.latest ?? 0, row?.settled ?? 0);
  const entry: DownlinkEntry = {
    atMs: clock.nowMs(),
    bytes,
    gateway,
    hash: sha256Hex(content),
    kind,
    previous,
    seq: previous + 1,
    site,
    tenant,
    v: 1,
  };
  const { atMs, hash, seq } = entry;
  await tables
    .insertInto('downlink_content')
    .values({ hash, content })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
  await tables
    .insertInto('downlink_entry')
    .values({
      gateway,
      seq,
      kind,
      created_at: atMs,
      content_hash: hash,
      entry: encodeCanonical(entry),
      signature: key.sign(downlinkEntryText(entry)),
      result: null,
      outcome: null,
    })
    .execute();
  const unheard = { number: 0, heard_at: null, report: null, settled: 0 };
  await tables
    .insertInto('downlink_gateway')
    .values({ gateway, site, latest: seq, ...unheard })
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet({ latest: seq, site }))
    .execute();
  return seq;
}
