import { isUtf8 } from 'node:buffer';
import type { FlowItem } from '#contracts/api/floor-flow-api.ts';
import type { Decoded, DeviceProfile } from '../../devices/profile.ts';
import type { Reading } from '../../devices/reading.ts';
import type { IntakeEntry } from '../intake/intake-entry.ts';
import type { ObserverStep } from '../observe/observer.ts';
import type { ProfileOf } from '../observe/site-model.ts';
import { eventWords } from './event-words.ts';
import { readingWords } from './reading-words.ts';

/** Somebody who watches messages on their way. */
export interface FlowWatcher {
  /** Whether to be shown this one: asked first, because showing costs most. */
  wants(device: string): boolean;
  show(item: FlowItem): void;
}

const rawChars = 400;
const wordsChars = 160;
const mostShown = 5;

/**
 * Shows what the observer does to who watches, and changes nothing. While nobody does, a message
 * costs a look at one field.
 */
export class FlowTap {
  readonly #watchers = new Set<FlowWatcher>();
  readonly #profiles = new WeakMap<DeviceProfile, DeviceProfile>();
  #isWatched = false;
  #decoded: Decoded | undefined;

  /** @returns the way to stop. */
  watch(watcher: FlowWatcher): () => void {
    this.#watchers.add(watcher);
    if (!this.#isWatched) this.#decoded = undefined;
    this.#isWatched = true;
    return () => {
      this.#watchers.delete(watcher);
      this.#isWatched = this.#watchers.size > 0;
    };
  }

  /** The same profiles; what they decode is seen here on its way. */
  tapped(profileOf: ProfileOf): ProfileOf {
    return (id) => {
      const profile = profileOf(id);
      if (profile === undefined) return undefined;
      const known = this.#profiles.get(profile);
      if (known !== undefined) return known;
      const tapped = this.#tap(profile);
      this.#profiles.set(profile, tapped);
      return tapped;
    };
  }

  /** An entry was stepped over. */
  stepped(entry: IntakeEntry, step: ObserverStep): void {
    if (!this.#isWatched) return;
    const decoded = this.#decoded;
    this.#decoded = undefined;
    const { body } = entry;
    if (body.type !== 'message') return;
    let item: FlowItem | undefined;
    for (const watcher of this.#watchers) {
      if (!watcher.wants(body.device)) continue;
      item ??= itemOf(entry, body.device, body.channel, body.payload, decoded, step);
      watcher.show(item);
    }
  }

  #tap(profile: DeviceProfile): DeviceProfile {
    return {
      ...profile,
      decode: (state, message) => {
        const result = profile.decode(state, message);
        if (this.#isWatched) this.#decoded = result.decoded;
        return result;
      },
    };
  }
}

function itemOf(
  { pos, receivedAtMs: atMs }: IntakeEntry,
  device: string,
  channel: string,
  payload: Uint8Array,
  decoded: Decoded | undefined,
  { drafts, quarantined }: ObserverStep,
): FlowItem {
  const readings = decoded?.ok === true ? decoded.readings : [];
  return {
    pos,
    atMs,
    device,
    channel,
    bytes: payload.length,
    raw: rawText(payload),
    trouble: quarantined === undefined ? null : `${quarantined.reason}: ${quarantined.detail}`,
    readings: readings.length,
    ...(decoded?.ok === true && decoded.repeated !== undefined && { repeated: decoded.repeated }),
    decoded: readings.slice(0, mostShown).map((one) => ({ type: one.type, text: wordsOf(one) })),
    said: drafts.length,
    events: drafts.slice(0, mostShown).map(({ kind, payload: said }) => {
      return { kind, text: eventWords(said).slice(0, wordsChars).toWellFormed() };
    }),
  };
}

function rawText(payload: Uint8Array): string {
  const head = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  return isUtf8(payload)
    ? head.toString('utf8').slice(0, rawChars).toWellFormed()
    : head.subarray(0, rawChars / 2).toString('hex');
}

function wordsOf(reading: Reading): string {
  return readingWords(reading).slice(0, wordsChars).toWellFormed();
}
