import { encodeCanonical } from '#contracts/canonical.ts';
import type { StateRow } from './state-row.ts';
import type { Rival, TagState } from './tag-presence.ts';

/** Column value for "no strength known"; real ones are clamped above it. */
const noMean = -32_768;
/** Name index for "none". */
const noName = 0;
/** What became of a slot since it was last drained. */
const change = { none: 0, set: 1, gone: 2 } as const;

/**
 * The presence states of all tags, in columns: half a million resident tags as objects would take
 * several times the memory. To callers it is a map of immutable states.
 */
export class TagTable {
  static readonly machine = 'tag';
  readonly #slots = new Map<string, number>();
  readonly #epcs: string[] = [];
  readonly #free: number[] = [];
  /** Slots that changed, once each. */
  readonly #dirty: number[] = [];
  readonly #names = new Names();
  #columns = columnsOf(1024);
  #used = 0;
  /** What is looked up is nearly always set next. */
  #lastEpc: string | undefined;
  #lastSlot: number | undefined;

  get size(): number {
    return this.#slots.size;
  }

  keys(): MapIterator<string> {
    return this.#slots.keys();
  }

  get(epc: string): TagState | undefined {
    const slot = this.#slotOf(epc);
    return slot === undefined ? undefined : this.#read(slot);
  }

  set(epc: string, state: TagState): void {
    this.#mark(this.#put(epc, state), change.set);
  }

  delete(epc: string): void {
    const slot = this.#slotOf(epc);
    if (slot === undefined) return;
    this.#slots.delete(epc);
    this.#lastEpc = undefined;
    this.#mark(slot, change.gone);
  }

  /** The slot of a tag that is gone serves another only now, so that both are told, in this order. */
  drainDirty(rows: StateRow[]): void {
    for (const slot of this.#dirty) {
      const isGone = this.#columns.change[slot] === change.gone;
      const value = isGone ? null : this.#encode(slot);
      rows.push({ machine: TagTable.machine, key: this.#epcs[slot] ?? '', value });
      if (isGone) this.#free.push(slot);
      this.#columns.change[slot] = change.none;
    }
    this.#dirty.length = 0;
  }

  restore(epc: string, value: string): void {
    this.#put(epc, decodeTag(value));
  }

  #slotOf(epc: string): number | undefined {
    if (epc !== this.#lastEpc) {
      this.#lastEpc = epc;
      this.#lastSlot = this.#slots.get(epc);
    }
    return this.#lastSlot;
  }

  #put(epc: string, state: TagState): number {
    let slot = this.#slotOf(epc);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#extend();
      this.#slots.set(epc, slot);
      this.#epcs[slot] = epc;
      this.#lastSlot = slot;
    }
    this.#write(slot, state);
    return slot;
  }

  #mark(slot: number, as: number): void {
    if (this.#columns.change[slot] === change.none) this.#dirty.push(slot);
    this.#columns.change[slot] = as;
  }

  #extend(): number {
    if (this.#used === this.#columns.capacity) this.#columns = grown(this.#columns);
    return this.#used++;
  }

  #read(slot: number): TagState {
    const of = this.#columns;
    const rivalZone = of.rivalZone[slot] ?? noName;
    const rival: Rival | undefined =
      rivalZone === noName
        ? undefined
        : {
            zone: this.#names.at(rivalZone),
            reads: of.rivalReads[slot] ?? 0,
            meanCdbm: fromMean(of.rivalMean[slot]),
            score: of.rivalScore[slot] ?? 0,
            seenAtMs: of.rivalSeenAt[slot] ?? 0,
          };
    return {
      zone: this.#names.at(of.zone[slot] ?? noName),
      device: this.#names.at(of.device[slot] ?? noName),
      receivedAtMs: of.receivedAt[slot] ?? 0,
      seenAtMs: of.seenAt[slot] ?? 0,
      meanCdbm: fromMean(of.mean[slot]),
      rival,
    };
  }

  /** Canonical text of a state: a list as `decodeTag` reads it. */
  #encode(slot: number): string {
    const of = this.#columns;
    const zone = this.#names.textAt(of.zone[slot] ?? noName);
    const device = this.#names.textAt(of.device[slot] ?? noName);
    const mean = fromMean(of.mean[slot]) ?? null;
    const basic = `[${zone},${device},${of.receivedAt[slot]},${of.seenAt[slot]},${mean}`;
    const rivalZone = of.rivalZone[slot] ?? noName;
    if (rivalZone === noName) return `${basic}]`;
    const rivalMean = fromMean(of.rivalMean[slot]) ?? null;
    const rival = `${of.rivalReads[slot]},${rivalMean},${of.rivalSeenAt[slot]},${of.rivalScore[slot]}`;
    return `${basic},[${this.#names.textAt(rivalZone)},${rival}]]`;
  }

  #write(slot: number, state: TagState): void {
    const of = this.#columns;
    const { rival } = state;
    of.zone[slot] = this.#names.indexOf(state.zone);
    of.device[slot] = this.#names.indexOf(state.device);
    of.receivedAt[slot] = state.receivedAtMs;
    of.seenAt[slot] = state.seenAtMs;
    of.mean[slot] = toMean(state.meanCdbm);
    of.rivalZone[slot] = rival === undefined ? noName : this.#names.indexOf(rival.zone);
    if (rival === undefined) return;
    of.rivalReads[slot] = rival.reads;
    of.rivalMean[slot] = toMean(rival.meanCdbm);
    of.rivalSeenAt[slot] = rival.seenAtMs;
    of.rivalScore[slot] = rival.score;
  }
}

