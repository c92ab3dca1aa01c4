import { unreachable } from '#contracts/assert.ts';
import { encodeCanonical } from '#contracts/canonical.ts';
import type { TenantId } from '#contracts/ids.ts';
import type { Clock } from '#contracts/time.ts';
import type { Change } from '../projections/changes.ts';
import type { LaneBook } from './lane-book.ts';
import { stepLane } from './lane-machine.ts';
import type { Lane, LaneTransaction } from './lane-store.ts';
import {
  chainOf,
  openBatch,
  senderOf,
  type OpenedBatch,
  type Unpack,
  type WireMessage,
} from './open-batch.ts';
import type { MessageFault } from './quarantine.ts';

/** What became of a group of messages, once it is durable. */
export interface AppliedGroup {
  readonly events: number;
  readonly duplicates: number;
  readonly parked: number;
  readonly poison: number;
  readonly refused: number;
  /** What each gateway has to hear: `replay` where events before those it sent are missing. */
  readonly answers: ReadonlyMap<string, 'committed' | 'replay'>;
  /** Gateways whose lane was halted by this group. */
  readonly halted: readonly string[];
  readonly changes: readonly Change[];
}

/** One transaction under way. */
interface Group {
  readonly tx: LaneTransaction;
  readonly nowMs: number;
  readonly lanes: Map<string, Lane>;
  readonly answers: Map<string, 'committed' | 'replay'>;
  readonly halted: string[];
  /** Sites whose fleet rows change. */
  readonly sites: Set<string>;
  readonly counts: Record<'events' | 'duplicates' | 'parked' | 'poison' | 'refused', number>;
  nextPosition: number;
}

/**
 * Takes messages of the ordered lane, of one gateway or many, and records them in ONE transaction:
 * journal, signatures, ledger, projections and lane cursors stand or fall together.
 */
export class BatchApplier {
  readonly #book: LaneBook;
  readonly #tenant: TenantId;
  readonly #clock: Clock;
  readonly #unpack: Unpack | undefined;

  constructor(parts: { book: LaneBook; tenant: TenantId; clock: Clock; unpack?: Unpack }) {
    this.#book = parts.book;
    this.#unpack = parts.unpack;
    this.#tenant = parts.tenant;
    this.#clock = parts.clock;
  }

