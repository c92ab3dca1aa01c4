import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { TagReading } from '../../devices/reading.ts';
import type { Poster } from '../post/poster.ts';
import { Expiry } from './expiry.ts';
import { arrivalAt, momentFields, momentOf, type Moment } from './moment.ts';
import { maxReads, PortalObserver, type Hearing } from './portal-observer.ts';
import type { DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import { lastEvidenceMs, seeTag, type Sighting, type TagState } from './tag-presence.ts';
import { TagTable } from './tag-table.ts';
import { mostUnbelieved, UnbelievedCap } from './unbelieved-cap.ts';

/** Presence of tags in zones and their passes through portals, and what these post. */
export class TagObserver {
  readonly #poster: Poster;
  readonly #hearing: Hearing;
  readonly #tags = new TagTable();
  readonly #tagExpiry = new Expiry();
  readonly #cap: UnbelievedCap;
  readonly #portals: PortalObserver;
  #site: SiteModel | undefined;

  constructor(poster: Poster, hearing: Hearing, most = mostUnbelieved) {
    this.#cap = new UnbelievedCap(this.#tags, most);
    this.#poster = poster;
    this.#hearing = hearing;
    this.#portals = new PortalObserver(poster, hearing, {
      get: (epc) => this.#tags.get(epc),
      leave: (epc, state, nowMs, out) => this.#leave(epc, state, nowMs, out),
    });
  }

  get tags(): number {
    return this.#tags.size;
  }

  /** Tags that were heard, never believed, and forgotten because there were too many. */
  get forgotten(): number {
    return this.#cap.forgotten;
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
    this.#cap.recount();
    this.#portals.configure(site);
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
    const { epc } = reading;
    const known = place.portal === undefined ? undefined : this.#portals.knownOf(epc);
    if (place.zone !== undefined) {
      this.#sight(site, place.zone, device.id, reading, at, receivedAtMs, out);
    }
    if (place.portal !== undefined && place.side !== undefined) {
      const of = { side: place.side, device: device.id, known };
      this.#portals.read(site, place.portal, of, reading, at, receivedAtMs, out);
    }
    return undefined;
  }

  /** Ends passes and presences that are due; `waitIsOver` when some no longer wait for a device. */
  tick(site: SiteModel, nowMs: number, waitIsOver: boolean, out: EventDraft[]): void {
    if (waitIsOver) this.#tagExpiry.release(this.#tagDue);
    this.#portals.tick(site, nowMs, waitIsOver, out);
    this.#depart(nowMs, out);
    const over = this.#cap.enforce();
    if (over !== undefined) out.push(...this.#poster.flooded(over.device, arrivalAt(nowMs), nowMs));
  }

  drainDirty(rows: StateRow[]): void {
    this.#tags.drainDirty(rows);
    this.#cap.drainDirty(rows);
    this.#portals.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== TagTable.machine) {
      return this.#cap.restore(machine, key, value) || this.#portals.restore(machine, key, value);
    }
    this.#tags.restore(key, value);
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
    if (before === undefined) {
      this.#tagExpiry.add(epc, this.#absentAtMs(site, state));
      if (state.zone === '') this.#cap.heard();
    } else {
      this.#tagExpiry.releaseOne(epc, this.#tagDue);
    }
    if (effect === undefined) return;
    if (before?.zone === '') this.#cap.over();
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
    if (effect === 'appeared') {
      this.#portals.appeared(epc, device, receivedAtMs);
    }
  }

  /** What went out is nowhere: a read inside later is a new appearance and no move. */
  #leave(epc: string, state: TagState, nowMs: number, out: EventDraft[]): void {
    this.#tags.delete(epc);
    if (state.zone === '') {
      this.#cap.over();
      return;
    }
    const payload = { epc, zone: state.zone, lastSeenAt: lastEvidenceMs(state) };
    const fields = { device: state.device, ...momentFields(arrivalAt(nowMs)) };
    out.push(draft('tag.departed', payload, fields));
  }

  #depart(nowMs: number, out: EventDraft[]): void {
    const gone: { epc: string; zone: string; device: string; lastSeenAt: number }[] = [];
    for (const epc of this.#tagExpiry.take(nowMs, this.#tagDue)) {
      const state = this.#tags.get(epc);
      if (state === undefined) continue;
      const { zone, device } = state;
      if (zone === '') this.#cap.over();
      else gone.push({ epc, zone, device, lastSeenAt: lastEvidenceMs(state) });
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
}
