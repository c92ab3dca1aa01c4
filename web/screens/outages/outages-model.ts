import type { Fleet, GatewayRow } from '#contracts/api/fleet-api.ts';
import type { Outage } from '#contracts/api/outages-api.ts';
import type { GapReason } from '#contracts/kinds/plc-kinds.ts';
import { countOf, formatCount } from '../../format/numbers.ts';
import { formatDuration, formatMinute, formatMoment } from '../../format/times.ts';
import type { OutageList } from '../../data/outages-data.ts';
import { outageWindows, type OutageWindow } from '../../paths.ts';
import type { Tone } from '../../ui/shapes.ts';
import type { Band, BandTone, Lane, Span } from '../../ui/timeline-model.ts';

export interface OutageLine extends Outage {
  readonly key: string;
  readonly incident: string;
}

/** Cause of a stop that somebody asked for: nothing failed, and nobody listened meanwhile. */
const orderlyStop = 'orderly-stop';

/** More gateways than this, and only those with an incident get a lane. */
const lanesForAll = 8;

/** Incidents as the hub orders them: those that last, and then the last to end first. */
export function outageLines(outages: readonly Outage[]): readonly OutageLine[] {
  return outages.map((outage) => ({
    ...outage,
    key: outage.id,
    incident: incidentName(outage),
  }));
}

/**
 * Since when every incident is loaded: those that are not here ended before the last that is.
 * Undefined where all are here.
 */
export function completeFromMs({ outages, more }: OutageList, nowMs: number): number | undefined {
  const last = outages.at(-1);
  if (!more || last === undefined) return undefined;
  return last.state === 'closed' ? (last.endedAt ?? nowMs) : nowMs;
}

/** `lyon-1 · uplink`, `lyon-1 · dock-2`. */
function incidentName(outage: Outage): string {
  if (outage.type === 'device' || outage.type === 'gap') {
    return `${outage.gateway} · ${outage.device ?? 'device'}`;
  }
  return `${outage.gateway} · ${outage.type === 'intake' ? 'gateway' : outage.type}`;
}

/** What stands while nobody hears of a gateway can only be said afterwards. */
function isUnknown(outage: Outage): boolean {
  return outage.state === 'open' && outage.kept === null && isOfGateway(outage);
}

/** What stands on the lane of the uplink: a link that was cut, or a lane that the hub halted. */
function isOfUplink({ type }: Outage): boolean {
  return type === 'uplink' || type === 'lane';
}

function isOfGateway(outage: Outage): boolean {
  return outage.type === 'uplink' || outage.type === 'gateway';
}

/** The bands of one incident: what it was while it lasted, then the draining of what was kept. */
export function bandsOf(outage: Outage, nowMs: number): readonly Band[] {
  const id = outage.id;
  const endedMs = outage.endedAt ?? nowMs;
  const tone = toneOf(outage);
  const words = bandWords(outage, nowMs);
  const bands: Band[] = [{ id, fromMs: outage.startedAt, toMs: endedMs, tone, words }];
  if (outage.endedAt !== null && outage.type === 'uplink') {
    const toMs = outage.state === 'draining' ? nowMs : (outage.reconciledAt ?? outage.endedAt);
    if (toMs > endedMs) bands.push({ id, fromMs: endedMs, toMs, tone: 'draining', words: '' });
  }
  return bands;
}

function toneOf(outage: Outage): BandTone {
  if (isUnknown(outage) || outage.cause === orderlyStop) return 'unknown';
  return isOfUplink(outage) ? 'cut' : 'trouble';
}

function bandWords(outage: Outage, nowMs: number): string {
  const from = formatMinute(outage.startedAt, nowMs);
  if (isUnknown(outage)) return `silent since ${from}`;
  const to = outage.endedAt === null ? '' : formatMinute(outage.endedAt, nowMs);
  const time = to === from ? from : outage.endedAt === null ? `since ${from}` : `${from}–${to}`;
  const parts = [`${time} ${causeWords(outage)}`];
  if (outage.state === 'draining') parts.push(drainingWords(outage));
  else if (outage.kept !== null && outage.kept > 0) {
    parts.push(`${countOf(outage.kept, 'event')} kept`);
  }
  if (outage.lost !== null && outage.lost > 0) parts.push(lostWords(outage.lost));
  return parts.join(' · ');
}

function drainingWords(outage: Outage): string {
  const left = leftToReplay(outage);
  return left === null ? 'draining' : `draining, ${countOf(left, 'event')} left`;
}

function leftToReplay(outage: Outage): number | null {
  if (outage.kept === null || outage.replayed === null) return null;
  return Math.max(0, outage.kept - outage.replayed);
}

function lostWords(lost: number): string {
  return `${countOf(lost, 'event')} missing`;
}

