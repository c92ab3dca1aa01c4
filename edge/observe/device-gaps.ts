import { draft, type EventDraft } from '#contracts/envelope.ts';
import type { IntakeBody } from '../intake/intake-entry.ts';
import type { RecentGap } from './facts.ts';
import { KeyedStore } from './keyed-store.ts';
import { arrivalAt, momentFields } from './moment.ts';
import type { SiteModel } from './site-model.ts';
import type { StateRow } from './state-row.ts';

/** Why nothing of a polled device is sampled, the strongest first: it gives the gap its name. */
const blindCauses = ['gateway-down', 'server-restart', 'link-lost'] as const;
type BlindCause = (typeof blindCauses)[number];

/** A stretch that goes on. */
type Blind = {
  readonly fromMs: number;
  readonly causes: readonly BlindCause[];
};

type Gap = Omit<Extract<IntakeBody, { type: 'gap' }>, 'type'> & {
  readonly causes?: readonly BlindCause[];
};

const shownMs = 3_600_000;
const maxShown = 50;

/**
 * What nobody sampled of polled devices. A stretch in which nothing of a device comes in may have
 * several causes that overlap: the link breaks, the gateway dies, the PLC starts anew meanwhile. It
 * is one gap, told when it ends, with all of them. Until then its beginning is a row, so that no
 * death of the gateway forgets it, and the device is said to be silent. What never was connected
 * has no gap: there was nothing to lose.
 */
export class DeviceGaps {
  /** By device. A number, as earlier releases wrote it, is a stretch of `gateway-down`. */
  readonly #open = new KeyedStore<Blind | number>('unsampled');
  /** Shown, and deciding nothing: not stored. */
  #recent: RecentGap[] = [];

  /** Those that ended lately. */
  recent(nowMs: number): RecentGap[] {
    return this.#recent.filter(({ toMs }) => nowMs - toMs < shownMs);
  }

  /**
   * A start after an earlier life; `lastAliveMs` is undefined for the first one.
   *
   * @param wasSeen whether a device was ever connected
   */
  boot(
    site: SiteModel,
    lastAliveMs: number | undefined,
    wasSeen: (device: string) => boolean,
  ): void {
    if (lastAliveMs === undefined) return;
    for (const { id, profile } of site.devices.values()) {
      if (profile?.transport !== 'opcua') continue;
      if (this.#openOf(id) !== undefined || wasSeen(id)) {
        this.#add(id, 'gateway-down', lastAliveMs);
      }
    }
  }

  /** No session stands any more, or still none. @param sinceMs undefined where none stood before */
  lost(device: string, sinceMs: number | undefined): void {
    this.#add(device, 'link-lost', sinceMs);
  }

  /** A session stands. @param startedMs when the server began its life, where it says so */
  back(
    device: string,
    channels: number,
    startedMs: number | undefined,
    nowMs: number,
    out: EventDraft[],
  ): void {
    const open = this.#openOf(device);
    if (open === undefined) return;
    if (startedMs !== undefined && startedMs > open.fromMs) this.#add(device, 'server-restart');
    this.#close(device, channels, nowMs, nowMs, out);
  }

  /** A gap as its driver saw it; that of the whole device ends the stretch. */
  tell(gap: Gap, nowMs: number, out: EventDraft[]): void {
    const { channels, device, fromMs, reason, toMs } = gap;
    const cause = blindCauses.find((one) => one === reason);
    if (cause === undefined) {
      this.#say(gap, nowMs, out);
      return;
    }
    this.#add(device, cause, fromMs);
    this.#close(device, channels, toMs, nowMs, out);
  }

  /** What is not polled here any more has its last word. */
  configure(
    former: SiteModel | undefined,
    latter: SiteModel,
    nowMs: number,
    out: EventDraft[],
  ): void {
    for (const device of [...this.#open.keys()].sort()) {
      if (latter.devices.has(device)) continue;
      this.#close(device, former?.devices.get(device)?.channels ?? 0, nowMs, nowMs, out);
    }
  }

  drainDirty(rows: StateRow[]): void {
    this.#open.drainDirty(rows);
  }

  /** @returns false for a row of another part. */
  restore(machine: string, key: string, value: string): boolean {
    if (machine !== this.#open.machine) return false;
    this.#open.restore(key, value);
    return true;
  }

  #openOf(device: string): Blind | undefined {
    const open = this.#open.get(device);
    return typeof open === 'number' ? { fromMs: open, causes: ['gateway-down'] } : open;
  }

  /** Begins a stretch, or names another cause of it. @param fromMs without it, none begins */
  #add(device: string, cause: BlindCause, fromMs?: number): void {
    const open = this.#openOf(device);
    const startMs = Math.min(open?.fromMs ?? Infinity, fromMs ?? Infinity);
    if (startMs === Infinity) return;
    const causes = blindCauses.filter((one) => one === cause || open?.causes.includes(one));
    if (open?.fromMs === startMs && open.causes.length === causes.length) return;
    this.#open.set(device, { fromMs: startMs, causes });
  }

  #close(device: string, channels: number, toMs: number, nowMs: number, out: EventDraft[]): void {
    const { causes = [], fromMs = toMs } = this.#openOf(device) ?? {};
    this.#open.set(device, undefined);
    const [reason] = causes;
    if (reason === undefined || fromMs >= toMs) return;
    const others = causes.length > 1 ? { causes } : {};
    this.#say({ device, reason, channels, fromMs, toMs, ...others }, nowMs, out);
  }

  #say(gap: Gap, nowMs: number, out: EventDraft[]): void {
    const { causes, channels, device, fromMs, reason, toMs } = gap;
    const payload = { ...(causes && { causes: [...causes] }), channels, fromMs, reason, toMs };
    this.#recent = [...this.#recent, { channels, device, fromMs, reason, toMs }].slice(-maxShown);
    out.push(draft('device.gap', payload, { device, ...momentFields(arrivalAt(nowMs)) }));
  }
}
