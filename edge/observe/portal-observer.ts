import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { TagReading } from '../../devices/reading.ts';
import type { Poster } from '../post/poster.ts';
import { Arrivals, arrivalOf } from './arrivals.ts';
import { Departures } from './departures.ts';
import { Expiry } from './expiry.ts';
import { ExpiringStore } from './expiring-store.ts';
import { KeyedStore } from './keyed-store.ts';
import { momentFields, type Moment } from './moment.ts';
import { OldPasses } from './old-passes.ts';
import {
  betterBy,
  devicesOf,
  hearingOf,
  isThin,
  isWithinPass,
  judgePass,
  lastSeenMs,
  passDueMs,
  readAtPortal,
} from './portal-pass.ts';
import type { Hearing as PortalHearing, Pass, PassState, PortalRead } from './portal-pass.ts';
import type { SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import { lastEvidenceMs, type TagState } from './tag-presence.ts';

/** How far what a device does not say may be believed. */
export interface Hearing {
  /** Since when it can speak to us; Infinity while it is away and expected back. */
  readonly backMs: (device: string) => number;
  /** It is away for so long that it was reported silent. */
  readonly isLost: (device: string) => boolean;
}

/** Where tags are, as presence has them. */
export interface Presence {
  readonly get: (epc: string) => TagState | undefined;
  /** What went out is nowhere. */
  readonly leave: (epc: string, state: TagState, nowMs: number, out: EventDraft[]) => void;
}

/** Reads as old as a pass that is over belong to it, however late they are sent again. */
const passRememberedMs = 24 * 3_600_000;

/** Portals whose strengths differ by less cannot be told apart by them. */
const closeCdb = 400;
const favourCdb = 1500;

/** A read in the round in which the portal heard a tag last may be older than that. */
const sinceMs = 1500;

/** More reads in one report are no more evidence, and sums of them stay exact. */
export const maxReads = 1_000_000;

/** Passes of tags through portals, told apart from what neighbours hear, and what they post. */
export class PortalObserver {
  readonly #poster: Poster;
  readonly #hearing: Hearing;
  readonly #presence: Presence;
  readonly #passes = new KeyedStore<PassState>('portal-pass');
  readonly #passExpiry = new Expiry();
  readonly #passed = new ExpiringStore<number>('passed', passRememberedMs);
  /** What one side saw before its reader was lost: the other side may be in the reader's buffer. */
  readonly #halves = new ExpiringStore<PassState>('half-portal-pass', passRememberedMs);
  /** Which portal heard a tag best, from when until when, and how strongly. */
  readonly #heard = new ExpiringStore<PortalHearing>('heard', 60_000);
  /** Strangers that a portal heard without saying that they came in: presence may say it next. */
  readonly #arrivals = new Arrivals();
  readonly #departures = new Departures();
  /** Devices whose reads at a portal are presence too: that presence is no second witness. */
  readonly #doorways = new Set<string>();
  /** Zones that others than these hear. */
  readonly #witnessed = new Set<string>();
  /** The portals at which a tag has a pass; derived. */
  readonly #portalsOf = new Map<string, readonly string[]>();
  readonly #expiring = [this.#passed, this.#halves, this.#heard] as const;
  readonly #old = new OldPasses(this.#passes, this.#halves);
  readonly #keyed = [this.#passes, ...this.#expiring] as const;
  #site: SiteModel | undefined;

  constructor(poster: Poster, hearing: Hearing, presence: Presence) {
    this.#poster = poster;
    this.#hearing = hearing;
    this.#presence = presence;
  }

  /** A policy or a device that changed may make anything due earlier. Also ends a restore. */
  configure(site: SiteModel): void {
    this.#site = site;
    this.#passExpiry.rebuild(this.#passes.keys(), this.#passDue);
    this.#arrivals.rebuild();
    this.#doorways.clear();
    this.#witnessed.clear();
    for (const { id, antennas, anywhere } of site.devices.values()) {
      const places = antennas.size > 0 ? [...antennas.values()] : [anywhere];
      if (places.some((at) => at?.zone && at.portal)) this.#doorways.add(id);
      else for (const at of places) if (at?.zone !== undefined) this.#witnessed.add(at.zone);
    }
    this.#portalsOf.clear();
    for (const key of this.#passes.keys()) {
      const slash = key.indexOf('/');
      const epc = key.slice(slash + 1);
      this.#portalsOf.set(epc, [...(this.#portalsOf.get(epc) ?? []), key.slice(0, slash)]);
    }
  }

  /** Where presence has a tag that a portal is about to read, if that is another witness. */
  knownOf(epc: string): PortalRead['known'] {
    const tag = this.#believed(epc);
    return tag && [tag.zone, tag.seenAtMs, tag.meanCdbm ?? null];
  }

  read(
    site: SiteModel,
    portal: string,
    { side, device, known }: Pick<PortalRead, 'side' | 'device' | 'known'>,
    reading: TagReading,
    at: Moment,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    const key = `${portal}/${reading.epc}`;
    if (at[1] === 'device' && at[0] <= (this.#passed.get(key) ?? -Infinity)) return;
    const running = this.#passes.get(key);
    const before = running ?? this.#takeHalf(key, at[0], site);
    const keyed = reading.naturalKey !== undefined;
    const read: PortalRead = {
      side,
      device,
      moment: at,
      receivedAtMs,
      reads: Math.min(reading.reads, maxReads),
      rssiCdbm: reading.rssiCdbm,
      known,
      keyed,
    };
    const { state, isOver } = readAtPortal(before, read, site.observe);
    const dueBeforeMs = running === undefined ? undefined : this.#passDue(key);
    const ended =
      isOver && before !== undefined
        ? this.#judgeAmong(site, key, before, receivedAtMs)
        : undefined;
    this.#setPass(key, state);
    const dueMs = this.#passDue(key) ?? 0;
    const isSooner = dueBeforeMs !== undefined && dueBeforeMs !== Infinity && dueMs < dueBeforeMs;
    // A second read of a side makes its quiet count: the pass is filed once more, where it is due.
    if (running === undefined || isSooner) this.#passExpiry.add(key, dueMs);
    else this.#passExpiry.releaseOne(key, this.#passDue);
    if (ended !== undefined) this.#endPass(site, key, ended, receivedAtMs, out);
  }

  /** Presence believes a tag in a zone: a portal may have heard it come in. */
  appeared(epc: string, device: string, nowMs: number): void {
    if (!this.#doorways.has(device)) this.#arrivals.appeared(epc, nowMs);
  }

  /** Ends what is due; `waitIsOver` when some no longer wait for a device. */
  tick(site: SiteModel, nowMs: number, waitIsOver: boolean, out: EventDraft[]): void {
    if (waitIsOver) this.#passExpiry.release(this.#passDue);
    this.#endPasses(site, nowMs, out);
    this.#leave(site, nowMs, out);
    for (const epc of this.#arrivals.take(nowMs)) this.#arrive(site, epc, nowMs, out);
    this.#arrivals.expire(nowMs);
    for (const store of this.#expiring) store.expire(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    for (const store of this.#keyed) store.drainDirty(rows);
    for (const part of [this.#departures, this.#arrivals, this.#old]) part.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = this.#keyed.find((one) => one.machine === machine);
    store?.restore(key, value);
    const others = [this.#departures, this.#arrivals, this.#old];
    return store !== undefined || others.some((one) => one.restore(machine, key, value));
  }

  /**
   * Asks presence about a stranger that portals heard: it came in by the one that leads to where it
   * is. A zone without a portal says that it came in, not where. Elsewhere: somebody must look.
   */
  #arrive(site: SiteModel, epc: string, nowMs: number, out: EventDraft[]): void {
    const tag = this.#believed(epc);
    if (tag?.rival !== undefined && this.#arrivals.get(epc).length > 0) {
      this.#arrivals.ask(epc, nowMs + 1000);
      return;
    }
    const arrival = arrivalOf(this.#arrivals.get(epc), tag?.zone, site.portals);
    if (arrival === undefined) return;
    this.#arrivals.forget(epc);
    const { portal, pass: state, isElsewhere, seenIn } = arrival;
    const key = `${portal}/${epc}`;
    const pass = this.#judgeAmong(site, key, state, nowMs, seenIn, true);
    const judged = isElsewhere ? ({ ...pass, direction: 'unclear' } as const) : pass;
    this.#endPass(site, key, judged, nowMs, out);
  }

  /** Presence of a tag, where others than the portals believe it. */
  #believed(epc: string): TagState | undefined {
    const tag = this.#presence.get(epc);
    return tag?.zone === '' || this.#doorways.has(tag?.device ?? '') ? undefined : tag;
  }

  /** Says of what has been quiet long enough that it went out. */
  #leave(site: SiteModel, nowMs: number, out: EventDraft[]): void {
    for (const [epc, { portal, pass }] of this.#departures.take(nowMs, this.#quietSinceMs)) {
      const tag = this.#presence.get(epc);
      const hasLeftBefore = tag === undefined && pass.known !== null;
      if (hasLeftBefore || this.#isReadSince(tag, pass) || this.#portalsOf.has(epc)) continue;
      const key = `${portal}/${epc}`;
      const judged = { ...judgePass(pass, site.observe), direction: 'out' } as const;
      this.#endPass(site, key, judged, nowMs, out);
    }
  }

  /** Since when all that could hear the tag could speak, and nobody did. */
  readonly #quietSinceMs = (epc: string, pass: PassState): number => {
    const tag = this.#presence.get(epc);
    const devices = tag === undefined ? [] : [tag.device, ...devicesOf(pass)];
    return Math.max(pass.last[0], ...devices.map((device) => this.#hearing.backMs(device)));
  };

  #takeHalf(key: string, atMs: number, { observe }: SiteModel): PassState | undefined {
    const half = this.#halves.get(key);
    if (half === undefined || !isWithinPass(half, atMs, observe)) return undefined;
    this.#halves.forget(key);
    return half;
  }

  #endPasses(site: SiteModel, nowMs: number, out: EventDraft[]): void {
    const ended: [key: string, pass: Pass][] = [];
    // In one order, since what is judged stands beside what was judged before it.
    const due = new Set(this.#passExpiry.take(nowMs, this.#passDue).sort());
    for (const key of due) {
      const state = this.#passes.get(key);
      if (state === undefined) continue;
      ended.push([key, this.#judge(site, key, state, nowMs)]);
    }
    for (const [key] of ended) this.#setPass(key, undefined);
    ended.sort(([a, { lastSeenAtMs: aMs }], [b, { lastSeenAtMs: bMs }]) => {
      return aMs - bMs || (a < b ? -1 : 1);
    });
    for (const [key, pass] of ended) this.#endPass(site, key, pass, nowMs, out);
  }

  /**
   * Judges a pass by what is there. Where its reader is lost, that may be half of it: a side alone is
   * kept for the other, and more of a pass that has both sides already is late evidence.
   */
  #judge(site: SiteModel, key: string, state: PassState, nowMs: number): Pass {
    const pass = this.#judgeAmong(site, key, state, nowMs);
    if (!devicesOf(state).some((device) => this.#hearing.isLost(device))) return pass;
    if (!pass.twoSided) this.#halves.keep(key, state, nowMs);
    return { ...pass, overUntilMs: pass.overUntilMs + site.observe.passWindowMs };
  }

  /** Judges a pass beside what other portals and presence know of the tag. */
  #judgeAmong(
    site: SiteModel,
    key: string,
    state: PassState,
    nowMs: number,
    seenSinceIn = this.#seenSince(key.slice(key.indexOf('/') + 1), state),
    wasAsked = false,
  ): Pass {
    const slash = key.indexOf('/');
    const [portal, epc] = [key.slice(0, slash), key.slice(slash + 1)];
    const tag = this.#presence.get(epc);
    const around = {
      zone: site.portals.get(portal),
      seenSinceIn,
      isSeenSince: this.#isReadSince(tag, state),
      isStranger: state.known === null && !this.#poster.isInside(epc),
    };
    const pass = judgePass(state, site.observe, around);
    this.#departures.heardAgain(epc, { portal, pass: state });
    const own = hearingOf(portal, state);
    const home = seenSinceIn ?? state.known?.[0];
    const rivalry = this.#rivalry(site, epc, own, home);
    if (rivalry === 'lost') return { ...pass, direction: 'none', mayHaveLeft: false };
    if (state.reads > 1) this.#heard.keep(epc, own, nowMs);
    const isThrough = pass.direction === 'in' || pass.direction === 'out';
    const isWon = isThrough && rivalry === 'won';
    const { isStranger, zone = '' } = around;
    // A neighbour hears a round or two of a pass; where others hear the zone, they are asked.
    const canAsk = this.#witnessed.has(zone) && site.portals.size > 1;
    const isDoubted = !wasAsked && isStranger && canAsk && isThin(state);
    if (isWon && !isDoubted) return pass;
    if (state.reads > 1 && isStranger && !wasAsked && pass.direction !== 'out') {
      const isIn = isWon && isDoubted;
      const isBelieved = this.#believed(epc) !== undefined;
      this.#arrivals.add(epc, { portal, pass: state, isIn }, isBelieved, nowMs);
    }
    const hasLeft = isWon && pass.direction === 'out';
    // What follows a pass within its window is the rest of it, and no second way out.
    const isTail =
      pass.firstSeenAtMs <= (this.#passed.get(key) ?? -Infinity) + site.observe.passWindowMs;
    if ((pass.mayHaveLeft && !isTail) || hasLeft) {
      this.#departures.mayHaveLeft(epc, { portal, pass: state });
    }
    return isThrough ? { ...pass, direction: 'none' } : pass;
  }

  /**
   * Whether the tag was at this portal or at another one that heard it meanwhile. The one that leads
   * to where presence has the tag is favoured.
   */
  #rivalry(
    site: SiteModel,
    epc: string,
    own: PortalHearing,
    home: string | undefined,
  ): 'won' | 'open' | 'lost' {
    const [portal] = own;
    const favour = (one: string) =>
      home !== undefined && site.portals.get(one) === home ? favourCdb : 0;
    const rivals: PortalHearing[] = [];
    for (const other of this.#portalsOf.get(epc) ?? []) {
      const state = other === portal ? undefined : this.#passes.get(`${other}/${epc}`);
      if (state !== undefined) rivals.push(hearingOf(other, state));
    }
    const heard = this.#heard.get(epc);
    if (heard !== undefined && heard[0] !== portal) rivals.push(heard);
    let best = -Infinity;
    for (const rival of rivals) {
      const better = betterBy(rival, own);
      if (better === undefined) continue;
      best = Math.max(best, better + favour(rival[0]) - favour(portal));
    }
    if (best > closeCdb) return 'lost';
    return best < -closeCdb ? 'won' : 'open';
  }

  #seenSince(epc: string, state: PassState): string | undefined {
    const tag = this.#believed(epc);
    return tag && tag.seenAtMs > lastSeenMs(state) + sinceMs ? tag.zone : undefined;
  }

  /** Any zone read it after the pass, believed or not. */
  #isReadSince(tag: TagState | undefined, state: PassState): boolean {
    if (tag === undefined || this.#doorways.has(tag.device)) return false;
    return lastEvidenceMs(tag) > lastSeenMs(state) + sinceMs;
  }

  #setPass(key: string, state: PassState | undefined): void {
    if (state === undefined || this.#passes.get(key) === undefined) {
      const slash = key.indexOf('/');
      const [portal, epc] = [key.slice(0, slash), key.slice(slash + 1)];
      const others = (this.#portalsOf.get(epc) ?? []).filter((other) => other !== portal);
      const portals = state === undefined ? others : [...others, portal];
      if (portals.length === 0) this.#portalsOf.delete(epc);
      else this.#portalsOf.set(epc, portals);
    }
    this.#passes.set(key, state);
  }

  #endPass(site: SiteModel, key: string, pass: Pass, nowMs: number, out: EventDraft[]): void {
    const { direction, reads, firstSeenAtMs, lastSeenAtMs, last: at, device } = pass;
    if (direction === 'in' || direction === 'out') {
      const epc = key.slice(key.indexOf('/') + 1);
      this.#departures.forget(epc);
      this.#arrivals.forget(epc);
    }
    if (pass.twoSided) this.#passed.keep(key, pass.overUntilMs, nowMs);
    if (direction === 'none') return;
    const slash = key.indexOf('/');
    const [portal, epc] = [key.slice(0, slash), key.slice(slash + 1)];
    if (direction !== 'unclear') {
      const payload = {
        direction,
        epc,
        firstSeenAt: firstSeenAtMs,
        lastSeenAt: lastSeenAtMs,
        portal,
        reads,
      };
      out.push(draft('portal.passed', payload, { device, ...momentFields(at) }));
    }
    const tag = this.#presence.get(epc);
    const since = tag !== undefined && tag.seenAtMs > lastSeenAtMs && tag.zone !== '';
    const seenSinceIn = since ? tag.zone : undefined;
    if (direction === 'out' && tag !== undefined && !since)
      this.#presence.leave(epc, tag, nowMs, out);
    const evidence = { epc, reads, device, at, nowMs, portal, direction, seenSinceIn };
    out.push(...this.#poster.passed(site, evidence));
  }

  readonly #passDue = (key: string): number | undefined => {
    const state = this.#passes.get(key);
    if (state === undefined || this.#site === undefined) return undefined;
    return passDueMs(state, this.#site.observe, this.#hearing.backMs);
  };
}
