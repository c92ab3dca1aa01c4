import type { EventDraft } from '#contracts/envelope.ts';
import type { DocumentReference } from '#contracts/goods.ts';
import type { ScannedCode } from '#contracts/kinds/scan-kinds.ts';
import { decodeEpc } from '../../devices/epc/decode-epc.ts';
import { announcedScheme } from '../../devices/epc/epc-schemes.ts';
import type { DocumentBook } from '../documents/document-book.ts';
import { ExpiringStore } from '../observe/expiring-store.ts';
import type { Moment } from '../observe/moment.ts';
import type { SiteModel } from '../observe/site-model.ts';
import type { StateRow } from '../observe/state-row.ts';
import { sgtinCandidates } from '../stock/epc-candidates.ts';
import type { Statement, StockBook } from '../stock/stock-book.ts';
import type { TaskBook } from '../stock/task-book.ts';
import type { Turn } from '../stock/turn.ts';
import { unitOfCode, unitOfEpc } from '../stock/unit-id.ts';
import type { Destination, Source, TransferDesk } from '../transfers/transfer-desk.ts';
import { certaintyPermille, jointPermille, sourcePermille } from './certainty.ts';
import { countPiece, countScan } from './count-piece.ts';
import type { PassageBook } from './passage-book.ts';
import { decideInbound, decideMove, decideOutbound, type Decision } from './posting-rules.ts';
import type { UnitWatch } from './unit-watch.ts';

/** Evidence about one tag, with what stands behind it. */
interface Evidence {
  readonly epc: string;
  readonly reads: number;
  readonly device: string;
  readonly at: Moment;
  /** The entry's time, which decides how long something is remembered. */
  readonly nowMs: number;
}

export interface PassEvidence extends Evidence {
  readonly portal: string;
  readonly direction: 'in' | 'out' | 'unclear';
  /** Where presence has the tag, if it was seen there after the pass. */
  readonly seenSinceIn: string | undefined;
}

export interface PlaceEvidence extends Evidence {
  readonly zone: string;
  readonly fromZone: string | undefined;
}

/** A code that a scanner in a zone read. */
export interface ScanEvidence {
  readonly code: ScannedCode;
  readonly device: string;
  readonly at: Moment;
  readonly nowMs: number;
  readonly zone: string | undefined;
}

/** What evidence works on: one set of books for devices, documents and persons. */
export interface Books {
  readonly stock: StockBook;
  readonly tasks: TaskBook;
  readonly documents: DocumentBook;
  readonly units: UnitWatch;
  readonly passages: PassageBook;
  readonly transfers: TransferDesk;
}

const dayMs = 24 * 3_600_000;
/** An identifier that nobody knows is asked about once in this time. */
const askAgainMs = 30 * dayMs;

/**
 * The posting policy for what devices see: turns evidence into ledger lines, tasks and conflicts.
 * Serials (SGTIN) post one by one, or with the handling unit they are in; SSCC and GRAI stand for
 * their unit; other identifiers post nothing and are asked about once.
 */
export class Poster {
  readonly #books: Books;
  readonly #asked = new ExpiringStore<true>('asked', askAgainMs);
  #site: SiteModel | undefined;

  constructor(books: Books) {
    this.#books = books;
  }

