import type { Canonical } from '#contracts/canonical.ts';
import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { DeviceFault } from '../../devices/device-fault.ts';
import type { Decoded, DeviceMessage, QuarantineReason } from '../../devices/profile.ts';
import { DeviceFaults, type StandingFault } from './device-faults.ts';
import { disconnect, hear, isLost, listen, newLink, type DeviceLink } from './device-link.ts';
import { KeyedStore } from './keyed-store.ts';
import { flushMissed, miss, type Gap, type MissedSamples } from './missed-samples.ts';
import { arrivalAt, momentFields } from './moment.ts';
import { noteQuarantined, type QuarantineLog } from './quarantine-log.ts';
import type { DeviceModel, SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

type DecodeState = readonly [profile: string, state: Canonical];

/** Lines to devices: their decoders, silence, lost samples and what could not be read. */
export class DeviceObserver {
  readonly #links = new KeyedStore<DeviceLink>('device');
  readonly #decoders = new KeyedStore<DecodeState>('decode');
  readonly #missed = new KeyedStore<MissedSamples>('missed');
  readonly #quarantine = new KeyedStore<QuarantineLog>('quarantine');
  readonly #faults = new DeviceFaults();
  /** Whether what waited for a device that is away may go on, since this was last asked. */
  #waitIsOver = false;

  linkOf(device: string): DeviceLink | undefined {
    return this.#links.get(device);
  }

  quarantinedOf(device: string): number {
    return this.#quarantine.get(device)?.count ?? 0;
  }

  get quarantined(): number {
    let sum = 0;
    for (const [, { count }] of this.#quarantine.entries()) sum += count;
    return sum;
  }

  faultsOf(device: string): readonly StandingFault[] {
    return this.#faults.of(device);
  }

  /** What a device's driver found wrong, as a whole. */
  takeFaults(
    site: SiteModel | undefined,
    device: string,
    faults: readonly DeviceFault[],
    nowMs: number,
    out: EventDraft[],
  ): void {
    if (site?.devices.has(device) === true) this.#faults.take(device, faults, nowMs, out);
  }

  /** The gateway can hear again after a time when it could not. */
  listenAgain(): void {
    this.#waitIsOver = true;
  }

  /** A device that is not configured any more is forgotten, its counts of bad messages are not. */
  configure(site: SiteModel, nowMs: number): void {
    for (const id of site.devices.keys()) {
      if (this.#links.get(id) === undefined) this.#links.set(id, newLink(nowMs));
    }
    this.#faults.configure(site);
    for (const store of [this.#links, this.#decoders, this.#missed]) {
      for (const id of store.keys()) if (!site.devices.has(id)) store.set(id, undefined);
    }
  }

  /** The gateway started: whoever was connected is so no more. */
  boot(): void {
    for (const [id, link] of this.#links.entries()) {
      if (link.connected) this.#links.set(id, { ...link, connected: false });
    }
  }

  hear(device: string, nowMs: number, qos: number | undefined, out: EventDraft[]): void {
    const before = this.#links.get(device);
    if (before === undefined) return;
    const { state, heardAfter } = hear(before, nowMs, qos);
    if (state === before) return;
    if (!before.connected) this.#waitIsOver = true;
    this.#links.set(device, state);
    if (heardAfter === undefined) return;
    const at = { device, ...momentFields(arrivalAt(nowMs)) };
    out.push(draft('device.heard', { silentSince: heardAfter }, at));
  }

  disconnect(device: string, nowMs: number, sessionProves: boolean): void {
    const before = this.#links.get(device);
    if (before !== undefined) this.#links.set(device, disconnect(before, nowMs, sessionProves));
  }

  /** The device's own word: birth, death, last will. */
  say(device: string, up: boolean): void {
    const before = this.#links.get(device);
    if (before !== undefined && before.up !== up) this.#links.set(device, { ...before, up });
  }

  /** What is known already, or lies before that, changes nothing. */
  serverRestarted(device: string, atMs: number): void {
    const before = this.#links.get(device);
    if (before === undefined || atMs <= before.restartedMs) return;
    this.#links.set(device, { ...before, restartedMs: atMs });
  }

  /**
   * When the device last became able to speak, the gateway being able to hear; Infinity while either
   * is not, and the device is expected back. One that is not configured any more holds nothing back.
   */
  backMs(device: string, listeningSinceMs: number | undefined): number {
    if (listeningSinceMs === undefined) return Infinity;
    const link = this.#links.get(device);
    if (link === undefined) return listeningSinceMs;
    const canComeBack = !link.connected && !isLost(link);
    return canComeBack ? Infinity : Math.max(link.backMs, listeningSinceMs);
  }

  isLost(device: string): boolean {
    const link = this.#links.get(device);
    return link !== undefined && isLost(link);
  }

  /** A codec that throws has a bug; the message goes to quarantine and the lane goes on. */
  decode(device: DeviceModel, message: DeviceMessage): Decoded {
    const { id, profile, profileId } = device;
    if (profile === undefined) return unreadable(`profile "${profileId}" is not known here`);
    const kept = this.#decoders.get(id);
    const before = kept?.[0] === profileId ? kept[1] : profile.initialState;
    try {
      const { state, decoded } = profile.decode(before, message);
      if (state !== before) this.#decoders.set(id, [profileId, state]);
      return decoded;
    } catch {
      return unreadable(`the decoder of "${profileId}" failed`);
    }
  }

  /** The device's numbering shows a loss. It lies after what was heard before this message. */
  missed(device: string, nowMs: number, heardBeforeMs: number, out: EventDraft[]): void {
    const { state, gap } = miss(this.#missed.get(device), nowMs, heardBeforeMs);
    this.#missed.set(device, state);
    if (gap !== undefined) out.push(overflow(device, gap, nowMs));
  }

  quarantine(
    device: string,
    reason: QuarantineReason,
    bytes: number,
    sha256: string,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const { log, say } = noteQuarantined(this.#quarantine.get(device), reason, nowMs);
    this.#quarantine.set(device, log);
    if (!say) return;
    const at = { device, ...momentFields(arrivalAt(nowMs)) };
    out.push(draft('device.quarantined', { bytes, reason, sha256 }, at));
  }

  /** @param listeningSinceMs since when the gateway can hear; undefined while it cannot */
  tick(
    site: SiteModel,
    nowMs: number,
    listeningSinceMs: number | undefined,
    out: EventDraft[],
  ): void {
    for (const { id, profile, silentAfterMs } of site.devices.values()) {
      this.#flushMissed(id, nowMs, out);
      const before = this.#links.get(id);
      if (before === undefined || listeningSinceMs === undefined) continue;
      const sessionProves = profile?.transport === 'opcua';
      const policy = { silentAfterMs, listeningSinceMs, sessionProves };
      const { state, fellSilent } = listen(before, nowMs, policy);
      if (fellSilent === undefined) continue;
      this.#links.set(id, state);
      if (isLost(state)) this.#waitIsOver = true;
      const at = { device: id, ...momentFields(arrivalAt(nowMs)) };
      out.push(draft('device.silent', { allowedMs: silentAfterMs, ...fellSilent }, at));
    }
  }

  /** Whether held departures and passes must be looked at again. Clears itself. */
  takeWaitIsOver(): boolean {
    const waitIsOver = this.#waitIsOver;
    this.#waitIsOver = false;
    return waitIsOver;
  }

  drainDirty(rows: StateRow[]): void {
    for (const store of this.#stores()) store.drainDirty(rows);
    this.#faults.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    const store = this.#stores().find((one) => one.machine === machine);
    store?.restore(key, value);
    return store !== undefined || this.#faults.restore(machine, key, value);
  }

  #stores() {
    return [this.#links, this.#decoders, this.#missed, this.#quarantine] as const;
  }

  #flushMissed(device: string, nowMs: number, out: EventDraft[]): void {
    const before = this.#missed.get(device);
    if (before === undefined) return;
    const { state, gap } = flushMissed(before, nowMs);
    this.#missed.set(device, state);
    if (gap !== undefined) out.push(overflow(device, gap, nowMs));
  }
}

function unreadable(detail: string): Decoded {
  return { ok: false, reason: 'unknown-message', detail };
}

/** The device made samples that it could not keep until they were taken: its buffer ran over. */
function overflow(device: string, gap: Gap, nowMs: number): EventDraft {
  const payload = { channels: 1, ...gap, reason: 'overflow' } as const;
  return draft('device.gap', payload, { device, ...momentFields(arrivalAt(nowMs)) });
}
