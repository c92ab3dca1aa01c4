import type { FaultReport } from './fault-report.ts';
import { closeGaps, dueGaps, emptyGapBook, noteStatuses } from './gap-book.ts';
import type { BookStep, GapBook } from './gap-book.ts';
import type { AlarmRefresh } from './alarm-refresh.ts';
import type { OpcUaSink, OpcUaTag } from './opcua-driver.ts';
import { encodeOpcUaEvent, serverEvents } from './opcua-event.ts';
import type { OpcUaEvent } from './opcua-event.ts';
import type { ItemEvent, LinkItem, TagValue } from './opcua-link.ts';
import { encodeOpcUaSample, hasOverflow, isGoodStatus } from './opcua-sample.ts';
import type { OpcUaSample, TagReadout } from './opcua-sample.ts';
import { badDecodingError, canonicalOf, sampleOf } from './opcua-value.ts';

/** The server has deleted the node. */
const goneStatuses = new Set(['BadNodeIdUnknown', 'BadNodeIdInvalid']);

/** What one PLC's tags and event sources said last, what they missed, and which of them are bad. */
export class ItemWatch {
  readonly items: ReadonlyMap<string, LinkItem>;
  readonly #tags: ReadonlyMap<string, OpcUaTag>;
  readonly #sink: OpcUaSink;
  readonly #faults: FaultReport;
  readonly #refresh: AlarmRefresh;
  readonly #spokeMs = new Map<string, number>();
  #book: GapBook = emptyGapBook;
  #refused: ReadonlyMap<string, string> = new Map();
  #gone = new Set<string>();

  constructor(
    items: readonly LinkItem[],
    tags: readonly OpcUaTag[],
    sink: OpcUaSink,
    faults: FaultReport,
    refresh: AlarmRefresh,
  ) {
    this.items = new Map(items.map((item) => [item.name, item]));
    this.#tags = new Map(tags.map((tag) => [tag.name, tag]));
    this.#sink = sink;
    this.#faults = faults;
    this.#refresh = refresh;
  }

  get refused(): ReadonlyMap<string, string> {
    return this.#refused;
  }

  /** Nodes that were served and are no more; each is given out once. */
  takeGone(): ReadonlySet<string> {
    const gone = this.#gone;
    this.#gone = new Set();
    return gone;
  }

  /** Whether something is to be subscribed to again. */
  get isIncomplete(): boolean {
    return this.#refused.size + this.#gone.size > 0;
  }

  /** Ends every open gap: the link is gone, or the driver stops, and another gap takes over. */
  close(nowMs: number): void {
    this.#report(closeGaps(this.#book, nowMs));
    this.#gone.clear();
  }

  due(nowMs: number): void {
    this.#report(dueGaps(this.#book, nowMs));
    this.#faults.flush(nowMs);
  }

  /** One notification: its gaps first, so that they stand before the samples behind them. */
  noteValues(
    values: readonly TagValue[],
    namespaces: readonly string[],
    heardMs: number,
    nowMs: number,
  ): void {
    const samples = values.flatMap(({ tag, value }) => {
      const configured = this.#tags.get(tag);
      if (configured === undefined) return [];
      const sample = sampleOf(value, readoutOf(configured), namespaces);
      const isGood = isGoodStatus(sample.status) && sample.value !== null;
      const status = value.statusCode.name;
      return [{ tag, node: configured.node, sample, isGood, status }];
    });
    this.#noteOverflow(samples, heardMs, nowMs);
    this.#report(noteStatuses(this.#book, samples, nowMs));
    for (const { isGood, node, sample, status, tag } of samples) {
      this.#spokeMs.set(tag, nowMs);
      this.#sink.sample(tag, encodeOpcUaSample(sample));
      if (isGood) this.#faults.good(tag);
      else if (sample.status === badDecodingError) {
        this.#faults.undecodable(tag, JSON.stringify(sample.value), node);
      } else this.#faults.bad(tag, status, node, nowMs);
      if (goneStatuses.has(status)) this.#gone.add(tag);
    }
    this.#faults.flush(nowMs);
  }

  noteEvents(
    events: readonly ItemEvent[],
    namespaces: readonly string[],
    heardMs: number,
    nowMs: number,
  ): void {
    for (const { fields, item } of events) {
      const spec = this.items.get(item)?.events;
      if (spec === undefined) continue;
      const event: OpcUaEvent = Object.fromEntries(
        spec.fields.map(({ key }, index) => [key, canonicalOf(fields[index], namespaces)]),
      );
      if (event['type'] === serverEvents.queueOverflow) {
        this.#overflow([item], heardMs, nowMs);
        this.#refresh.request();
      }
      if (event['type'] === serverEvents.refreshRequired) this.#refresh.request();
      this.#spokeMs.set(item, nowMs);
      if (!this.#sink.sample(item, encodeOpcUaEvent(event))) this.#refresh.request();
    }
  }

  /**
   * What the server refused counts as bad until it takes it.
   *
   * @returns what is refused now and was not before, or for another reason.
   */
  noteRefused(refused: ReadonlyMap<string, string>, nowMs: number): (readonly [string, string])[] {
    for (const [name, why] of refused) {
      this.#faults.refused(name, why, this.items.get(name)?.node ?? '');
    }
    const taken = [...this.#refused.keys()].filter((name) => !refused.has(name));
    for (const name of taken) this.#faults.good(name);
    // No sample of an event source would say that it is served again.
    const served = taken.filter((name) => this.items.get(name)?.events !== undefined);
    if (served.length > 0) this.#refresh.request();
    const fresh = [...refused].filter(([name, why]) => this.#refused.get(name) !== why);
    this.#refused = refused;
    const bad = [...refused.keys()].map((tag) => ({ tag, isGood: false }));
    const good = served.map((tag) => ({ tag, isGood: true }));
    this.#report(noteStatuses(this.#book, [...bad, ...good], nowMs));
    this.#faults.flush(nowMs);
    return fresh;
  }

  #noteOverflow(
    samples: readonly { readonly tag: string; readonly sample: OpcUaSample }[],
    heardMs: number,
    nowMs: number,
  ): void {
    const overflowed = samples.filter(({ sample }) => hasOverflow(sample.status));
    if (overflowed.length === 0) return;
    this.#overflow([...new Set(overflowed.map(({ tag }) => tag))], heardMs, nowMs);
  }

  /** What a queue dropped lies between what it gave last and what it gives now. */
  #overflow(names: readonly string[], heardMs: number, toMs: number): void {
    const since = names.map((name) => this.#spokeMs.get(name) ?? heardMs);
    const fromMs = Math.min(...since);
    this.#sink.gap({ reason: 'overflow', channels: names.length, fromMs, toMs });
  }

  #report({ book, gaps }: BookStep): void {
    this.#book = book;
    for (const gap of gaps) this.#sink.gap({ reason: 'bad-status', ...gap });
  }
}

function readoutOf({ element, member, role }: OpcUaTag): TagReadout {
  return {
    role,
    ...(element === undefined ? {} : { element }),
    ...(member === undefined ? {} : { member }),
  };
}
