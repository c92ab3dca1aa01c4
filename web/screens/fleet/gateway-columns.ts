import { html, type TemplateResult } from 'lit';
import { countOf, formatBytes, formatCount } from '../../format/numbers.ts';
import { formatAbsolute } from '../../format/times.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { heardCell, knownCell, skewCell, stateCell } from './fleet-cells.ts';
import { gatewayWords, type GatewayLine } from './fleet-model.ts';

const narrow = 560;

export function gatewayColumns(nowMs: number): readonly GridColumn<GatewayLine>[] {
  const end = { align: 'end' } as const;
  const count = (
    key: 'backlogEvents' | 'readsPerMinute',
    header: string,
    width: string,
    from: number,
    hover: string,
  ) =>
    column<GatewayLine>(key, header, width, from, (line) => knownCell(line[key], formatCount), {
      align: 'end',
      hover,
    });
  return [
    column('gateway', 'Gateway', '108px', 0, nameCell, { grow: 2 }),
    column('state', 'State', '210px', 0, (line) => narrowState(line, nowMs), { below: narrow }),
    column('state', 'State', '160px', narrow, (line) => gatewayState(line, nowMs), { grow: 3 }),
    column('lastHeardAt', 'Last heard', '98px', narrow, (line) =>
      heardCell(line.lastHeardAt, nowMs),
    ),
    count('backlogEvents', 'Backlog', '78px', 640, 'Events that wait at the site for the hub'),
    count('readsPerMinute', 'Reads/min', '90px', 720, 'Readings of all its devices'),
    column('clockSkewMs', 'Clock', '80px', 800, (line) => skewCell(line.clockSkewMs), {
      ...end,
      hover: 'Gateway minus hub',
    }),
    column('roomBytes', 'Room left', '86px', 860, roomCell, {
      ...end,
      hover: 'Disk space left for events while the hub is away',
    }),
    column('quarantined', 'Quarantined', '98px', 860, quarantinedCell, {
      ...end,
      hover: 'Messages that the gateway could not read, and what the hub could not take of it',
    }),
    column('devices', 'Devices', '118px', narrow, devicesCell, {
      hover: 'All, of them silent, of them outside the guarantee',
    }),
  ];
}

/** Cells of which nobody knows the value are hatched as a whole. */
export function gatewayCellParts(line: GatewayLine, columnKey: string): string {
  const value: unknown = line[columnKey as keyof GatewayLine];
  return value === null ? 'hatched' : '';
}

function roomCell(line: GatewayLine): TemplateResult | string {
  return knownCell(line.roomBytes, formatBytes);
}

function quarantinedCell(line: GatewayLine): TemplateResult | string {
  const own = knownCell(line.quarantined, formatCount);
  if (line.quarantinedAtHub === 0) return own;
  return html`<span class="two"
    ><span>${own}</span><span class="sub">${formatCount(line.quarantinedAtHub)} at hub</span></span
  >`;
}

function nameCell(line: GatewayLine): TemplateResult {
  const version = line.version === null ? 'version unknown' : `version ${line.version}`;
  const started =
    line.startedAt === null ? '' : `, running since ${formatAbsolute(line.startedAt)}`;
  return html`<span class="two" title="${version}${started}"
    ><span class="strong">${line.gateway}</span><span class="sub">${line.site}</span></span
  >`;
}

function gatewayState(line: GatewayLine, nowMs: number): TemplateResult {
  const reason = line.state === 'live' ? null : line.stateReason;
  if (reason === null) return stateCell(gatewayWords(line, nowMs));
  return html`<span class="two"
    >${stateCell(gatewayWords(line, nowMs))}<span class="sub whole">${reason}</span></span
  >`;
}

function narrowState(line: GatewayLine, nowMs: number): TemplateResult {
  const waiting =
    line.backlogEvents === null ? 'backlog unknown' : `${formatCount(line.backlogEvents)} waiting`;
  const reads =
    line.readsPerMinute === null ? '' : ` · ${formatCount(line.readsPerMinute)} reads/min`;
  return html`<span class="two"
    >${gatewayState(line, nowMs)}<span class="sub">${waiting}${reads}</span
    ><span class="sub">${countOf(line.devices, 'device')}, ${line.devicesSilent} silent</span
    ><span class="sub">last heard ${heardCell(line.lastHeardAt, nowMs)}</span></span
  >`;
}

function devicesCell(line: GatewayLine): TemplateResult {
  const silent =
    line.devicesSilent > 0
      ? html` · <span class="negative">${formatCount(line.devicesSilent)} silent</span>`
      : '';
  const uncovered =
    line.devicesUncovered > 0 ? `${formatCount(line.devicesUncovered)} not covered` : 'all covered';
  return html`<span class="two"
    ><span>${formatCount(line.devices)}${silent}</span><span class="sub">${uncovered}</span></span
  >`;
}