/** What became of it, as shape, word and colour. */
export function reconciledWords(outage: Outage): { tone: Tone; words: string; hover: string } {
  if (isUnknown(outage)) {
    return { tone: 'bad', words: 'silent', hover: 'Nobody can say what it keeps until it is back' };
  }
  if (outage.state === 'halted') {
    const hover =
      'Gateway and hub hold different histories: nothing comes in until a person decides';
    return { tone: 'bad', words: 'halted: events kept', hover };
  }
  if (outage.state === 'draining') {
    return { tone: 'draining', words: drainingWords(outage), hover: 'The backlog is on its way' };
  }
  if (outage.state === 'open') {
    return outage.type === 'uplink'
      ? { tone: 'bad', words: 'cut: events kept', hover: 'The site goes on and keeps everything' }
      : { tone: 'warn', words: openWords[outage.type], hover: 'It lasts' };
  }
  if (outage.lost !== null && outage.lost > 0) {
    return { tone: 'bad', words: lostWords(outage.lost), hover: 'Kept, and not at the hub' };
  }
  return { ...closedWords(outage), hover: evidenceWords(outage) };
}

/** Where the end stands in the journal: behind that event are its signature and the chain. */
function evidenceWords({ endedBy, release }: Outage): string {
  if (release !== null) return `Let go on by ${release.by}: ${release.reason}`;
  return endedBy === null ? '' : `Told by event ${endedBy} of the signed journal`;
}

const openWords: Record<Outage['type'], string> = {
  uplink: 'cut: events kept',
  lane: 'halted: events kept',
  gateway: 'down',
  device: 'still silent',
  gap: 'samples missing',
  intake: 'intake held',
};

function closedWords({ type, lost }: Outage): { tone: Tone; words: string } {
  switch (type) {
    case 'gap':
      return { tone: 'info', words: 'gap recorded' };
    case 'device':
      return { tone: 'ok', words: 'heard again' };
    case 'intake':
      return { tone: 'ok', words: 'intake resumed' };
    case 'gateway':
      return { tone: 'ok', words: 'restarted' };
    case 'lane':
      return { tone: 'ok', words: 'released' };
    case 'uplink':
      return lost === 0
        ? { tone: 'ok', words: 'all committed' }
        : { tone: 'plain', words: 'committed, not compared' };
  }
}

/** What codes of events mean, said to people. */
const causes: Readonly<Record<GapReason | 'disk-full' | 'disk-error' | 'orderly-stop', string>> = {
  'bad-status': 'no good values',
  'gateway-down': 'gateway was down',
  'link-lost': 'no connection',
  overflow: 'a buffer ran over',
  'server-restart': 'PLC started anew',
  'disk-full': 'disk is full',
  'disk-error': 'disk failed',
  'orderly-stop': 'stopped in order',
};

/** The cause as people say it: `server-restart` is a word of the event, not of a sentence. */
export function causeWords({ cause, type }: Pick<Outage, 'cause' | 'type'>): string {
  if (type === 'lane') return `halted: ${cause}`;
  return causes[cause as keyof typeof causes] ?? cause.replaceAll('-', ' ');
}

/** `10:42:07 – 12:11:40`, open to the right while it lasts. */
export function periodWords(outage: Outage, nowMs: number): string {
  const from = formatMoment(outage.startedAt, nowMs);
  return outage.endedAt === null ? `${from} –` : `${from} – ${formatMoment(outage.endedAt, nowMs)}`;
}

/** A device keeps nothing at the gateway, nor does a gateway that is down: nothing applies there. */
export function keptApplies(outage: Outage): boolean {
  if (outage.type === 'gateway') return outage.state !== 'closed';
  return outage.type !== 'gap' && outage.type !== 'device';
}

/** The lanes of the timeline: each gateway's uplink, and whatever else had trouble. */
export function lanesOf(
  fleet: Fleet | undefined,
  lines: readonly OutageLine[],
  uplinksOnly: boolean,
  nowMs: number,
  completeFrom?: number,
): readonly Lane[] {
  const gateways = new Map((fleet?.gateways ?? []).map((row) => [row.gateway, row]));
  const names = new Set(lines.map(({ gateway }) => gateway));
  if (gateways.size <= lanesForAll) for (const name of gateways.keys()) names.add(name);
  return [...names]
    .sort((a, b) => siteAndName(a, gateways).localeCompare(siteAndName(b, gateways)))
    .flatMap((name) => {
      const own = lines.filter(({ gateway }) => gateway === name);
      const row = gateways.get(name);
      const lanes = [uplinkLane(name, row, own, nowMs, uplinksOnly)];
      if (uplinksOnly) return lanes.map((lane) => sinceKnown(lane, row, completeFrom));
      const others = Map.groupBy(
        own.filter((line) => !isOfUplink(line)),
        ({ incident }) => incident,
      );
      for (const [label, of] of others) lanes.push(troubleLane(label, of, nowMs));
      return lanes.map((lane) => sinceKnown(lane, row, completeFrom));
    });
}

