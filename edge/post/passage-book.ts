import { draft } from '#contracts/envelope.ts';
import type { EventPayload } from '#contracts/event-kinds.ts';
import { KeyedStore } from '../observe/keyed-store.ts';
import { arrivalAt } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import type { DoorPassing, DoorView } from '../stock/stock-view.ts';
import type { TaskBook } from '../stock/task-book.ts';
import { draftFields, type Turn } from '../stock/turn.ts';

type Reconciled = EventPayload<'stock.reconciled'>;
type Source = Reconciled['sources'][number]['source'];
type Last = { readonly reconciled: Reconciled; readonly task: string };

/** What went through a portal in one direction since it was quiet last. */
type Passage = {
  readonly counted: number;
  readonly documented: number;
  readonly documents: readonly string[];
  readonly lastMs: number;
  readonly read: number;
  readonly scanned: number;
  readonly startedMs: number;
};

const none: Passage = {
  counted: 0,
  documented: 0,
  documents: [],
  lastMs: 0,
  read: 0,
  scanned: 0,
  startedMs: 0,
};
const maxDocuments = 20;

export const defaultQuorumPermille = 600;
export const defaultSettleMs = 15_000;

/** Whether pieces at a portal are tagged items or the units they come in: as its counter counts. */
export function portalCounts({ countedPortals }: SiteModel, portal: string): 'items' | 'units' {
  return [...countedPortals.values()].find((one) => one.portal === portal)?.counts ?? 'items';
}

/** Pieces as one source has them. A counter does not know a direction. */
export interface Piece {
  readonly portal: string;
  readonly direction: 'in' | 'out' | '';
  readonly source: 'rfid' | 'scan' | 'counter' | 'document';
  readonly pieces: number;
  /** The document that expects what was read or scanned. */
  readonly document?: string | undefined;
}

/**
 * Sums up, for each portal and direction, how many pieces each source saw in one go, and compares
 * them when it goes quiet: what agrees and how sure that is, and a task where they differ. Says
 * nothing where only one source looks.
 */
export class PassageBook {
  readonly #tasks: TaskBook;
  readonly #passages = new KeyedStore<Passage>('passage');
  /** By portal: what was compared last, and the task that it left; empty: none. */
  readonly #last = new KeyedStore<Last>('passage-last');

  constructor(tasks: TaskBook) {
    this.#tasks = tasks;
  }

  add(nowMs: number, { portal, direction, source, pieces, document }: Piece): void {
    const key = `${portal}\n${direction}`;
    const before = this.#passages.get(key) ?? { ...none, startedMs: nowMs };
    const isNew = document !== undefined && !before.documents.includes(document);
    this.#passages.set(key, {
      ...before,
      counted: before.counted + (source === 'counter' ? pieces : 0),
      documented: before.documented + (source === 'document' ? pieces : 0),
      documents: isNew ? [...before.documents, document].sort() : before.documents,
      lastMs: nowMs,
      read: before.read + (source === 'rfid' ? pieces : 0),
      scanned: before.scanned + (source === 'scan' ? pieces : 0),
    });
  }

  /** Compares what has gone quiet. */
  tick(site: SiteModel, nowMs: number, out: Turn['out']): void {
    const settleMs = site.posting.settleMs ?? defaultSettleMs;
    if (this.#passages.size === 0) return;
    const portals = new Set([...this.#passages.keys()].map((key) => key.split('\n')[0] ?? ''));
    for (const portal of [...portals].sort()) {
      const [inwards, outwards, counter] = (['in', 'out', ''] as const).map((direction) => {
        return this.#passages.get(`${portal}\n${direction}`);
      });
      const lastMs = Math.max(...[inwards, outwards, counter].map((one) => one?.lastMs ?? 0));
      if (nowMs - lastMs < settleMs) continue;
      for (const direction of ['in', 'out', '']) {
        this.#passages.set(`${portal}\n${direction}`, undefined);
      }
      const turn: Turn = { site, nowMs, at: arrivalAt(nowMs), out };
      const isCounted = [...site.countedPortals.values()].some((one) => one.portal === portal);
      // What a counter saw while goods went both ways says nothing about either.
      const isOneWay = inwards === undefined || outwards === undefined;
      const counted = isCounted && isOneWay ? (counter?.counted ?? 0) : undefined;
      if (outwards !== undefined) this.#compare(turn, portal, 'out', outwards, counted);
      if (inwards !== undefined) this.#compare(turn, portal, 'in', inwards, counted);
      if (isOneWay && inwards === outwards && counter !== undefined) {
        this.#compare(turn, portal, wayThrough(site, portal), counter, counted);
      }
    }
  }

  /** What goes through each portal now, and what was compared there last. */
  doors(portals: SiteModel['portals']): DoorView[] {
    return [...portals].map(([portal, zone]) => {
      const { reconciled: last, task = '' } = this.#last.get(portal) ?? {};
      return {
        portal,
        zone,
        passing: (['in', 'out', ''] as const).flatMap((direction): DoorPassing[] => {
          const passage = this.#passages.get(`${portal}\n${direction}`);
          if (passage === undefined) return [];
          const { documents, startedMs, lastMs } = passage;
          return [{ direction, documents, lastMs, sources: seenBy(passage), startedMs }];
        }),
        ...(last === undefined ? {} : { last }),
        ...(task === '' ? {} : { task }),
      };
    });
  }

  drainDirty(rows: StateRow[]): void {
    this.#passages.drainDirty(rows);
    this.#last.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = [this.#passages, this.#last].find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined;
  }

  #compare(
    turn: Turn,
    portal: string,
    direction: 'in' | 'out',
    passage: Passage,
    counted: number | undefined,
  ): void {
    const sources = sourcesOf(passage, counted);
    if (sources.length < 2) return;
    const { units, agreed, certainty } = judgeSources(sources);
    const { documents, startedMs: startedAt, lastMs: endedAt } = passage;
    const payload: Reconciled = {
      agreed,
      certaintyPermille: certainty,
      direction,
      ...(documents.length === 0 ? {} : { documents: documents.slice(0, maxDocuments) }),
      endedAt,
      portal,
      sources,
      startedAt,
      units,
    };
    turn.out.push(draft('stock.reconciled', payload, draftFields(turn)));
    const quorum = turn.site.posting.unitQuorumPermille ?? defaultQuorumPermille;
    const task = isSettled(payload, quorum) ? '' : this.#ask(turn, payload);
    this.#last.set(portal, { reconciled: payload, task });
  }

  #ask(turn: Turn, { direction, documents = [], portal, sources }: Reconciled): string {
    const reason = sources.map((one) => `${one.source} ${one.units}`).join(', ');
    const zone = turn.site.portals.get(portal);
    const [document] = documents;
    return this.#tasks.open(turn, {
      ...(document === undefined ? {} : { document }),
      reason: `${portal} ${direction}: ${reason}`.slice(0, 120),
      task: 'reconcile',
      ...(zone === undefined ? {} : { zone }),
    });
  }
}

