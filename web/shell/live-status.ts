import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { ConsoleParts } from '../console-parts.ts';
import type { StreamState } from '../data/hub-stream.ts';
import { formatClock, formatDuration } from '../format/times.ts';
import type { Tone } from '../ui/shapes.ts';
import { liveWords } from './fleet-words.ts';

/** Data older than this is shown as stale. */
export const staleAfterMs = 15_000;

export interface Freshness {
  /** What is shown was true at this time. */
  readonly asOfMs: number | undefined;
  readonly stale: boolean;
  readonly ageMs: number;
}

/**
 * As of when what is shown was true: when it was fetched, or the last tick after that, since a tick
 * says that nothing else has changed. Once ticks stop, the last word stands and grows old.
 *
 * @param lastTickMs undefined while a change is announced that has not been fetched.
 */
export function freshness(
  dataAsOfMs: number | undefined,
  lastTickMs: number | undefined,
  nowMs: number,
): Freshness {
  if (dataAsOfMs === undefined) return { asOfMs: undefined, stale: false, ageMs: 0 };
  const asOfMs = Math.max(dataAsOfMs, lastTickMs ?? 0);
  const ageMs = Math.max(0, nowMs - asOfMs);
  return { asOfMs, stale: ageMs > staleAfterMs, ageMs };
}

/** As of when the page around every screen is true. */
export function pageFreshness(
  { fleet, stream }: Pick<ConsoleParts, 'fleet' | 'stream'>,
  nowMs: number,
): Freshness {
  const asOfMs = fleet.loaded.state === 'ready' ? fleet.loaded.value.asOfMs : undefined;
  return freshness(asOfMs, fleet.settled ? stream.lastTickMs : undefined, nowMs);
}

export interface ChipWords {
  readonly tone: Tone;
  readonly words: string;
  readonly hover: string;
}

/** The chip `as of 14:02:31 · 27 sites live`. */
export function asOfChip(fresh: Freshness, fleet: Fleet | undefined): ChipWords {
  if (fresh.asOfMs === undefined || fleet === undefined) {
    return { tone: 'plain', words: 'no data yet', hover: 'Nothing has been loaded yet' };
  }
  if (fresh.stale) {
    const words = `as of ${formatClock(fresh.asOfMs)} · ${formatDuration(fresh.ageMs)} old`;
    return { tone: 'warn', words, hover: 'No news from the hub since then' };
  }
  const { tone, words } = liveWords(fleet.gateways);
  return {
    tone,
    words: `as of ${formatClock(fresh.asOfMs)} · ${words}`,
    hover: 'Everything on this page was true at this time, except for sites that are behind',
  };
}

/** How the stream stands, in a word. */
export function streamChip(state: StreamState): ChipWords | undefined {
  if (state === 'live') return undefined;
  return state === 'connecting'
    ? { tone: 'plain', words: 'connecting', hover: 'Waiting for live updates from the hub' }
    : { tone: 'bad', words: 'reconnecting', hover: 'Live updates are cut; trying again' };
}