/** Before the hub first heard of a gateway nobody can say what it did; nor here, what is not loaded. */
function sinceKnown(
  lane: Lane,
  row: GatewayRow | undefined,
  completeFrom: number | undefined,
): Lane {
  const toMs = Math.max(row?.firstSeenAt ?? 0, completeFrom ?? 0);
  if (toMs === 0) return lane;
  const before = { id: '', fromMs: 0, toMs, tone: 'unknown', words: '' } as const;
  return { ...lane, bands: [before, ...lane.bands] };
}

function siteAndName(name: string, gateways: ReadonlyMap<string, GatewayRow>): string {
  return `${gateways.get(name)?.site ?? ''} ${name}`;
}

/**
 * A link of a gateway that does not run is not known to be up; the gateway's own lane says why, or
 * this one where it stands alone.
 */
function uplinkLane(
  name: string,
  row: GatewayRow | undefined,
  lines: readonly OutageLine[],
  nowMs: number,
  alone: boolean,
): Lane {
  const ofUplink = lines.filter(isOfUplink);
  const bands = ofUplink.flatMap((line) => bandsOf(line, nowMs));
  for (const line of lines.filter(({ type }) => type === 'gateway')) {
    for (const band of bandsOf(line, nowMs)) {
      bands.push({ ...band, tone: 'unknown', words: alone ? band.words : '' });
    }
  }
  const open = ofUplink.some(({ state }) => state !== 'closed');
  // A gateway that is not heard of and has no incident yet: since it was last heard, nobody knows.
  if (row?.state === 'silent' && row.lastHeardAt !== null && !open) {
    const words = `silent since ${formatMinute(row.lastHeardAt, nowMs)}`;
    bands.push({ id: '', fromMs: row.lastHeardAt, toMs: nowMs, tone: 'unknown', words });
  }
  const known = row !== undefined && row.state !== 'never-seen';
  return {
    id: `${name}/uplink`,
    label: `${name} · uplink`,
    sub: row === undefined ? 'not in the fleet' : uplinkWords(row, nowMs),
    ground: known || lines.length > 0 ? 'live' : 'unknown',
    bands,
  };
}

function uplinkWords(row: GatewayRow, nowMs: number): string {
  switch (row.state) {
    case 'live':
      return row.lastHeardAt === null || row.backlogEvents !== 0
        ? 'live'
        : `committed to ${formatMoment(row.lastHeardAt, nowMs)}`;
    case 'draining':
      return row.backlogEvents === null
        ? 'draining'
        : `draining, ${formatCount(row.backlogEvents)} left`;
    case 'silent':
      return row.lastHeardAt === null
        ? 'silent'
        : `last heard ${formatDuration(nowMs - row.lastHeardAt)} ago`;
    case 'halted':
      return 'halted';
    case 'stuck':
      return 'stuck at the hub';
    case 'never-seen':
      return 'never seen';
  }
}

function troubleLane(label: string, lines: readonly OutageLine[], nowMs: number): Lane {
  const last = lines.find(({ state }) => state !== 'closed') ?? lines[0];
  return {
    id: label,
    label,
    sub: last === undefined ? '' : reconciledWords(last).words,
    ground: 'live',
    bands: lines.flatMap((line) => bandsOf(line, nowMs)),
  };
}

/** The subtitle: how many incidents, and which sites are shown. */
export function outagesWords(
  fleet: Fleet | undefined,
  lines: readonly OutageLine[],
  windowWords: string,
  more: boolean,
): string {
  const count = lines.length === 0 ? 'no incident' : countOf(lines.length, 'incident');
  const incidents = more ? `more than ${count}` : count;
  const open = lines.filter(({ state }) => state !== 'closed').length;
  const parts = [`last ${windowWords}`, open === 0 ? incidents : `${incidents}, ${open} open`];
  const all = new Set((fleet?.gateways ?? []).map(({ site }) => site)).size;
  if ((fleet?.gateways.length ?? 0) > lanesForAll) {
    const shown = new Set(lines.map(({ site }) => site)).size;
    parts.push(`${shown} of ${countOf(all, 'site')} shown: those with an incident`);
  }
  return parts.join(' · ');
}

/** The window that stands where nobody chose one: where the hub is older, what a shift sees. */
const usualWindow = '8h';

/**
 * The smallest window that holds the first contact with any gateway, so that a young hub does not
 * draw mostly what was before it.
 */
export function windowFor(fleet: Fleet | undefined, nowMs: number): OutageWindow {
  const seen = (fleet?.gateways ?? []).flatMap(({ firstSeenAt }) => firstSeenAt ?? []);
  if (seen.length === 0) return usualWindow;
  const sinceMs = nowMs - Math.min(...seen);
  const windows = Object.keys(outageWindows) as OutageWindow[];
  const younger = windows.filter((each) => outageWindows[each] <= outageWindows[usualWindow]);
  return younger.find((each) => outageWindows[each] >= sinceMs) ?? usualWindow;
}

/** The window that ends now. */
export function spanOf(windowMs: number, nowMs: number): Span {
  return { fromMs: nowMs - windowMs, toMs: nowMs };
}
