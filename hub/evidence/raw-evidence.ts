import type { Logger } from 'pino';
import type { RawEvidence } from '#contracts/api/evidence-api.ts';
import type { EventHeader } from '#contracts/envelope.ts';
import { evidenceWindowOf } from '#contracts/evidence-bounds.ts';
import type { EvidenceReply } from '#contracts/evidence.ts';
import { Fault, messageOf } from '#contracts/fault.ts';
import { eventId, type EventPosition } from '#contracts/ids.ts';
import type { GatewayAddress } from '#contracts/subjects.ts';
import type { Clock } from '#contracts/time.ts';
import { askGateway, fetchFrame, type AskParts } from './ask-gateway.ts';
import type { EvidenceBook } from './evidence-book.ts';
import type { EvidenceGapTable, EvidenceSegmentTable } from '../store/schema.ts';
import { presentEvidence, type Case, type Gathered, type Proven } from './present-evidence.ts';
import { proveLeaf, readFrame, type ProvenLeaf, type ReadEntry } from './prove-leaf.ts';

export interface RawEvidenceParts {
  readonly book: EvidenceBook;
  readonly ask: AskParts;
  readonly addressOf: (gateway: string) => GatewayAddress | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

type Located = Extract<EvidenceReply, { type: 'located' }>;

/** Answers that are put together at once: each may wait for a gateway. */
const maxAtOnce = 8;

/**
 * What devices sent that an event stands on: asked of the gateway on demand, proved against the
 * roots that came through the chain, and kept here once it was proved.
 */
export class RawEvidenceService {
  readonly #parts: RawEvidenceParts;
  readonly #running = new Map<string, Promise<RawEvidence | undefined>>();

  constructor(parts: RawEvidenceParts) {
    this.#parts = parts;
  }

  /**
   * @returns undefined where the hub holds no such event.
   * @throws Fault UNAVAILABLE while too many others are asked for.
   */
  async of(at: EventPosition): Promise<RawEvidence | undefined> {
    const id = eventId(at);
    let running = this.#running.get(id);
    if (running === undefined) {
      if (this.#running.size >= maxAtOnce) {
        throw new Fault('UNAVAILABLE', 'evidence of too many events is being fetched');
      }
      running = this.#answer(at).finally(() => this.#running.delete(id));
      this.#running.set(id, running);
    }
    return await running;
  }

  async #answer(at: EventPosition): Promise<RawEvidence | undefined> {
    const { book } = this.#parts;
    const event = await book.event(at);
    if (event === undefined) return undefined;
    const erased = event.payload.startsWith('#');
    const header = JSON.parse(event.header) as EventHeader;
    const payload = erased ? undefined : (JSON.parse(event.payload) as unknown);
    const window = evidenceWindowOf(header, payload);
    const segment = await book.segmentHolding(at, window.pos);
    const gap = await book.gapHolding(at, window.pos);
    const of: Case = { at, window, segment, gap };
    return presentEvidence(of, await this.#gather(of));
  }

  async #gather(of: Case): Promise<Gathered> {
    const view = await this.#parts.book.cached(of.at);
    if (view !== undefined) {
      const proven = await this.#prove(of, view.leaves);
      const isWhole = proven.length === view.leaves.length && holds(proven, of.window.pos);
      // What does not prove any more was damaged here: the gateway may still have it.
      if (isWhole) {
        const { left, fetchedAtMs } = view;
        return { ...found(proven), left, fetchedAtMs, cached: true };
      }
    }
    if (of.gap !== undefined) return without('lost', lostDetail(of.gap));
    if (of.segment?.kept_leaves === 0) return without('pruned', prunedDetail(of.segment));
    try {
      return await this.#fetch(of);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { code: reason } = error;
      this.#parts.log.warn({ gateway: of.at.gateway, reason }, 'evidence.not-fetched');
      if (reason === 'BAD_INPUT') return without('refuted', messageOf(error));
      return without('away', awayDetail(of));
    }
  }

