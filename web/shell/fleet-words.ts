import type { GatewayRow } from '#contracts/api/fleet-api.ts';
import { countOf, formatCount } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import type { ChipWords } from './live-status.ts';

/**
 * How many are live, in the largest unit that is true: sites, unless a site is so in part. Nothing
 * live is said of gateways, because "no site" would be wrong beside one that has a live gateway.
 */
export function liveWords(gateways: readonly GatewayRow[]): Pick<ChipWords, 'tone' | 'words'> {
  const live = gateways.filter(({ state }) => state === 'live');
  const others = gateways.filter(({ state }) => state !== 'live');
  const sites = sitesOf(gateways);
  if (gateways.length === 0) return { tone: 'plain', words: 'no gateway yet' };
  if (others.length === 0) return { tone: 'ok', words: `${countOf(sites.size, 'site')} live` };
  if (live.length === 0) {
    const draining = others.filter(({ state }) => state === 'draining').length;
    return draining === 0
      ? { tone: 'warn', words: 'no gateway live' }
      : { tone: 'draining', words: `${countOf(draining, 'gateway')} catching up` };
  }
  const liveSites = sitesOf(live);
  const parted = [...sitesOf(others)].some((site) => liveSites.has(site));
  const of = parted
    ? `${formatCount(live.length)} of ${countOf(gateways.length, 'gateway')}`
    : `${formatCount(liveSites.size)} of ${countOf(sites.size, 'site')}`;
  return { tone: 'ok', words: `${of} live` };
}

type Trouble = Exclude<GatewayRow['state'], 'live'>;

/** What has to be looked at first comes first; the first two wait for a person. */
const severity: Record<Trouble, number> = {
  halted: 0,
  stuck: 1,
  silent: 2,
  'never-seen': 3,
  draining: 4,
};
const nameOfState: Record<Trouble, string> = {
  halted: 'halted',
  stuck: 'stuck',
  silent: 'silent',
  'never-seen': 'never seen',
  draining: 'behind',
};

interface TroubledRow {
  readonly row: GatewayRow;
  readonly state: Trouble;
}

/**
 * The chip for what is not live; undefined where all is. It is bad, not a warning, while a lane waits
 * for a person, and says so before anything that mends itself.
 */
export function behindChip(gateways: readonly GatewayRow[], nowMs: number): ChipWords | undefined {
  const troubled = gateways
    .flatMap((row): TroubledRow[] => (row.state === 'live' ? [] : [{ row, state: row.state }]))
    .sort((a, b) => severity[a.state] - severity[b.state]);
  const [first] = troubled;
  if (first === undefined) return undefined;
  const said = ({ row }: TroubledRow) => `${nameOf(row, gateways)} ${behindWords(row, nowMs)}`;
  const hover = troubled
    .map(({ row }) => `${nameOf(row, gateways)}: ${behindWords(row, nowMs)}`)
    .join('\n');
  const waiting = troubled.filter(({ state }) => state === 'halted' || state === 'stuck');
  const tone = waiting.length === 0 ? 'warn' : 'bad';
  const groups = [waiting, troubled.slice(waiting.length)].filter((group) => group.length > 0);
  const words = groups.map((group) => {
    const [only] = group;
    // Beside a group that waits for a person, a count will do for the rest.
    if (only !== undefined && group.length === 1 && only === first) return said(only);
    return `${countOfGroup(group, gateways)} ${stateOfGroup(group)}`;
  });
  return { tone, words: words.join(' · '), hover };
}

/** Sites where a group has all their gateways, else gateways. */
function countOfGroup(group: readonly TroubledRow[], gateways: readonly GatewayRow[]): string {
  const sites = sitesOf(group.map(({ row }) => row));
  const whole = gateways.filter(({ site }) => sites.has(site)).length === group.length;
  return whole ? countOf(sites.size, 'site') : countOf(group.length, 'gateway');
}

function stateOfGroup(group: readonly TroubledRow[]): string {
  const states = new Set(group.map(({ state }) => state));
  const [only] = states;
  if (only !== undefined && states.size === 1) return nameOfState[only];
  return states.has('halted') || states.has('stuck') ? 'halted or stuck' : 'behind';
}

/** A gateway that is alone at its site goes by the site's name. */
function nameOf({ site, gateway }: GatewayRow, gateways: readonly GatewayRow[]): string {
  return gateways.filter((other) => other.site === site).length === 1 ? site : gateway;
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

function sitesOf(gateways: readonly GatewayRow[]): ReadonlySet<string> {
  return new Set(gateways.map(({ site }) => site));
}
