import { hash } from 'node:crypto';
import { decodeCanonical } from '#contracts/canonical.ts';
import type { EventDraft } from '#contracts/envelope.ts';
import type { DeviceMessage, Trouble } from '../../devices/profile.ts';
import type { Reading } from '../../devices/reading.ts';
import { profileOf as knownProfileOf } from '../../devices/registry.ts';
import type { SiteConfig } from '../config/gateway-config.ts';
import { evidenceDraft } from '../evidence/evidence-draft.ts';
import type { IntakeBody, IntakeEntry } from '../intake/intake-entry.ts';
import { StockDesk, type StockBody } from '../post/stock-desk.ts';
import type { StockView } from '../stock/stock-view.ts';
import { ClimateObserver } from './climate-observer.ts';
import { DeviceGaps } from './device-gaps.ts';
import { DeviceMeters, readsOf } from './device-meters.ts';
import { DeviceObserver } from './device-observer.ts';
import { alertsOf, deviceHealthOf, type ObserverFacts } from './facts.ts';
import { GatewayObserver } from './gateway-observer.ts';
import { KeyedStore } from './keyed-store.ts';
import { endsDeafness, type ObserverStep } from './observer-step.ts';
import { OwnClock } from './own-clock.ts';
import { PlcObserver } from './plc-observer.ts';
import { keptOf, type Quarantined } from './quarantined.ts';
import { ScanObserver } from './scan-observer.ts';
import { siteModelOf } from './site-model.ts';
import type { DeviceModel, ProfileOf, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';
import { TagObserver } from './tag-observer.ts';

export type { ObserverFacts } from './facts.ts';
export type { ObserverStep } from './observer-step.ts';
export type { StateRow } from './state-row.ts';

/**
 * Turns intake entries into events. The same entries give the same drafts, to the byte, also when
 * it is restored between any two of them from all rows that `takeDirty` gave so far.
 */
export interface Observer {
  step(entry: IntakeEntry): ObserverStep;
  /** The state that changed since the last call; later rows replace earlier ones of their key. */
  takeDirty(): StateRow[];
  /** @param heldSinceMs since when intake holds, which no entry says before it is over */
  facts(nowMs: number, heldSinceMs?: number): ObserverFacts;
  /** Stock, units, documents and tasks as they are after the last entry. */
  readonly stock: StockView;
}

/**
 * An observer with the state that `rows` hold: one row per machine and key, in any order; none for
 * a gateway that begins. `profileOf` is the registry of device profiles.
 */
export function restoreObserver(
  rows: Iterable<StateRow>,
  profileOf: ProfileOf = knownProfileOf,
): Observer {
  const observer = new SiteObserver(profileOf);
  for (const { machine, key, value } of rows) {
    if (value !== null) observer.restore(machine, key, value);
  }
  observer.resume();
  return observer;
}

type Body<T extends IntakeBody['type']> = Extract<IntakeBody, { type: T }>;

const headBytes = 4096;

class SiteObserver implements Observer {
  readonly #profileOf: ProfileOf;
  readonly #gateway = new GatewayObserver();
  readonly #clock = new OwnClock();
  readonly #devices = new DeviceObserver();
  readonly #stock = new StockDesk({
    tagsIn: (zone) => this.#tags.tagsIn(zone),
    zoneOf: (epc) => this.#tags.zoneOf(epc),
  });
  readonly #tags = new TagObserver(this.#stock.poster, {
    backMs: (device) => this.#devices.backMs(device, this.#gateway.listeningSinceMs),
    isLost: (device) => this.#devices.isLost(device),
  });
  readonly #plc = new PlcObserver(this.#stock.poster);
  readonly #climate = new ClimateObserver(this.#stock.climate);
  readonly #scans = new ScanObserver(this.#stock.poster);
  readonly #gaps = new DeviceGaps();
  /** Canonical text of the site config. */
  readonly #config = new KeyedStore<string>('config');
  /** The second of entry time in which timers were last looked at. */
  readonly #second = new KeyedStore<number>('second');
  readonly #meters = new DeviceMeters();
  #site: SiteModel | undefined;
  /** Of the entry that is at work. */
  #besides: Pick<ObserverStep, 'outcome' | 'request'> | undefined;

  constructor(profileOf: ProfileOf) {
    this.#profileOf = profileOf;
  }

  step({ pos, body, receivedAtMs }: IntakeEntry): ObserverStep {
    const out: EventDraft[] = [];
    this.#stock.begin(pos);
    // What ends a time without hearing comes before the timers, or that time would be silence.
    const first = endsDeafness(body);
    if (!first) this.#tick(receivedAtMs, out);
    const quarantined = this.#take(body, receivedAtMs, out);
    if (first) this.#tick(receivedAtMs, out);
    const drafts = this.#clock.marked(out, receivedAtMs);
    const said = quarantined === undefined ? { drafts } : { drafts, quarantined };
    const besides = this.#besides;
    if (besides === undefined) return said;
    this.#besides = undefined;
    return { ...said, ...besides };
  }

  get stock(): StockView {
    return this.#stock.view;
  }

  takeDirty(): StateRow[] {
    const rows: StateRow[] = [];
    for (const part of this.#parts()) part.drainDirty(rows);
    this.#config.drainDirty(rows);
    this.#second.drainDirty(rows);
    return rows;
  }

  facts(nowMs: number, heldSinceMs = this.#gateway.state.heldSinceMs): ObserverFacts {
    const models = [...(this.#site?.devices.values() ?? [])];
    const devices = models.map((device) => {
      const { id } = device;
      const link = this.#devices.linkOf(id);
      const quarantined = this.#devices.quarantinedOf(id);
      const faults = this.#devices.faultsOf(id);
      return deviceHealthOf(device, link, quarantined, this.#meters.get(id), nowMs, faults);
    });
    const silent = models.flatMap((device) => {
      const sinceMs = this.#devices.linkOf(device.id)?.silentSinceMs ?? null;
      return sinceMs === null ? [] : [[device, sinceMs] as const];
    });
    return {
      devices,
      alerts: alertsOf({
        excursions: this.#climate.open(),
        silent,
        gaps: this.#gaps.recent(nowMs),
        conflicts: this.#stock.openConflicts(),
        alarms: this.#plc.standingAlarms(),
        faults: devices,
        heldSinceMs,
        ownClock: this.#clock.alerts(nowMs),
      }),
      readsPerMinute: devices.reduce((sum, { readsPerMinute }) => sum + readsPerMinute, 0),
      quarantined: this.#devices.quarantined,
      residentTags: this.#tags.tags,
      forgottenTags: this.#tags.forgotten,
      uplinkLostMs: this.#gateway.state.uplinkLostMs,
      clockDoubt: this.#clock.doubt,
    };
  }

  restore(machine: string, key: string, value: string): void {
    if (machine === this.#config.machine) this.#config.restore(key, value);
    else if (machine === this.#second.machine) this.#second.restore(key, value);
    else this.#parts().some((part) => part.restore(machine, key, value));
  }

  /** Builds what is derived from the restored rows. */
  resume(): void {
    this.#stock.resume();
    const text = this.#config.get('');
    if (text === undefined) return;
    this.#site = siteModelOf(decodeCanonical(text) as unknown as SiteConfig, this.#profileOf);
    this.#tags.configure(this.#site);
    this.#stock.configure(this.#site);
  }

  #parts() {
    return [
      this.#tags,
      this.#stock,
      this.#devices,
      this.#plc,
      this.#scans,
      this.#climate,
      this.#gaps,
      this.#gateway,
      this.#clock,
    ] as const;
  }

  /** Looks at the timers once per second of entry time: many entries share a second. */
  #tick(nowMs: number, out: EventDraft[]): void {
    const second = Math.floor(nowMs / 1000);
    if (second <= (this.#second.get('') ?? 0)) return;
    this.#second.set('', second);
    const site = this.#site;
    if (site === undefined) return;
    this.#tags.tick(site, nowMs, this.#devices.takeWaitIsOver(), out);
    this.#plc.tick(site, nowMs, out);
    this.#devices.tick(site, nowMs, this.#gateway.listeningSinceMs, out);
    this.#stock.tick(site, nowMs, out);
  }

  #take(body: IntakeBody, nowMs: number, out: EventDraft[]): Quarantined | undefined {
    switch (body.type) {
      case 'message':
        return this.#takeMessage(body, nowMs, out);
      case 'refused':
        return this.#takeRefused(body, nowMs, out);
      case 'connection':
        this.#takeConnection(body, nowMs, out);
        return undefined;
      case 'gap':
        this.#takeGap(body, nowMs, out);
        return undefined;
      case 'server-start':
        this.#devices.serverRestarted(body.device, body.startedMs);
        this.#gaps.back(body.device, this.#channelsOf(body.device), body.startedMs, nowMs, out);
        return undefined;
      case 'device-faults':
        this.#devices.takeFaults(this.#site, body.device, body.faults, nowMs, out);
        return undefined;
      case 'act':
      case 'document':
      case 'revocation':
      case 'book-restored':
      case 'transfers':
        this.#takeStock(body, nowMs, out);
        return undefined;
      case 'boot':
        this.#takeBoot(body, nowMs, out);
        return undefined;
      case 'config':
        this.#takeConfig(body.config, nowMs, out);
        break;
      case 'clock-seen':
        this.#clock.seen(body, nowMs, out);
        this.#devices.listenAgain();
        break;
      case 'intake':
        this.#devices.listenAgain();
        break;
      case 'evidence':
        out.push(evidenceDraft(body, nowMs));
        return undefined;
      case 'config-refused':
      case 'config-override':
      case 'key-rotated':
      case 'clock':
      case 'uplink':
        break;
      case 'tick':
        return undefined;
    }
    this.#gateway.note(body, nowMs, out);
    return undefined;
  }

  #takeStock(body: StockBody, nowMs: number, out: EventDraft[]): void {
    if (body.type === 'book-restored') this.#scans.remember(body.rows.scans);
    const outcome = this.#stock.take(this.#site, body, nowMs, out);
    if (outcome !== undefined) this.#besides = { outcome };
  }

  #takeBoot(body: Body<'boot'>, nowMs: number, out: EventDraft[]): void {
    this.#devices.boot();
    this.#devices.listenAgain();
    this.#gateway.note(body, nowMs, out);
    this.#clock.boot(body.clock, nowMs, out);
    const wasSeen = (device: string) => (this.#devices.linkOf(device)?.heardMs ?? -1) >= 0;
    if (this.#site !== undefined) this.#gaps.boot(this.#site, body.lastAliveMs, wasSeen);
  }

  #takeConfig(text: string, nowMs: number, out: EventDraft[]): void {
    this.#config.set('', text);
    const site = siteModelOf(decodeCanonical(text) as unknown as SiteConfig, this.#profileOf);
    this.#gaps.configure(this.#site, site, nowMs, out);
    this.#site = site;
    this.#devices.configure(site, nowMs);
    this.#plc.configure(site);
    this.#tags.configure(site);
    this.#stock.configure(site);
    this.#climate.configure(site, nowMs, out);
  }

  #takeMessage(
    { device: id, channel, qos, payload }: Body<'message'>,
    nowMs: number,
    out: EventDraft[],
  ): Quarantined | undefined {
    const reject = ({ bytes: of, detail, reason }: Trouble): Quarantined => {
      const part = of === undefined ? payload : payload.subarray(...of);
      const { length: bytes } = part;
      const sha256 = hash('sha256', part);
      this.#devices.quarantine(id, reason, bytes, sha256, nowMs, out);
      const head = part.subarray(0, headBytes);
      return keptOf({ device: id, channel, reason, detail, bytes, sha256, head });
    };
    const unknown = (detail: string) => reject({ reason: 'unknown-message', detail });
    const site = this.#site;
    const device = site?.devices.get(id);
    if (site === undefined || device === undefined) {
      return unknown('the device is not in the configuration');
    }
    const heardBeforeMs = this.#devices.linkOf(device.id)?.heardMs ?? -1;
    this.#devices.hear(device.id, nowMs, qos, out);
    const message: DeviceMessage = { channel, payload, receivedAtMs: nowMs };
    const decoded = this.#devices.decode(device, message);
    const { request } = decoded;
    if (request !== undefined) this.#besides = { request: { ...request, device: id } };
    if (!decoded.ok) return reject(decoded);
    let problem: string | Trouble | undefined;
    for (const reading of decoded.readings) {
      const found = this.#takeReading(site, device, reading, nowMs, heardBeforeMs, out);
      problem ??= found;
    }
    // What is good of a message counts, also where the rest goes to quarantine.
    if (typeof problem === 'string') return unknown(problem);
    if (problem !== undefined) return reject(problem);
    return decoded.partly && reject(decoded.partly);
  }

  /** @returns what is wrong with where the reading comes from, if anything. */
  #takeReading(
    site: SiteModel,
    device: DeviceModel,
    reading: Reading,
    nowMs: number,
    heardBeforeMs: number,
    out: EventDraft[],
  ): string | Trouble | undefined {
    this.#meters.of(device.id).read(nowMs, readsOf(reading), reading.claimedMs);
    switch (reading.type) {
      case 'tag':
        return this.#tags.read(site, device, reading, nowMs, out);
      case 'counter': {
        const restartedMs = this.#devices.linkOf(device.id)?.restartedMs ?? 0;
        return this.#plc.count(device, reading, nowMs, restartedMs, out);
      }
      case 'machine-state':
        this.#plc.enter(device, reading, nowMs, out);
        return undefined;
      case 'machine-alarm':
      case 'alarms-standing':
        this.#plc.alarm(device, reading, nowMs, out);
        return undefined;
      case 'climate':
        return this.#climate.read(site, device, reading, nowMs, out);
      case 'status':
        if (reading.sensor === undefined) this.#devices.say(device.id, reading.connected);
        return undefined;
      case 'missed':
        this.#devices.missed(device.id, nowMs, heardBeforeMs < 0 ? nowMs : heardBeforeMs, out);
        return undefined;
      case 'scan':
        return this.#scans.read(site, device, reading, nowMs, out);
      case 'input':
        this.#scans.change(device, reading, nowMs, out);
        return undefined;
    }
  }

  #takeRefused(
    { device, channel, reason, bytes, sha256, head }: Body<'refused'>,
    nowMs: number,
    out: EventDraft[],
  ): Quarantined {
    this.#devices.hear(device, nowMs, undefined, out);
    this.#devices.quarantine(device, reason, bytes, sha256, nowMs, out);
    const detail = 'refused by intake before it was read';
    return keptOf({ device, channel, reason, detail, bytes, sha256, head });
  }

  #takeConnection(
    { device, connected, sinceMs }: Body<'connection'>,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const sessionProves = this.#site?.devices.get(device)?.profile?.transport === 'opcua';
    if (!connected) {
      const stood = this.#devices.linkOf(device)?.connected === true;
      if (sessionProves) this.#gaps.lost(device, stood ? (sinceMs ?? nowMs) : undefined);
      this.#devices.disconnect(device, nowMs, sessionProves);
      return;
    }
    // Before `heard`: what was not sampled is the reason for the silence that ends.
    this.#gaps.back(device, this.#channelsOf(device), undefined, nowMs, out);
    this.#devices.hear(device, nowMs, undefined, out);
  }

  #takeGap(body: Body<'gap'>, nowMs: number, out: EventDraft[]): void {
    if (body.reason === 'server-restart') this.#devices.serverRestarted(body.device, nowMs);
    this.#gaps.tell(body, nowMs, out);
  }

  #channelsOf(device: string): number {
    return this.#site?.devices.get(device)?.channels ?? 0;
  }
}
