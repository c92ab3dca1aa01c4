import { html, type TemplateResult } from 'lit';
import { countOf, formatBytes, formatCount } from '../../format/numbers.ts';
import { formatMinute, formatSkew } from '../../format/times.ts';
import { status, unknown } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import {
  deviceWords,
  gatewayWords,
  guaranteeWords,
  lineFaultWords,
  type DeviceLine,
  type GatewayLine,
  type StateWords,
} from './fleet-model.ts';
import { zoneWords } from './zone-words.ts';

/** A name, its value, and what the value means where that is not plain. */
export interface Fact {
  readonly name: string;
  readonly value: TemplateResult | string;
  readonly note?: string;
}

const silence = 'its gateway has not said';

/** Everything that is known of a gateway, whatever the width of the table. */
export function gatewayFacts(line: GatewayLine, nowMs: number): readonly Fact[] {
  const known = <T>(value: T | null, format: (value: T) => TemplateResult | string) =>
    value === null ? unknown(silence) : format(value);
  const ago = (atMs: number) => timeAgo(atMs, nowMs);
  const { devices, devicesSilent, devicesUncovered } = line;
  return [
    { name: 'State', ...stated(gatewayWords(line, nowMs), line.stateReason) },
    { name: 'Last heard', value: known(line.lastHeardAt, ago) },
    { name: 'Backlog', value: known(line.backlogEvents, (n) => `${countOf(n, 'event')} waiting`) },
    { name: 'Reads per minute', value: known(line.readsPerMinute, formatCount) },
    {
      name: 'Clock',
      value: known(line.clockSkewMs, formatSkew),
      note: 'gateway minus hub',
    },
    { name: 'Room left', value: known(line.roomBytes, formatBytes) },
    { name: 'Quarantined', value: known(line.quarantined, formatCount), note: 'at the gateway' },
    { name: 'Put aside', value: formatCount(line.quarantinedAtHub), note: 'at the hub' },
    {
      name: 'Devices',
      value: formatCount(devices),
      note: `${formatCount(devicesSilent)} silent, ${formatCount(devicesUncovered)} not covered`,
    },
    { name: 'First heard', value: known(line.firstSeenAt, ago) },
    { name: 'Running since', value: known(line.startedAt, ago) },
    { name: 'Version', value: known(line.version, (version) => version) },
    {
      name: 'On record',
      value: `event ${formatCount(line.committedSeq)}`,
      note: line.epoch === null ? 'no journal yet' : `of journal ${line.epoch}`,
    },
  ];
}

/** Everything that is known of a device. What grows old with a silent gateway says as of when. */
export function deviceFacts(line: DeviceLine, nowMs: number): readonly Fact[] {
  const asOf = line.gatewayAway ? { note: `as of ${formatMinute(line.factsAt, nowMs)}` } : {};
  const lineFaults = lineFaultWords(line);
  return [
    { name: 'State', ...stated(deviceWords(line, nowMs)) },
    {
      name: 'Last heard',
      value:
        line.lastHeardAt === undefined ? unknown('never heard') : timeAgo(line.lastHeardAt, nowMs),
    },
    { name: 'Reads per minute', value: formatCount(line.readsPerMinute), ...asOf },
    {
      name: 'Clock',
      value:
        line.clockSkewMs === undefined
          ? unknown('no time of its own')
          : formatSkew(line.clockSkewMs),
      note: line.clockSkewMs === undefined ? 'it tells no time' : 'device minus gateway',
    },
    { name: 'Quarantined', value: formatCount(line.quarantined), ...asOf },
    { name: 'Guarantee', ...stated(guaranteeWords(line)) },
    zoneFact(line),
    { name: 'Profile', value: line.profile },
    { name: 'Gateway', value: line.gateway, note: line.site },
    ...(lineFaults === undefined ? [] : [{ name: 'Connection', ...stated(lineFaults) }]),
    ...(line.faults ?? []).map(({ code, sinceMs, subject, text }) => ({
      name: 'Fault',
      value: html`${status('warn', code)} ${timeAgo(sinceMs, nowMs)}`,
      note: subject === undefined ? text : `${subject}: ${text}`,
    })),
  ];
}

function zoneFact(line: DeviceLine): Fact {
  const { isKnown, whole, words } = zoneWords(line);
  if (!isKnown) return { name: 'Zone', value: words, note: whole };
  const isOne = (line.zones ?? []).length < 2;
  return isOne
    ? { name: 'Zone', value: whole }
    : { name: 'Zones', value: whole, note: 'its own, and of its antennas and sensors' };
}

function stated({ hover, tone, words }: StateWords, reason?: string | null): Omit<Fact, 'name'> {
  const note = reason ?? hover;
  return { value: status(tone, words), ...(note !== '' && { note }) };
}
