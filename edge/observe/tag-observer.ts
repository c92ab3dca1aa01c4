import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { TagReading } from '../../devices/reading.ts';
import type { Poster } from '../post/poster.ts';
import { Expiry } from './expiry.ts';
import { ExpiringStore } from './expiring-store.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentFields, momentOf, type Moment } from './moment.ts';
import { devicesOf, isWithinPass, judgePass, passDueMs, readAtPortal } from './portal-pass.ts';
import type { Pass, PassState, PortalRead, PortalSide } from './portal-pass.ts';
import type { DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import { lastEvidenceMs, seeTag, type Sighting, type TagState } from './tag-presence.ts';
import { TagTable } from './tag-table.ts';

/** How far what a device does not say may be believed. */
export interface Hearing {
  /** Since when it can speak to us; Infinity while it is away and expected back. */
  readonly backMs: (device: string) => number;
  /** It is away for so long that it was reported silent. */
  readonly isLost: (device: string) => boolean;
}

/** Reads as old as a pass that is over belong to it, however late they are sent again. */
const passRememberedMs = 24 * 3_600_000;

/** More reads in one report are no more evidence, and sums of them stay exact. */
const maxReads = 1_000_000;

/** Presence of tags in zones and their passes through portals, and what these post. */
export class TagObserver {
  readonly #poster: Poster;
  readonly #hearing: Hearing;
  readonly #tags = new TagTable();
  readonly #tagExpiry = new Expiry();
  readonly #passes = new KeyedStore<PassState>('pass');
  readonly #passExpiry = new Expiry();
  readonly #passed = new ExpiringStore<number>('passed', passRememberedMs);
  /** What one side saw before its reader was lost: the other side may be in the reader's buffer. */
  readonly #halves = new ExpiringStore<PassState>('half-pass', passRememberedMs);
  #site: SiteModel | undefined;

  constructor(poster: Poster, hearing: Hearing) {
    this.#poster = poster;
    this.#hearing = hearing;
  }

  get tags(): number {
    return this.#tags.size;
  }

  /** Where a tag is believed; undefined: nowhere. */
  zoneOf(epc: string): string | undefined {
    return this.#tags.get(epc)?.zone || undefined;
  }

  /** The tags that are believed in a zone, sorted. Looks at all of them. */
  tagsIn(zone: string): string[] {
    return [...this.#tags.keys()].filter((epc) => this.zoneOf(epc) === zone).sort();
  }

  /** A policy or a device that changed may make anything due earlier. Also ends a restore. */
  configure(site: SiteModel): void {
    this.#site = site;
    this.#tagExpiry.rebuild(this.#tags.keys(), this.#tagDue);
    this.#passExpiry.rebuild(this.#passes.keys(), this.#passDue);
  }

  /** @returns what is wrong with where the reading comes from, if anything. */
  read(
    site: SiteModel,
    device: DeviceModel,
    reading: TagReading,
    receivedAtMs: number,
    out: EventDraft[],
  ): string | undefined {
    const { antenna } = reading;
    // Some readers report a tag that they did not read in the interval.
    if (reading.reads < 1) return undefined;
    const place =
      (antenna === undefined ? undefined : device.antennas.get(antenna)) ?? device.anywhere;
    if (place === undefined) return `antenna ${antenna ?? 'unknown'} is not in the configuration`;
    const at = momentOf(reading.claimedMs, receivedAtMs);
    if (place.zone !== undefined) {
      this.#sight(site, place.zone, device.id, reading, at, receivedAtMs, out);
    }
    if (place.portal !== undefined && place.side !== undefined) {
      this.#cross(site, place.portal, place.side, device.id, reading, at, receivedAtMs, out);
    }
    return undefined;
  }

  /** Ends passes and presences that are due; `waitIsOver` when some no longer wait for a device. */
  tick(site: SiteModel, nowMs: number, waitIsOver: boolean, out: EventDraft[]): void {
    if (waitIsOver) {
      this.#passExpiry.release(this.#passDue);
      this.#tagExpiry.release(this.#tagDue);
    }
    this.#endPasses(site, nowMs, out);
    this.#depart(nowMs, out);
    this.#passed.expire(nowMs);
    this.#halves.expire(nowMs);
  }

  drainDirty(rows: StateRow[]): void {
    this.#tags.drainDirty(rows);
    this.#passes.drainDirty(rows);
    this.#passed.drainDirty(rows);
    this.#halves.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine === TagTable.machine) this.#tags.restore(key, value);
    else if (machine === this.#passes.machine) this.#passes.restore(key, value);
    else if (machine === this.#passed.machine) this.#passed.restore(key, value);
    else if (machine === this.#halves.machine) this.#halves.restore(key, value);
    else return false;
    return true;
  }

  #sight(
    site: SiteModel,
    zone: string,
    device: string,
    reading: TagReading,
    at: Moment,
    receivedAtMs: number,
    out: EventDraft[],
  ): void {
    const { epc, rssiCdbm, antenna } = reading;
    const [judgedMs, quality] = at;
    const before = this.#tags.get(epc);
    const sighting: Sighting = {
      zone,
      device,
      reads: Math.min(reading.reads, maxReads),
      rssiCdbm,
      atMs: Math.min(judgedMs, receivedAtMs),
      exact: quality === 'device' && judgedMs <= receivedAtMs,
      receivedAtMs,
    };
    const { state, effect, reads } = seeTag(before, sighting, site.observe);
    if (state === before) return;
    this.#tags.set(epc, state);
    if (before === undefined) this.#tagExpiry.add(epc, this.#absentAtMs(site, state));
    else this.#tagExpiry.releaseOne(epc, this.#tagDue);
    if (effect === undefined) return;
    // In the order of canonical text, which then need not be sorted.
    const heard = antenna === undefined ? { epc } : { antenna, epc };
    const strength = rssiCdbm === undefined ? { zone } : { rssiCdbm, zone };
    const fields = { ...momentFields(at), device };
    const fromZone = effect === 'moved' ? before?.zone : undefined;
    out.push(
      fromZone === undefined
        ? draft('tag.appeared', { ...heard, ...strength }, fields)
        : draft('tag.moved', { ...heard, fromZone, ...strength }, fields),
    );
    const evidence = { epc, reads, device, at, nowMs: receivedAtMs, zone, fromZone };
    out.push(...this.#poster.placed(site, evidence));
  }

  #cross(
    site: SiteModel,
    portal: string,
    side: PortalSide,
    device: string,
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
      keyed,
    };
    const { state, ended } = readAtPortal(before, read, site.observe);
    const dueBeforeMs = running === undefined ? undefined : this.#passDue(key);
    this.#passes.set(key, state);
    const dueMs = this.#passDue(key) ?? 0;
    const isSooner = dueBeforeMs !== undefined && dueBeforeMs !== Infinity && dueMs < dueBeforeMs;
    // A second read of a side makes its quiet count: the pass is filed once more, where it is due.
    if (running === undefined || isSooner) this.#passExpiry.add(key, dueMs);
    else this.#passExpiry.releaseOne(key, this.#passDue);
    if (ended !== undefined) this.#endPass(site, key, ended, receivedAtMs, out);
  }

  #takeHalf(key: string, atMs: number, { observe }: SiteModel): PassState | undefined {
    const half = this.#halves.get(key);
    if (half === undefined || !isWithinPass(half, atMs, observe)) return undefined;
    this.#halves.forget(key);
    return half;
  }

  #endPasses(site: SiteModel, nowMs: number, out: EventDraft[]): void {
    const ended: [key: string, pass: Pass][] = [];
    for (const key of this.#passExpiry.take(nowMs, this.#passDue)) {
      const state = this.#passes.get(key);
      if (state === undefined) continue;
      ended.push([key, this.#judge(site, key, state, nowMs)]);
      this.#passes.set(key, undefined);
    }
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
    const pass = judgePass(state, site.observe);
    if (!devicesOf(state).some((device) => this.#hearing.isLost(device))) return pass;
    if (!pass.twoSided) this.#halves.keep(key, state, nowMs);
    return { ...pass, overUntilMs: pass.overUntilMs + site.observe.passWindowMs };
  }

  #endPass(site: SiteModel, key: string, pass: Pass, nowMs: number, out: EventDraft[]): void {
    const { direction, reads, firstSeenAtMs, lastSeenAtMs, last: at, device } = pass;
    if (pass.twoSided) this.#passed.keep(key, pass.overUntilMs, nowMs);
    if (direction === 'none') return;
    const slash = key.indexOf('/');
    const portal = key.slice(0, slash);
    const epc = key.slice(slash + 1);
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
    const tag = this.#tags.get(epc);
    const since = tag !== undefined && tag.seenAtMs > lastSeenAtMs && tag.zone !== '';
    const seenSinceIn = since ? tag.zone : undefined;
    const evidence = { epc, reads, device, at, nowMs, portal, direction, seenSinceIn };
    out.push(...this.#poster.passed(site, evidence));
  }

  #depart(nowMs: number, out: EventDraft[]): void {
    const gone: { epc: string; zone: string; device: string; lastSeenAt: number }[] = [];
    for (const epc of this.#tagExpiry.take(nowMs, this.#tagDue)) {
      const state = this.#tags.get(epc);
      if (state === undefined) continue;
      const { zone, device } = state;
      if (zone !== '') gone.push({ epc, zone, device, lastSeenAt: lastEvidenceMs(state) });
      this.#tags.delete(epc);
    }
    gone.sort((a, b) => a.lastSeenAt - b.lastSeenAt || (a.epc < b.epc ? -1 : 1));
    for (const { device, ...payload } of gone) {
      out.push(draft('tag.departed', payload, { device, ...momentFields(arrivalAt(nowMs)) }));
    }
  }

  readonly #tagDue = (epc: string): number | undefined => {
    const state = this.#tags.get(epc);
    return state && this.#site && this.#absentAtMs(this.#site, state);
  };

  #absentAtMs(site: SiteModel, { receivedAtMs, device }: TagState): number {
    return Math.max(receivedAtMs, this.#hearing.backMs(device)) + site.observe.absentAfterMs;
  }

  readonly #passDue = (key: string): number | undefined => {
    const state = this.#passes.get(key);
    if (state === undefined || this.#site === undefined) return undefined;
    return passDueMs(state, this.#site.observe, this.#hearing.backMs);
  };
}
