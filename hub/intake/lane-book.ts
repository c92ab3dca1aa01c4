import type { LaneTable } from '../store/schema.ts';
import type { Store, WriteTransaction } from '../store/store.ts';
import type { LaneCursor } from './lane-machine.ts';
import { parseVerifyKey, type VerifyKey } from './wire-crypto.ts';

/** A lane as it stands in the store. */
export interface Lane extends LaneCursor {
  readonly gateway: string;
  readonly site: string;
  readonly reason: string | undefined;
  /** Receipts before this process had lower numbers than this. */
  readonly receiptNumber: number;
}

export interface RegisteredGateway {
  readonly gateway: string;
  readonly site: string;
  readonly key: VerifyKey;
  /** The key before a rotation, which counts until the gateway has used the next. */
  readonly retiring: VerifyKey | undefined;
  /** By key id: of the boxes that had this name before. They prove what is recorded, nothing new. */
  readonly formerKeys: ReadonlyMap<string, VerifyKey>;
}

/** Whether a registered gateway signed a text, with its key or with the one it is about to leave. */
export function isSignedByGateway(
  { key, retiring }: RegisteredGateway,
  text: string,
  signature: string,
): boolean {
  return key.verify(text, signature) || retiring?.verify(text, signature) === true;
}

/** What a transaction wants the book to say once it is committed. */
export interface BookChanges {
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly nextPosition: number;
}

/**
 * All gateways and lanes in memory, as they are committed. Whatever moves a lane runs alone and
 * changes the book only after its commit, so that memory never knows more than the disk.
 */
export class LaneBook {
  readonly #store: Store;
  readonly #gateways = new Map<string, RegisteredGateway>();
  readonly #signingKeys = new Map<string, string>();
  readonly #lanes = new Map<string, Lane>();
  #nextPosition = 1;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const { read } = this.#store;
    const lanes = await read
      .selectFrom('lane')
      .innerJoin('epoch', (join) =>
        join.onRef('epoch.gateway', '=', 'lane.gateway').onRef('epoch.ordinal', '=', 'lane.epoch'),
      )
      .selectAll('lane')
      .select('epoch.id as epoch_id')
      .execute();
    const last = await read
      .selectFrom('journal_event')
      .select((of) => of.fn.max('position').as('position'))
      .executeTakeFirst();
    this.#lanes.clear();
    for (const row of lanes) this.#lanes.set(row.gateway, laneOf(row, row.epoch_id));
    this.#nextPosition = (last?.position ?? 0) + 1;
    await this.loadGateways();
  }

  /**
   * Another process may register a gateway while this one runs: the store is what counts.
   *
   * @returns the gateways that were not known before, or by another key.
   */
  async loadGateways(): Promise<RegisteredGateway[]> {
    const { read } = this.#store;
    const rows = await read.selectFrom('gateway').selectAll().execute();
    const former = await read.selectFrom('gateway_former_key').selectAll().execute();
    const rotations = await read
      .selectFrom('gateway_key_rotation')
      .selectAll()
      .where('retired_at', 'is', null)
      .execute();
    const news: RegisteredGateway[] = [];
    for (const { gateway, site, signing_key } of rows) {
      const rotated = rotations.find((of) => of.gateway === gateway)?.former_key;
      const keys = [signing_key, rotated].join(' ');
      if (this.#signingKeys.get(gateway) === keys) continue;
      const key = parseVerifyKey(signing_key);
      if (!key.ok) continue;
      const formerKeys = new Map<string, VerifyKey>();
      for (const one of former.filter((of) => of.gateway === gateway)) {
        const verify = parseVerifyKey(one.signing_key);
        if (verify.ok) formerKeys.set(one.key_id, verify.value);
      }
      const before = rotated === undefined ? undefined : parseVerifyKey(rotated);
      const retiring = before?.ok === true ? before.value : undefined;
      const known = { gateway, site, key: key.value, retiring, formerKeys };
      this.#gateways.set(gateway, known);
      this.#signingKeys.set(gateway, keys);
      news.push(known);
    }
    return news;
  }

  /** Lanes that a person let go on, by another process. @returns their gateways. */
  async loadReleases(): Promise<string[]> {
    const halted = [...this.#lanes.values()].filter((lane) => lane.halted);
    if (halted.length === 0) return [];
    const run = this.#turn.then(async () => {
      const open = await this.#store.read
        .selectFrom('lane')
        .select('gateway')
        .where('state', '=', 'open')
        .where(
          'gateway',
          'in',
          halted.map(({ gateway }) => gateway),
        )
        .execute();
      return open.flatMap(({ gateway }) => {
        const lane = this.#lanes.get(gateway);
        if (lane?.halted !== true) return [];
        this.#lanes.set(gateway, { ...lane, halted: false, reason: undefined });
        return [gateway];
      });
    });
    this.#turn = run.catch(() => {});
    return await run;
  }

  gateway(gateway: string): RegisteredGateway | undefined {
    return this.#gateways.get(gateway);
  }

  gateways(): RegisteredGateway[] {
    return [...this.#gateways.values()];
  }

  lane(gateway: string): Lane | undefined {
    return this.#lanes.get(gateway);
  }

  get nextPosition(): number {
    return this.#nextPosition;
  }

  /** One transaction that may move lanes. The book follows when it is durable, and only then. */
  async write<T>(
    work: (tx: WriteTransaction) => Promise<{ readonly changes: BookChanges; readonly value: T }>,
  ): Promise<T> {
    const run = this.#turn.then(async () => {
      const { changes, value } = await this.#store.write(work);
      for (const [gateway, lane] of changes.lanes) this.#lanes.set(gateway, lane);
      this.#nextPosition = changes.nextPosition;
      return value;
    });
    this.#turn = run.catch(() => {});
    return await run;
  }
}

function laneOf(row: LaneTable, epochId: string): Lane {
  return {
    gateway: row.gateway,
    site: row.site,
    epoch: row.epoch,
    epochId,
    committed: row.committed_seq,
    headHash: row.head_hash,
    halted: row.state === 'halted',
    reason: row.reason ?? undefined,
    receiptNumber: row.receipt_number,
  };
}

/** Receipts are numbered by the clock, and not each of them is written down. */
const receiptNumbersAhead = 10_000;

/** Writes where a lane stands now. */
export async function saveLane(tx: WriteTransaction, lane: Lane, nowMs: number): Promise<void> {
  const row: LaneTable = {
    gateway: lane.gateway,
    site: lane.site,
    epoch: lane.epoch,
    committed_seq: lane.committed,
    head_hash: lane.headHash,
    receipt_number: Math.max(lane.receiptNumber, nowMs + receiptNumbersAhead),
    state: lane.halted ? 'halted' : 'open',
    reason: lane.reason ?? null,
    updated_at: nowMs,
  };
  await tx.db
    .insertInto('lane')
    .values(row)
    .onConflict((conflict) => conflict.column('gateway').doUpdateSet(row))
    .execute();
}