  passed(site: SiteModel, pass: PassEvidence): EventDraft[] {
    const out: EventDraft[] = [];
    const zone = site.portals.get(pass.portal);
    if (zone === undefined) return out;
    const { stock, units } = this.#books;
    const turn: Turn = { site, nowMs: pass.nowMs, at: pass.at, device: pass.device, out };
    const named = decodeEpc(pass.epc);
    const { direction: kind, portal: place, reads } = pass;
    if (kind === 'in') this.#books.transfers.noteSeen(turn, pass.epc);
    if (named.scheme !== 'sgtin') {
      const unit = unitOfEpc(named);
      const isKnown = unit !== undefined && stock.containment.get(unit) !== undefined;
      countPiece(this.#books, turn, pass, 'units', { goods: unit });
      if (isKnown) units.see(turn, { kind, place, unit, epc: undefined, reads, isScan: false });
      else this.#identify(turn, pass, zone, named.scheme);
      return out;
    }
    const unit = this.#unitOf(pass.epc, kind, named.gtin14);
    if (unit !== undefined) {
      countPiece(this.#books, turn, pass, 'items', { goods: named.gtin14, isInUnit: true });
      units.see(turn, { kind, place, unit, epc: pass.epc, reads, isScan: false });
      return out;
    }
    this.#passLoose(turn, pass, named.gtin14, zone);
    // A fast pallet is in the next zone before its pass is over.
    if (kind !== 'in' || pass.seenSinceIn === undefined) return out;
    if (stock.placeOf(pass.epc, named.gtin14)?.[0] !== zone) return out;
    return [...out, ...this.placed(site, { ...pass, zone: pass.seenSinceIn, fromZone: undefined })];
  }

  placed(site: SiteModel, seen: PlaceEvidence): EventDraft[] {
    const out: EventDraft[] = [];
    const { stock, units } = this.#books;
    const { epc, zone, reads, nowMs, at, device } = seen;
    // Nearly all that is not posted ends here, and decoding costs more than all else.
    const scheme = announcedScheme(epc);
    if (scheme !== 'sgtin' && scheme !== 'sscc' && scheme !== 'grai') return out;
    const turn: Turn = { site, nowMs, at, device, out };
    const sight = { kind: 'zone', place: zone, reads, isScan: false } as const;
    if (scheme !== 'sgtin') {
      const unit = unitOfEpc(decodeEpc(epc));
      if (unit !== undefined && stock.containment.get(unit) !== undefined) {
        units.see(turn, { ...sight, unit, epc: undefined });
      }
      return out;
    }
    const inside = stock.containment.unitOfSerial(epc);
    if (inside !== undefined) {
      units.see(turn, { ...sight, unit: inside, epc });
      return out;
    }
    const place = stock.loosePlaceOf(epc);
    if (place === undefined && this.#arrived(turn, epc, zone, [`presence:${zone}`], reads)) {
      return out;
    }
    if (place === undefined && seen.fromZone === undefined) return out;
    if (place?.[0] === zone) return out;
    const named = decodeEpc(epc);
    if (named.scheme !== 'sgtin' || !site.items.tagsPost(named.gtin14, 'inside')) return out;
    if (place === undefined && stock.hasLeft(epc)) {
      stock.conflict(turn, epc, zone, 'customer');
      return out;
    }
    const decisions = decideMove(site, place, seen.fromZone, zone);
    const evidence = { agreed: [`presence:${zone}`], certaintyPermille: certaintyPermille(reads) };
    const said = place === undefined ? { discrepancies: ['not-in-book' as const] } : {};
    this.#act(turn, epc, named.gtin14, decisions, { ...said, evidence });
    return out;
  }

  /** Readers had it there before anybody had told that it comes. */
  seenBefore({ site, nowMs, at, out }: Turn, epc: string, zone: string): void {
    const seen = { epc, reads: site.observe.minReads, device: '', at, nowMs, zone };
    out.push(...this.placed(site, { ...seen, fromZone: undefined }));
  }

  /** A scan says what is in the scanner's zone: it moves what the book knows, receives nothing. */
  scanned(site: SiteModel, { code, device, at, nowMs, zone }: ScanEvidence): EventDraft[] {
    const out: EventDraft[] = [];
    if (zone === undefined) return out;
    const { stock, units } = this.#books;
    const turn: Turn = { site, nowMs, at, device, out };
    const unit = unitOfCode(code);
    countScan(this.#books, turn, zone, unit === undefined ? 'items' : 'units', code);
    const sight = { kind: 'zone', place: zone, reads: 1, isScan: true } as const;
    if (unit !== undefined && stock.containment.get(unit) !== undefined) {
      units.see(turn, { ...sight, unit, epc: undefined });
      return out;
    }
    const { gtin, serial } = code;
    if (gtin === undefined || serial === undefined) return out;
    const candidates = sgtinCandidates(gtin, serial);
    const epc = candidates.find((one) => stock.isKnownSerial(one));
    if (epc === undefined) {
      const { confirmReads } = site.posting;
      candidates.some((one) => this.#arrived(turn, one, zone, [`scan:${device}`], confirmReads));
      return out;
    }
    const inside = stock.containment.unitOfSerial(epc);
    if (inside !== undefined) {
      units.see(turn, { ...sight, unit: inside, epc });
      return out;
    }
    if (!site.items.tagsPost(gtin, 'inside')) return out;
    const decisions = decideMove(site, stock.loosePlaceOf(epc), undefined, zone);
    const evidence = { agreed: [`scan:${device}`], certaintyPermille: sourcePermille.scan };
    this.#act(turn, epc, gtin, decisions, { evidence });
    return out;
  }

  /**
   * Whether the book has a single thing on the site. What is in a unit came in by itself or by what
   * others of the unit showed a moment ago, so that the unit's place says nothing about its pass.
   */
  isInside(epc: string): boolean {
    return this.#books.stock.loosePlaceOf(epc) !== undefined;
  }

  configure(site: SiteModel): void {
    this.#site = site;
  }

  /** The zone behind each portal. */
  get portals(): SiteModel['portals'] {
    return this.#site?.portals ?? new Map();
  }

  /** A counter counted so many pieces: of interest where it looks at a portal. */
  counted(device: string, counter: string, pieces: number, nowMs: number): void {
    const at = this.#site?.countedPortals.get(`${device}/${counter}`);
    if (at === undefined || pieces === 0) return;
    const { portal } = at;
    this.#books.passages.add(nowMs, { portal, direction: '', source: 'counter', pieces });
  }

  /** A counter took a step that nothing explains: somebody must look, once a day. */
  unexplained(
    counter: string,
    zone: string,
    device: string,
    at: Moment,
    nowMs: number,
  ): EventDraft[] {
    const key = `counter:${device}/${counter}@${Math.floor(nowMs / dayMs)}`;
    if (!this.#asked.keepOnce(key, true, nowMs)) return [];
    const out: EventDraft[] = [];
    const reason = `unexplained-step ${counter}`;
    this.#books.tasks.open({ nowMs, at, device, out }, { reason, task: 'inspect-counter', zone });
    return out;
  }

  /** More unknown tags are heard than can be kept: somebody must look, once a day. */
  flooded(device: string, at: Moment, nowMs: number): EventDraft[] {
    if (!this.#asked.keepOnce(`flood@${Math.floor(nowMs / dayMs)}`, true, nowMs)) return [];
    const out: EventDraft[] = [];
    const turn = { nowMs, at, device, out };
    this.#books.tasks.open(turn, { reason: 'too-many-unknown-tags', task: 'identify' });
    return out;
  }

  tick(nowMs: number): void {
    this.#asked.expire(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    this.#asked.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#asked.machine) return false;
    this.#asked.restore(key, value);
    return true;
  }

  /** The unit that a serial stands for; one thing that comes back of a unit that left is alone. */
  #unitOf(epc: string, direction: PassEvidence['direction'], item: string): string | undefined {
    const { stock } = this.#books;
    const unit = stock.containment.unitOfSerial(epc);
    if (unit === undefined || direction !== 'in') return unit;
    const root = stock.containment.get(stock.containment.rootOf(unit));
    if (root === undefined || root.goneMs === 0) return unit;
    stock.takeOut(epc, unit, stock.kindOf(epc, item));
    return undefined;
  }

  /** A serial that is in no unit went through a portal. */
  #passLoose(turn: Turn, pass: PassEvidence, item: string, zone: string): void {
    const { stock, documents, transfers } = this.#books;
    const { epc, direction, reads, portal } = pass;
    if (direction === 'unclear') {
      const status = turn.site.zones.get(zone)?.status;
      if (status === undefined) return;
      const doubt: Decision = { type: 'verify', reason: 'direction-unclear', zone, status };
      this.#act(turn, epc, item, [doubt], { evidence: { agreed: [], certaintyPermille: 0 } });
      return;
    }
    const place = stock.placeOf(epc, item);
    // It left the book when it was sent: now it goes.
    if (direction === 'out' && place === undefined && transfers.hasSent(epc)) return;
    const source = place === undefined ? transfers.sourceOf(turn.site, epc, portal) : undefined;
    const type = direction === 'in' ? 'receipt' : 'shipment';
    const on =
      documents.lineOfSerial(type, epc) ?? documents.lineOfGoods(type, stock.kindOf(epc, item));
    const isTagged = turn.site.items.tagsPost(item, direction === 'in' ? 'receive' : 'ship');
    countPiece(this.#books, turn, pass, 'items', {
      goods: item,
      document: isTagged ? on?.id : undefined,
      isOnNone: isTagged && on === undefined && source?.transfer === undefined,
    });
    if (!isTagged) return;
    const to = direction === 'out' ? transfers.beyond(turn.site, portal) : undefined;
    const isExpected = on !== undefined || source?.transfer !== undefined;
    const decisions =
      direction === 'in'
        ? decideInbound(turn.site, place, zone, reads, isExpected, source)
        : decideOutbound(turn.site, place, zone, reads, isExpected);
    const isPosted = decisions.some((one) => one.type === 'post' && one.kind !== 'stock.moved');
    const isOver = isPosted && on !== undefined && documents.progress(on, 1, turn.nowMs);
    this.#act(
      turn,
      epc,
      item,
      decisions,
      {
        ...(on === undefined ? {} : { document: on }),
        discrepancies: [
          ...(direction === 'out' && place === undefined ? ['not-in-book' as const] : []),
          ...(on === undefined && turn.site.posting.documents === 'require'
            ? ['not-on-document' as const]
            : []),
          ...(isOver ? ['over-document' as const] : []),
        ],
        ...(source?.transfer === undefined ? {} : { transfer: source.transfer }),
        evidence: passEvidence(portal, reads, on),
      },
      { source, to },
    );
  }

  /** A serial that is on its way was seen in a zone. @returns false for one that is not. */
  #arrived(turn: Turn, epc: string, zone: string, agreed: string[], reads: number): boolean {
    const { transfers } = this.#books;
    const source = transfers.hasSent(epc) ? undefined : transfers.sourceOf(turn.site, epc);
    const { kind, transfer } = source ?? {};
    if (source === undefined || kind === undefined || transfer === undefined) {
      return transfers.hasSent(epc);
    }
    if (!turn.site.items.tagsPost(kind.item, 'receive')) return false;
    const decisions = decideInbound(turn.site, undefined, zone, reads, true, source);
    const evidence = {
      agreed: [...agreed, `transfer:${transfer}`].map((one) => one.slice(0, 120)),
      certaintyPermille: certaintyPermille(reads),
    };
    this.#act(turn, epc, kind.item, decisions, { evidence, transfer }, { source });
    return true;
  }

  #identify(turn: Turn, { epc }: Evidence, zone: string, scheme: string): void {
    if (!this.#asked.keepOnce(`epc:${epc}`, true, turn.nowMs)) return;
    const reason =
      scheme === 'sscc' ? 'handling-unit' : scheme === 'unknown' ? 'unknown-epc' : 'not-an-item';
    this.#books.tasks.open(turn, { epc, reason, task: 'identify', zone });
  }

  /** @param ends where it comes from, or goes to, if that is another gateway */
  #act(
    turn: Turn,
    epc: string,
    item: string,
    decisions: Decision[],
    of: Statement,
    {
      source,
      to,
    }: { readonly source?: Source | undefined; readonly to?: Destination | undefined } = {},
  ): void {
    const { stock, tasks, transfers } = this.#books;
    for (const decision of decisions) {
      switch (decision.type) {
        case 'post': {
          const { kind, from, to: account } = decision;
          const goods = source?.kind ?? stock.kindOf(epc, item);
          const unit = kind === 'stock.received' ? (source?.unit ?? '') : '';
          const serial = { ...goods, quantity: 1, serials: [epc], from: { account: from, unit } };
          if (to !== undefined && kind === 'stock.shipped') {
            transfers.send(turn, to, [serial], of);
            break;
          }
          stock.post(turn, kind, [{ ...serial, to: { account, unit: '' } }], of);
          break;
        }
        case 'conflict':
          stock.conflict(turn, epc, decision.zone, decision.heldBy);
          break;
        case 'verify': {
          const { reason, zone, status } = decision;
          tasks.open(turn, { epc, reason, status, task: 'verify-movement', zone });
        }
      }
    }
  }
}

function passEvidence(
  portal: string,
  reads: number,
  on: DocumentReference | undefined,
): Statement['evidence'] {
  const byReads = certaintyPermille(reads);
  if (on === undefined) return { agreed: [`portal:${portal}`], certaintyPermille: byReads };
  return {
    agreed: [`portal:${portal}`, `document:${on.id}`],
    certaintyPermille: jointPermille([byReads, sourcePermille.document]),
  };
}