/** Names of zones and devices by a small number; the number is known to this process only. */
class Names {
  readonly #names: string[] = [''];
  readonly #texts: string[] = ['""'];
  readonly #indexes = new Map<string, number>([['', noName]]);

  at(index: number): string {
    return this.#names[index] ?? '';
  }

  /** The name as canonical text. */
  textAt(index: number): string {
    return this.#texts[index] ?? '""';
  }

  indexOf(name: string): number {
    let index = this.#indexes.get(name);
    if (index === undefined) {
      index = this.#names.push(name) - 1;
      this.#texts.push(encodeCanonical(name));
      this.#indexes.set(name, index);
    }
    return index;
  }
}

function columnsOf(capacity: number) {
  return {
    capacity,
    change: new Uint8Array(capacity),
    zone: new Uint16Array(capacity),
    device: new Uint16Array(capacity),
    receivedAt: new Float64Array(capacity),
    seenAt: new Float64Array(capacity),
    mean: new Int16Array(capacity),
    rivalZone: new Uint16Array(capacity),
    rivalReads: new Uint8Array(capacity),
    rivalMean: new Int16Array(capacity),
    rivalSeenAt: new Float64Array(capacity),
    rivalScore: new Int16Array(capacity),
  };
}

function grown(from: ReturnType<typeof columnsOf>): ReturnType<typeof columnsOf> {
  const to = columnsOf(Math.ceil(from.capacity * 1.5));
  to.change.set(from.change);
  to.zone.set(from.zone);
  to.device.set(from.device);
  to.receivedAt.set(from.receivedAt);
  to.seenAt.set(from.seenAt);
  to.mean.set(from.mean);
  to.rivalZone.set(from.rivalZone);
  to.rivalReads.set(from.rivalReads);
  to.rivalMean.set(from.rivalMean);
  to.rivalSeenAt.set(from.rivalSeenAt);
  to.rivalScore.set(from.rivalScore);
  return to;
}

/** Strengths outside ±320 dBm are nonsense; they are kept at the edge of what fits. */
function toMean(cdbm: number | undefined): number {
  return cdbm === undefined ? noMean : Math.max(-32_000, Math.min(32_000, cdbm));
}

function fromMean(mean: number | undefined): number | undefined {
  return mean === undefined || mean === noMean ? undefined : mean;
}

type StoredRival = readonly [
  zone: string,
  reads: number,
  mean: number | null,
  seenAtMs: number,
  /** Absent in rows of version 0.1. */
  score?: number,
];
type StoredTag = readonly [
  zone: string,
  device: string,
  receivedAtMs: number,
  seenAtMs: number,
  mean: number | null,
  rival?: StoredRival,
];

function decodeTag(value: string): TagState {
  const [zone, device, receivedAtMs, seenAtMs, mean, rival] = JSON.parse(value) as StoredTag;
  return {
    zone,
    device,
    receivedAtMs,
    seenAtMs,
    meanCdbm: mean ?? undefined,
    rival: rival === undefined ? undefined : decodeRival(rival),
  };
}

function decodeRival([zone, reads, mean, seenAtMs, score = 0]: StoredRival): Rival {
  return { zone, reads, meanCdbm: mean ?? undefined, score, seenAtMs };
}
