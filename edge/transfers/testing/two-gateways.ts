import type { EventDraft } from '#contracts/envelope.ts';
import { isPostingKind, type EventPayload, type PostingKind } from '#contracts/event-kinds.ts';
import { accountKey, laneOf, type PostingLine } from '#contracts/posting.ts';
import type { ComingNotice, TransferNotice } from '#contracts/transfers.ts';
import type { SiteConfig } from '../../config/gateway-config.ts';
import { stockSite, StockRig } from '../../post/testing/stock-rig.ts';

/** Two gateways of one site, and what a hub makes of their journals, whenever each arrives. */

export const north = 'north';
export const south = 'south';
export type Name = typeof north | typeof south;

/** Zones are named after their gateway: `north-dock`, `north-store`. */
function siteOf(name: Name, other: Name, isDoor: boolean): SiteConfig {
  const own = (zone: string) => `${name}-${zone}`;
  const named: Readonly<Record<string, string>> = {
    receiving: own('dock'),
    storage: own('store'),
    shipping: own('out'),
  };
  const rename = (zone: string | undefined) => (zone === undefined ? undefined : named[zone]);
  const text = JSON.stringify(stockSite, (key, value: unknown) => {
    return (key === 'zone' || key === 'id') && typeof value === 'string'
      ? (rename(value) ?? value)
      : value;
  });
  const site = JSON.parse(text) as SiteConfig;
  return {
    ...site,
    gateway: { ...site.gateway, id: name },
    portals: site.portals.map((one) => (isDoor ? { ...one, leadsTo: other } : one)),
    elsewhere: [
      { gateway: other, id: `${other}-dock` },
      { gateway: other, id: `${other}-store` },
    ],
  };
}

interface Journalled {
  readonly gateway: Name;
  readonly atMs: number;
  readonly draft: EventDraft;
}

/** The hub as a model: sums of lines, and the rules of who is told what. */
class HubModel {
  readonly lines: { readonly gateway: Name; readonly line: PostingLine }[] = [];
  readonly notices: Record<Name, TransferNotice[]> = { north: [], south: [] };
  readonly #at = new Map<string, Map<Name, number>>();
  readonly #sent = new Map<
    string,
    { readonly from: Name; readonly notice: ComingNotice; left: number }
  >();
  readonly #told = new Set<string>();

