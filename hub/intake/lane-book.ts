import type { LaneStore, LaneTransaction, GatewayKeys, Lane } from './lane-store.ts';
import { parseVerifyKey, type VerifyKey } from './wire-crypto.ts';

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
export class LaneBook<Tx extends LaneTransaction = LaneTransaction> {
  readonly #store: LaneStore<Tx>;
  readonly #parseKey: typeof parseVerifyKey;
  readonly #gateways = new Map<string, RegisteredGateway>();
  readonly #signingKeys = new Map<string, string>();
  readonly #lanes = new Map<string, Lane>();
  #nextPosition = 1;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: LaneStore<Tx>, parseKey = parseVerifyKey) {
    this.#store = store;
    this.#parseKey = parseKey;
  }

  async load(): Promise<void> {
    const lanes = await this.#store.lanes();
    const last = await this.#store.lastPosition();
    this.#lanes.clear();
    for (const lane of lanes) this.#lanes.set(lane.gateway, lane);
    this.#nextPosition = last + 1;
    await this.loadGateways();
  }

  /**
   * Another process may register a gateway while this one runs: the store is what counts.
   *
   * @returns the gateways that were not known before, or by another key.
   */
  async loadGateways(): Promise<RegisteredGateway[]> {
    const news: RegisteredGateway[] = [];
    for (const row of await this.#store.gateways()) {
      const keys = [row.key, row.retiring].join(' ');
      if (this.#signingKeys.get(row.gateway) === keys) continue;
      const known = registered(row, this.#parseKey);
      if (known === undefined) continue;
      this.#gateways.set(row.gateway, known);
      this.#signingKeys.set(row.gateway, keys);
      news.push(known);
    }
    return news;
  }

  /** Lanes that a person let go on, by another process. @returns their gateways. */
  async loadReleases(): Promise<string[]> {
    const halted = [...this.#lanes.values()].filter((lane) => lane.halted);
    if (halted.length === 0) return [];
    const run = this.#turn.then(async () => {
      const open = await this.#store.openLanes(halted.map(({ gateway }) => gateway));
      return open.filter((gateway) => {
        const lane = this.#lanes.get(gateway);
        if (lane?.halted !== true) return false;
        this.#lanes.set(gateway, { ...lane, halted: false, reason: undefined });
        return true;
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

  /** As `LaneStore.recordedHash` and `isReplacement`, of what is committed. */
  get committed(): Pick<LaneStore, 'recordedHash' | 'isReplacement'> {
    return this.#store;
  }

  /** One transaction that may move lanes. The book follows when it is durable, and only then. */
  async write<T>(
    work: (tx: Tx) => Promise<{ readonly changes: BookChanges; readonly value: T }>,
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

/** @returns undefined for one whose key is none. */
function registered(
  { gateway, site, key, retiring, former }: GatewayKeys,
  parse: typeof parseVerifyKey,
): RegisteredGateway | undefined {
  const current = parse(key);
  if (!current.ok) return undefined;
  const formerKeys = new Map<string, VerifyKey>();
  for (const text of former) {
    const one = parse(text);
    if (one.ok) formerKeys.set(one.value.keyId, one.value);
  }
  const before = retiring === undefined ? undefined : parse(retiring);
  const leaving = before?.ok === true ? before.value : undefined;
  return { gateway, site, key: current.value, retiring: leaving, formerKeys };
}
