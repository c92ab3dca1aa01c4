import type { EventPosition } from '#contracts/ids.ts';
import type { Store } from '../store/store.ts';
import type { EvidenceGapTable, EvidenceSegmentTable } from '../store/schema.ts';
import type { ProvenLeaf } from './prove-leaf.ts';

/** Bytes of leaves that are kept here; the longest fetched go first. */
const maxCachedBytes = 512 * 1024 * 1024;

export interface CachedView {
  readonly leaves: readonly ProvenLeaf[];
  readonly left: number;
  readonly fetchedAtMs: number;
}

type Lane = Pick<EventPosition, 'gateway' | 'epoch'>;

/** What the hub's store says about raw evidence: roots from the chain, and leaves from before. */
export class EvidenceBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async event(at: EventPosition): Promise<{ header: string; payload: string } | undefined> {
    return await this.#store.read
      .selectFrom('journal_event')
      .select(['header', 'payload'])
      .where('gateway', '=', at.gateway)
      .where('epoch', '=', at.epoch)
      .where('seq', '=', at.seq)
      .executeTakeFirst();
  }

  /** A root of the same epoch only: in another one positions may mean other entries. */
  async segmentHolding(lane: Lane, pos: number): Promise<EvidenceSegmentTable | undefined> {
    return await this.#of('evidence_segment', lane)
      .where('first_pos', '<=', pos)
      .where('last_pos', '>=', pos)
      .orderBy('last_pos')
      .limit(1)
      .executeTakeFirst();
  }

  async segment(lane: Lane, segment: number): Promise<EvidenceSegmentTable | undefined> {
    return await this.#of('evidence_segment', lane)
      .where('segment', '=', segment)
      .executeTakeFirst();
  }

  async gapHolding({ gateway, epoch }: Lane, pos: number): Promise<EvidenceGapTable | undefined> {
    return await this.#store.read
      .selectFrom('evidence_gap')
      .selectAll()
      .where('gateway', '=', gateway)
      .where('epoch', '=', epoch)
      .where('first_pos', '<=', pos)
      .where('last_pos', '>=', pos)
      .limit(1)
      .executeTakeFirst();
  }

  /** @returns undefined unless every leaf of the event is still here. */
  async cached(at: EventPosition): Promise<CachedView | undefined> {
    const view = await this.#store.read
      .selectFrom('evidence_view')
      .selectAll()
      .where('gateway', '=', at.gateway)
      .where('epoch', '=', at.epoch)
      .where('seq', '=', at.seq)
      .executeTakeFirst();
    if (view === undefined) return undefined;
    const leaves: ProvenLeaf[] = [];
    for (const [segment, leaf] of JSON.parse(view.leaves) as [number, number][]) {
      const found = await this.#leaf(at, segment, leaf);
      if (found === undefined) return undefined;
      leaves.push(found);
    }
    return { leaves, left: view.left_out, fetchedAtMs: view.fetched_at };
  }

  /** Keeps what was proved; only that. */
  async keep(at: EventPosition, view: CachedView): Promise<void> {
    const { gateway, epoch, seq } = at;
    const key = { gateway, epoch };
    const { leaves, left, fetchedAtMs } = view;
    await this.#store.write(async ({ db }) => {
      for (const { segment, leaf, leaves: size, leafHash, path, frame } of leaves) {
        await db
          .insertInto('evidence_leaf')
          .values({
            ...key,
            segment,
            leaf,
            leaves: size,
            leaf_hash: leafHash,
            path: JSON.stringify(path),
            frame,
            bytes: frame.length,
            fetched_at: fetchedAtMs,
          })
          .onConflict((conflict) =>
            conflict
              .columns(['gateway', 'epoch', 'segment', 'leaf'])
              .doUpdateSet({ fetched_at: fetchedAtMs }),
          )
          .execute();
      }
      const ids = JSON.stringify(leaves.map(({ segment, leaf }) => [segment, leaf]));
      const row = { leaves: ids, left_out: left, fetched_at: fetchedAtMs };
      await db
        .insertInto('evidence_view')
        .values({ ...key, seq, ...row })
        .onConflict((conflict) => conflict.columns(['gateway', 'epoch', 'seq']).doUpdateSet(row))
        .execute();
      await this.#makeRoom(db);
    });
  }

  async #makeRoom(db: Store['read']): Promise<void> {
    const { bytes } = await db
      .selectFrom('evidence_leaf')
      .select(({ fn }) => fn.sum<number | null>('bytes').as('bytes'))
      .executeTakeFirstOrThrow();
    if ((bytes ?? 0) <= maxCachedBytes) return;
    const oldest = await db
      .selectFrom('evidence_leaf')
      .select('fetched_at')
      .orderBy('fetched_at')
      .limit(100)
      .execute();
    const upTo = oldest.at(-1)?.fetched_at ?? 0;
    await db.deleteFrom('evidence_leaf').where('fetched_at', '<=', upTo).execute();
    await db.deleteFrom('evidence_view').where('fetched_at', '<=', upTo).execute();
  }

  async #leaf(
    { gateway, epoch }: Lane,
    segment: number,
    leaf: number,
  ): Promise<ProvenLeaf | undefined> {
    const row = await this.#store.read
      .selectFrom('evidence_leaf')
      .selectAll()
      .where('gateway', '=', gateway)
      .where('epoch', '=', epoch)
      .where('segment', '=', segment)
      .where('leaf', '=', leaf)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { leaves, leaf_hash: leafHash, frame } = row;
    return { segment, leaf, leaves, leafHash, path: JSON.parse(row.path) as string[], frame };
  }

  #of(table: 'evidence_segment', { gateway, epoch }: Lane) {
    return this.#store.read
      .selectFrom(table)
      .selectAll()
      .where('gateway', '=', gateway)
      .where('epoch', '=', epoch);
  }
}
