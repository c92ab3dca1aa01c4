import { refuse, succeed, type Result } from '#contracts/fault.ts';
import type { Clock } from '#contracts/time.ts';
import type { Store } from '../store/store.ts';

/** A person's decision on a halted lane, as it is kept for good. */
export interface LaneRelease {
  readonly gateway: string;
  readonly epoch: number;
  /** Where the lane stood, and goes on. */
  readonly committed: number;
  readonly headHash: string;
  readonly haltedReason: string;
  readonly haltedAt: number;
  readonly by: string;
  readonly reason: string;
  readonly at: number;
}

/** All that the hub can say of a lane to whoever decides on it. */
export interface LaneReport {
  readonly gateway: string;
  readonly site: string;
  readonly state: 'open' | 'halted';
  /** Why it is halted. */
  readonly reason: string | null;
  /** Of its last change. */
  readonly since: number;
  readonly epoch: number;
  readonly committed: number;
  readonly headHash: string;
  /** What was put aside of it, newest first, by its number in the quarantine. */
  readonly aside: readonly {
    readonly id: number | string;
    readonly reason: string;
    readonly detail: string;
    readonly receivedAt: number;
  }[];
  readonly releases: readonly LaneRelease[];
}

const listedAside = 20;

/**
 * Lets a halted lane go on from where it stands, once what had a second history is gone: a clone that
 * was shut down, a restored disk that was put back. Nothing of the record is touched and nothing is
 * believed: who still brings another history halts it again. A running hub sees it within seconds.
 *
 * @returns refusal NOT_FOUND, or CONFLICT for one that is not halted.
 */
export async function releaseLane(
  store: Store,
  clock: Clock,
  of: { readonly gateway: string; readonly by: string; readonly reason: string },
): Promise<Result<LaneRelease>> {
  const { by, gateway, reason } = of;
  return await store.write(async ({ db }) => {
    const lane = await db
      .selectFrom('lane')
      .selectAll()
      .where('gateway', '=', gateway)
      .executeTakeFirst();
    if (lane === undefined) return refuse('NOT_FOUND', `no lane of ${gateway} is here`);
    if (lane.state !== 'halted') return refuse('CONFLICT', `the lane of ${gateway} is not halted`);
    const at = clock.nowMs();
    const released = {
      gateway,
      epoch: lane.epoch,
      committed: lane.committed_seq,
      headHash: lane.head_hash,
      haltedReason: lane.reason ?? '',
      haltedAt: lane.updated_at,
      by,
      reason,
      at,
    };
    const { committed, haltedAt, haltedReason, headHash, ...same } = released;
    await db
      .insertInto('lane_release')
      .values({
        ...same,
        committed_seq: committed,
        head_hash: headHash,
        halted_reason: haltedReason,
        halted_at: haltedAt,
      })
      .execute();
    await db
      .updateTable('lane')
      .set({ state: 'open', reason: null, updated_at: at })
      .where('gateway', '=', gateway)
      .execute();
    return succeed(released);
  });
}

/** @returns refusal NOT_FOUND. */
export async function laneReport(
  { read }: Pick<Store, 'read'>,
  gateway: string,
): Promise<Result<LaneReport>> {
  const lane = await read
    .selectFrom('lane')
    .selectAll()
    .where('gateway', '=', gateway)
    .executeTakeFirst();
  if (lane === undefined) return refuse('NOT_FOUND', `no lane of ${gateway} is here`);
  const aside = await read
    .selectFrom('lane_quarantine')
    .select(['id', 'reason', 'detail', 'received_at as receivedAt'])
    .where('gateway', '=', gateway)
    .orderBy('received_at', 'desc')
    .orderBy('id')
    .limit(listedAside)
    .execute();
  const releases = await read
    .selectFrom('lane_release')
    .selectAll()
    .where('gateway', '=', gateway)
    .orderBy('at')
    .execute();
  return succeed({
    gateway,
    site: lane.site,
    state: lane.state,
    reason: lane.reason,
    since: lane.updated_at,
    epoch: lane.epoch,
    committed: lane.committed_seq,
    headHash: lane.head_hash,
    aside,
    releases: releases.map(({ committed_seq, halted_at, halted_reason, head_hash, ...same }) => ({
      ...same,
      committed: committed_seq,
      headHash: head_hash,
      haltedReason: halted_reason,
      haltedAt: halted_at,
    })),
  });
}