  take({ gateway, atMs, draft }: Journalled): void {
    if (draft.kind === 'portal.passed') {
      const { direction, epc } = draft.payload as EventPayload<'portal.passed'>;
      const isHere = this.#at.get(epc)?.has(gateway) === true;
      if (direction === 'in' && isHere) this.#place(gateway, epc, atMs);
    } else if (draft.kind === 'transfer.sent') this.#note(gateway, atMs, draft.payload as never);
    else if (draft.kind === 'transfer.matched') {
      const { lines, transfer } = draft.payload as EventPayload<'transfer.matched'>;
      this.#arrived(
        gateway,
        transfer,
        lines.reduce((sum, { quantity }) => sum + quantity, 0),
      );
    } else if (isPostingKind(draft.kind)) {
      this.#post(gateway, atMs, draft.kind, draft.payload as EventPayload<PostingKind>);
    }
  }

  #note(from: Name, atMs: number, sent: EventPayload<'transfer.sent'>): void {
    const transfer = `${from}/1/${sent.id}`;
    const { lines, units } = sent;
    const left = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const notice: ComingNotice = {
      type: 'coming',
      from: { gateway: from, site: 'leeds' },
      lane: laneOf(from, sent.to),
      lines,
      sentAtMs: atMs,
      transfer,
      ...(units === undefined ? {} : { units }),
    };
    this.#sent.set(transfer, { from, notice, left });
    this.notices[sent.to as Name].push(notice);
  }

  #arrived(gateway: Name, transfer: string, quantity: number): void {
    const id = transfer.includes('/') ? transfer : `${gateway}/1/${transfer}`;
    const of = this.#sent.get(id);
    if (of === undefined) return;
    of.left -= quantity;
    if (of.left > 0) return;
    const { sentAtMs } = of.notice;
    for (const name of [north, south] as const) {
      this.notices[name].push({ type: 'settled', sentAtMs, transfer: id });
    }
  }

  #post(gateway: Name, atMs: number, kind: PostingKind, of: EventPayload<PostingKind>): void {
    for (const line of of.lines) {
      this.lines.push({ gateway, line });
      const isTransit = line.account.type === 'transit';
      if (isTransit && line.quantity < 0 && of.transfer !== undefined) {
        this.#arrived(gateway, of.transfer, -line.quantity);
      }
      if (kind === 'stock.rebooked' || line.quantity < 0) continue;
      const isInside = line.account.type === 'zone';
      const things = line.serials ?? (line.handlingUnit === undefined ? [] : [line.handlingUnit]);
      for (const thing of things) this.#place(gateway, thing, isInside ? atMs : undefined);
    }
  }

  #place(gateway: Name, thing: string, sinceMs: number | undefined): void {
    const at = this.#at.get(thing) ?? new Map<Name, number>();
    this.#at.set(thing, at);
    if (sinceMs === undefined) at.delete(gateway);
    else at.set(gateway, sinceMs);
    if (at.size < 2) return;
    const [loser, winner] =
      (at.get(north) ?? 0) < (at.get(south) ?? 0)
        ? ([north, south] as const)
        : ([south, north] as const);
    const seenAtMs = at.get(winner) ?? 0;
    const key = `${loser}\n${thing}\n${seenAtMs}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    const isUnit = thing.includes(':');
    this.notices[loser].push({
      type: 'elsewhere',
      gateway: winner,
      site: 'leeds',
      epcs: isUnit ? [] : [thing],
      units: isUnit ? [thing] : [],
      seenAtMs,
    });
  }
}

export class TwoGateways {
  readonly hub = new HubModel();
  readonly rigs: Readonly<Record<Name, StockRig>>;
  readonly #lanes: Record<Name, Journalled[]> = { north: [], south: [] };
  readonly #heard: Record<Name, number> = { north: 0, south: 0 };
  readonly #read: Record<Name, number> = { north: 0, south: 0 };
  readonly #kept: TransferNotice[] = [];

  /** @param isDoor both know that their dock door leads to the other */
  constructor(isDoor = false) {
    this.rigs = {
      north: new StockRig(siteOf(north, south, isDoor)),
      south: new StockRig(siteOf(south, north, isDoor)),
    };
  }

  /** Does something at a gateway, while the other's time goes on as well. */
  at<T>(name: Name, does: (rig: StockRig) => T): T {
    const rig = this.rigs[name];
    const other = this.rigs[name === north ? south : north];
    const result = does(rig);
    const behindMs = rig.nowMs - other.nowMs;
    if (behindMs > 0) other.take({ type: 'tick' }, behindMs);
    this.#collect();
    return result;
  }

  /** The hub hears so many more events of a gateway. */
  send(name: Name, events = Number.POSITIVE_INFINITY): void {
    this.#collect();
    const from = this.#heard[name];
    const some = this.#lanes[name].slice(from, from + events);
    this.#heard[name] = from + some.length;
    for (const one of some) this.hub.take(one);
  }

  /** A gateway hears what the hub has for it, and perhaps something old once more. */
  tell(name: Name, isRepeated = false): void {
    const all = this.hub.notices[name];
    const fresh = all.slice(this.#read[name]);
    this.#read[name] = all.length;
    const again = isRepeated ? all.slice(0, 3) : [];
    const notices = [...again, ...fresh];
    if (notices.length > 0) this.at(name, (rig) => rig.take({ type: 'transfers', notices }));
    this.#kept.push(...fresh);
  }

  /** Until nobody has anything more to say. */
  settle(): void {
    for (let round = 0; round < 20; round += 1) {
      for (const name of [north, south] as const) {
        this.send(name);
        this.at(name, (rig) => rig.wait(2000));
        this.send(name);
      }
      for (const name of [north, south] as const) this.tell(name);
      this.#collect();
      const isQuiet = ([north, south] as const).every((name) => {
        const isHeard = this.#heard[name] === this.#lanes[name].length;
        return isHeard && this.#read[name] === this.hub.notices[name].length;
      });
      if (isQuiet) return;
    }
  }

  /** Balances by account and goods that are not zero; a zone with its gateway. */
  balances(): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { gateway, line } of this.hub.lines) {
      const { account, handlingUnit = '', item, quantity } = line;
      const unit = account.type === 'zone' || account.type === 'transit' ? handlingUnit : '';
      const where = account.type === 'zone' ? `${gateway} ${account.zone}` : accountKey(account);
      const key = `${where} ${item} ${unit}`.trim();
      sums.set(key, (sums.get(key) ?? 0) + quantity);
    }
    for (const [key, sum] of sums) if (sum === 0) sums.delete(key);
    return sums;
  }

  #collect(): void {
    for (const name of [north, south] as const) {
      const { drafts } = this.rigs[name];
      const lane = this.#lanes[name];
      for (const draft of drafts.slice(lane.length)) {
        lane.push({ gateway: name, atMs: draft.occurredAt, draft });
      }
    }
  }
}