  /** @throws Fault of the store; then nothing of the group is recorded. */
  async apply(messages: readonly WireMessage[]): Promise<AppliedGroup> {
    return await this.#book.write(async (tx) => {
      const group = this.#begin(tx);
      for (const message of messages) await this.#take(group, message);
      return await this.#finish(group);
    });
  }

  #begin(tx: LaneTransaction): Group {
    return {
      tx,
      nowMs: this.#clock.nowMs(),
      lanes: new Map(),
      answers: new Map(),
      halted: [],
      sites: new Set(),
      counts: { events: 0, duplicates: 0, parked: 0, poison: 0, refused: 0 },
      nextPosition: this.#book.nextPosition,
    };
  }

  async #finish(group: Group) {
    const { tx, nowMs, lanes, answers, halted, sites, counts, nextPosition } = group;
    const changes = await tx.flush();
    for (const lane of lanes.values()) {
      await tx.saveLane(lane, nowMs);
      sites.add(lane.site);
    }
    if (sites.size > 0) changes.push({ topic: 'fleet', sites: [...sites] });
    const value: AppliedGroup = { ...counts, answers, halted, changes };
    return { changes: { lanes, nextPosition }, value };
  }

  async #take(group: Group, message: WireMessage): Promise<void> {
    const sender = senderOf(message.subject);
    const registered = sender === undefined ? undefined : this.#book.gateway(sender.gateway);
    if (sender === undefined || registered === undefined || registered.site !== sender.site) {
      const from = sender ?? { gateway: '?', site: '?' };
      return this.#refuse(group, message, from, 'unknown-gateway', message.subject.slice(0, 200));
    }
    const address = { tenant: this.#tenant, ...sender };
    const opened = openBatch(message.data, address, registered, this.#unpack);
    if (!opened.ok) {
      const { message: detail } = opened.refusal;
      return this.#refuse(group, message, sender, opened.reason ?? 'malformed', detail);
    }
    const lane = group.lanes.get(sender.gateway) ?? this.#book.lane(sender.gateway);
    if (lane === undefined) {
      const detail = 'the gateway sent events before it said which epoch they are of';
      return this.#refuse(group, message, sender, 'wrong-epoch', detail);
    }
    await this.#step(group, message, lane, opened.value);
  }

  async #step(group: Group, message: WireMessage, lane: Lane, batch: OpenedBatch): Promise<void> {
    const { gateway, site } = lane;
    const { cursor, effect } = stepLane(lane, {
      header: batch.header,
      chain: () => chainOf(batch),
      recordedHash: await this.#recordedHash(group, lane, batch),
    });
    switch (effect.type) {
      case 'apply':
        await this.#record(group, lane, batch, effect.skip, effect.hashes);
        group.lanes.set(gateway, { ...lane, ...cursor });
        group.answers.set(gateway, 'committed');
        break;
      case 'duplicate':
        group.counts.duplicates += 1;
        if (!group.answers.has(gateway)) group.answers.set(gateway, 'committed');
        break;
      case 'ask-replay':
        group.answers.set(gateway, 'replay');
        break;
      case 'refuse':
        group.counts.refused += 1;
        group.answers.set(gateway, 'committed');
        break;
      case 'quarantine':
        this.#refuse(group, message, { gateway, site }, effect.reason, effect.detail);
        if (cursor.halted && !lane.halted) {
          group.lanes.set(gateway, { ...lane, ...cursor, reason: effect.detail.slice(0, 200) });
          group.halted.push(gateway);
        }
        // What was changed on the way can be sent again; what was asked for is the same either way.
        group.answers.set(gateway, effect.reason === 'malformed' ? 'replay' : 'committed');
        break;
      default:
        unreachable(effect);
    }
  }

  /** Looked up only where the batch claims a position that is recorded already. */
  async #recordedHash(group: Group, lane: Lane, batch: OpenedBatch): Promise<string | undefined> {
    const { epoch, seq } = batch.header.checkpoint;
    if (epoch > lane.epoch || (epoch === lane.epoch && seq > lane.committed)) return undefined;
    if (epoch === lane.epoch && seq === lane.committed) return lane.headHash;
    return await group.tx.recordedHash({ gateway: lane.gateway, epoch, seq });
  }

  async #record(
    group: Group,
    lane: Lane,
    batch: OpenedBatch,
    skip: number,
    hashes: readonly string[],
  ): Promise<void> {
    const { gateway, site, epoch } = lane;
    const { checkpoint, firstSeq, signature } = batch.header;
    const registered = this.#book.gateway(gateway);
    if (registered?.retiring !== undefined && checkpoint.keyId === registered.key.keyId) {
      await group.tx.retireFormerKey(gateway, group.nowMs);
    }
    const recordedAt = group.nowMs;
    for (let index = skip; index < batch.events.length; index += 1) {
      const event = batch.events[index];
      const hash = hashes[index];
      if (event === undefined || hash === undefined) continue;
      const state = await group.tx.addEvent(event, {
        position: group.nextPosition,
        gateway,
        site,
        epoch,
        seq: firstSeq + index,
        hash,
        recordedAt,
      });
      group.nextPosition += 1;
      group.counts.events += 1;
      if (state === 'parked') group.counts.parked += 1;
      if (state === 'quarantined') group.counts.poison += 1;
    }
    group.tx.addBatch({
      gateway,
      epoch,
      last_seq: checkpoint.seq,
      first_seq: firstSeq + skip,
      checkpoint: encodeCanonical(checkpoint),
      signature,
      key_id: checkpoint.keyId,
      recorded_at: recordedAt,
    });
  }

  #refuse(
    group: Group,
    message: WireMessage,
    from: { readonly gateway: string; readonly site: string },
    reason: MessageFault,
    detail: string,
  ): void {
    group.counts.refused += 1;
    if (reason !== 'unknown-gateway') group.sites.add(from.site);
    const { data } = message;
    group.tx.putAside({ ...from, reason, detail, data, receivedAt: group.nowMs });
  }
}
