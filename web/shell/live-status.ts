import type { Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';
import type { ConsoleParts } from '../console-parts.ts';
import type { StreamState } from '../data/hub-stream.ts';
import { countOf } from '../format/numbers.ts';
import { formatClock, formatDuration } from '../format/times.ts';
import type { Tone } from '../ui/shapes.ts';

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
  const live = liveSites(fleet.gateways);
  const sites = live === 0 ? 'no site live' : `${countOf(live, 'site')} live`;
  if (fresh.stale) {
    const words = `as of ${formatClock(fresh.asOfMs)} · ${formatDuration(fresh.ageMs)} old`;
    return { tone: 'warn', words, hover: 'No news from the hub since then' };
  }
  return {
    tone: live === 0 ? 'warn' : 'ok',
    words: `as of ${formatClock(fresh.asOfMs)} · ${sites}`,
    hover: 'Everything on this page was true at this time, except for sites that are behind',
  };
}

/** A site is live when all its gateways are. */
function liveSites(gateways: readonly GatewayRow[]): number {
  const all = new Set(gateways.map(({ site }) => site));
  for (const { site, state } of gateways) if (state !== 'live') all.delete(site);
  return all.size;
}

/** The warning chip for what is behind; undefined where nothing is. */
export function behindChip(gateways: readonly GatewayRow[], nowMs: number): ChipWords | undefined {
  const behind = gateways.filter(({ state }) => state !== 'live');
  const [first] = behind;
  if (first === undefined) return undefined;
  const hover = behind.map((each) => `${each.site}: ${behindWords(each, nowMs)}`).join('\n');
  if (behind.length > 1) {
    const sites = new Set(behind.map(({ site }) => site)).size;
    return { tone: 'warn', words: `${countOf(sites, 'site')} behind`, hover };
  }
  return { tone: 'warn', words: `${first.site} ${behindWords(first, nowMs)}`, hover };
}

/** `1 204 events waiting`, `silent for 41 min`, `never seen`. */
function behindWords(gateway: GatewayRow, nowMs: number): string {
  switch (gateway.state) {
    case 'never-seen':
      return 'never seen';
    case 'halted':
      return 'halted';
    case 'stuck':
      return 'stuck at the hub';
    case 'silent':
      return gateway.lastHeardAt === null
        ? 'silent'
        : `silent for ${formatDuration(nowMs - gateway.lastHeardAt)}`;
    case 'draining':
    case 'live':
      return gateway.backlogEvents === null
        ? 'behind'
        : `${countOf(gateway.backlogEvents, 'event')} waiting`;
  }
}

/** How the stream stands, in a word. */
export function streamChip(state: StreamState): ChipWords | undefined {
  if (state === 'live') return undefined;
  return state === 'connecting'
    ? { tone: 'plain', words: 'connecting', hover: 'Waiting for live updates from the hub' }
    : { tone: 'bad', words: 'reconnecting', hover: 'Live updates are cut; trying again' };
}
