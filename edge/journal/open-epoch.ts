import type { EpochIdentity } from '#contracts/chain.ts';
import { Fault } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { JournalStore } from './journal-store.ts';

export interface EpochOptions {
  readonly address: { readonly tenant: string; readonly site: string; readonly gateway: string };
  readonly clock: Clock;
  /** 32 hexadecimal digits of a cryptographic random source: the id of a new epoch. */
  readonly randomId: () => string;
  /** Where a journal that begins now branches from: the end of another box's; absent: from nowhere. */
  readonly parent?: NonNullable<EpochIdentity['parent']> | undefined;
}

/** The epoch's identity as it lies beside the journal. */
export interface EpochNote {
  /** @throws Fault CHAIN_BROKEN when what lies there is of another epoch than the one stored. */
  check(stored: EpochIdentity | undefined): void;
  /** Writes it where there is none. */
  write(identity: EpochIdentity): void;
}

/**
 * The epoch that a store is in, begun where it is new.
 *
 * @throws Fault CHAIN_BROKEN, CONFIG_INVALID when it is the journal of another gateway.
 */
export function openEpoch(
  store: JournalStore,
  note: EpochNote,
  options: EpochOptions,
): EpochIdentity {
  const { address, clock, parent = null, randomId } = options;
  const stored = store.epoch();
  note.check(stored);
  const { tenant, site, gateway } = address;
  const identity = stored ?? {
    gateway,
    id: randomId(),
    ordinal: (parent?.ordinal ?? 0) + 1,
    parent,
    site,
    startedAt: clock.nowMs(),
    tenant,
  };
  if (identity.gateway !== gateway || identity.site !== site || identity.tenant !== tenant) {
    throw new Fault('CONFIG_INVALID', 'the data folder holds the journal of another gateway', {
      details: { config: address, journal: identity },
    });
  }
  if (stored === undefined) store.beginEpoch(identity);
  note.write(identity);
  return identity;
}