  async #fetch(of: Case): Promise<Gathered> {
    const { ask, addressOf, clock } = this.#parts;
    const address = addressOf(of.at.gateway);
    if (address === undefined) return without('away', 'this gateway is not registered any more');
    const { reply, bytes } = await askGateway(ask, address, {
      type: 'locate',
      v: 1,
      window: of.window,
    });
    if (reply.type !== 'located') {
      const why = reply.type === 'refused' ? reply.detail : 'it answered something else';
      return without('away', `the gateway gave nothing: ${why}`);
    }
    const fetched: ProvenLeaf[] = [];
    let left = reply.left;
    for (const leaf of reply.leaves) {
      const frame = await fetchFrame(ask, address, leaf);
      if (frame === undefined) left += 1;
      else fetched.push({ ...leaf, frame });
    }
    const gathered = await this.#judge(of, reply, fetched, bytes);
    const fetchedAtMs = clock.nowMs();
    return { ...gathered, left, fetchedAtMs, cached: false };
  }

  async #judge(of: Case, reply: Located, fetched: readonly ProvenLeaf[], bytes: Uint8Array) {
    const { at, window, segment } = of;
    const proven = await this.#prove(of, fetched);
    const refuted = fetched.length - proven.length;
    if (holds(proven, window.pos)) {
      const leaves = proven.map(({ leaf }) => leaf);
      const fetchedAtMs = this.#parts.clock.nowMs();
      await this.#parts.book.keep(at, { leaves, left: reply.left + refuted, fetchedAtMs });
      return found(proven);
    }
    if (reply.cause === 'unsealed') {
      const read = readFrame(bytes);
      const unproven = read.ok ? read.value : [];
      const detail = sealDetail(segment);
      return { state: 'unproven', detail, proven, unproven } as const;
    }
    if (reply.cause === 'here') {
      const claimed = reply.segment ?? 0;
      const known = await this.#parts.book.segment(at, claimed);
      if (known === undefined) {
        const unproven = fetched.flatMap((leaf) => entriesOf(leaf));
        const detail = 'the seal of this part of the intake log has not come through yet';
        return { state: 'unproven', detail, proven, unproven } as const;
      }
      const detail = `what the gateway gave does not belong to root ${known.root}`;
      this.#parts.log.error({ gateway: at.gateway, segment: known.segment }, 'evidence.refuted');
      return { state: 'refuted', detail, proven, unproven: [] } as const;
    }
    const isPruned = reply.cause === 'pruned' && segment !== undefined;
    const detail = isPruned ? prunedDetail(segment) : reply.detail;
    return { state: reply.cause, detail, proven, unproven: [] } as const;
  }

  /** Those of the leaves that belong to roots of the chain. */
  async #prove(of: Case, leaves: readonly ProvenLeaf[]) {
    const proven: Proven[] = [];
    for (const leaf of leaves) {
      const segment = await this.#parts.book.segment(of.at, leaf.segment);
      if (segment === undefined) continue;
      const read = proveLeaf(leaf, segment);
      if (read.ok) proven.push({ leaf, segment, entries: read.value });
    }
    return proven;
  }
}

function entriesOf(leaf: ProvenLeaf): ReadEntry[] {
  const read = readFrame(leaf.frame);
  return read.ok ? read.value : [];
}

function holds(proven: Gathered['proven'], pos: number): boolean {
  return proven.some(({ entries }) => entries.some((entry) => entry.pos === pos));
}

function found(proven: Gathered['proven']) {
  const detail = 'every entry shown is proved against a root that came through the chain';
  return { state: 'proven', detail, proven, unproven: [] } as const;
}

function without(state: RawEvidence['state'], detail: string): Gathered {
  const nothing = { proven: [], unproven: [], left: 0, fetchedAtMs: null, cached: false };
  return { state, detail, ...nothing };
}

function prunedDetail({ pruned_at: at, root }: EvidenceSegmentTable): string {
  const when = at === null ? 'at an unknown time' : `on ${new Date(at).toISOString()}`;
  return `pruned ${when}, root ${root}`;
}

function lostDetail({ first_pos: first, last_pos: last, reason }: EvidenceGapTable): string {
  return `entries ${first} to ${last} were given up before they were sealed: ${reason}`;
}

function awayDetail({ segment }: Case): string {
  const sealed = segment === undefined ? '' : `; its root is ${segment.root}`;
  return `the gateway does not answer: ask again when it is back${sealed}`;
}

function sealDetail(segment: EvidenceSegmentTable | undefined): string {
  return segment === undefined
    ? 'this part of the intake log is not sealed yet: a proof comes with its segment'
    : `the gateway gave it without the proof that segment ${segment.segment} should have`;
}