/** What was counted so far, by who saw any of it. */
function seenBy({ counted, documented, read, scanned }: Passage): Reconciled['sources'] {
  const all: Reconciled['sources'] = [
    { source: 'counter', units: counted },
    { source: 'document', units: documented },
    { source: 'rfid', units: read },
    { source: 'scan', units: scanned },
  ];
  return all.filter(({ units }) => units > 0);
}

/** The sources that look at this portal, with what each of them saw. */
function sourcesOf(
  { documented, read, scanned }: Passage,
  counted: number | undefined,
): Reconciled['sources'] {
  return [
    ...(counted === undefined ? [] : [{ source: 'counter' as const, units: counted }]),
    ...(documented === 0 ? [] : [{ source: 'document' as const, units: documented }]),
    { source: 'rfid' as const, units: read },
    ...(scanned === 0 ? [] : [{ source: 'scan' as const, units: scanned }]),
  ];
}

/**
 * Nobody needs to look: all agree, or two others agree well and the tags that were read are a
 * quorum of their figure. Tags are missed; they are not invented.
 */
function isSettled(
  { agreed, certaintyPermille: sure, sources, units }: Reconciled,
  quorum: number,
) {
  const others = sources.filter(({ source }) => !agreed.includes(source));
  const [only] = others;
  if (only === undefined) return true;
  const isMissedReads = others.length === 1 && only.source === 'rfid' && only.units < units;
  return isMissedReads && agreed.length >= 2 && sure >= 900 && only.units * 1000 >= units * quorum;
}

function wayThrough({ portals, zones }: SiteModel, portal: string): 'in' | 'out' {
  return zones.get(portals.get(portal) ?? '')?.status === 'shipping' ? 'out' : 'in';
}

/**
 * How often a source has fewer pieces than there are, and how often more: tags are shadowed, scans
 * forgotten, belts double-count, documents are not what was loaded. Field figures, rounded.
 */
const errorRate: Readonly<Record<Source, { readonly fewer: number; readonly more: number }>> = {
  rfid: { fewer: 0.2, more: 0.01 },
  counter: { fewer: 0.02, more: 0.01 },
  scan: { fewer: 0.2, more: 0.001 },
  document: { fewer: 0.025, more: 0.025 },
  unit: { fewer: 0.025, more: 0.025 },
};

/**
 * The likeliest of the figures that sources have, by Bayes' rule with even prior odds over these
 * figures and over none of them being right; of equally likely ones the highest.
 */
export function judgeSources(sources: Reconciled['sources']): {
  readonly units: number;
  readonly agreed: Source[];
  readonly certainty: number;
} {
  const figures = [...new Set(sources.map(({ units }) => units))].sort((a, b) => b - a);
  const likelihoods = figures.map((units) => product(sources, (one) => chanceOf(one, units)));
  const noneRight = product(sources, ({ source }) => {
    return errorRate[source].fewer + errorRate[source].more;
  });
  const best = Math.max(...likelihoods);
  const all = likelihoods.reduce((sum, one) => sum + one, noneRight);
  const units = figures[likelihoods.indexOf(best)] ?? 0;
  return {
    units,
    agreed: sources.filter((one) => one.units === units).map(({ source }) => source),
    certainty: Math.min(999, Math.floor((1000 * best) / all)),
  };
}

/** How likely a source has this figure when there are so many. */
function chanceOf({ source, units: said }: Reconciled['sources'][number], units: number): number {
  const { fewer, more } = errorRate[source];
  if (said === units) return 1 - fewer - more;
  return said < units ? fewer : more;
}

function product<T>(of: readonly T[], value: (one: T) => number): number {
  return of.reduce((total, one) => total * value(one), 1);
}
