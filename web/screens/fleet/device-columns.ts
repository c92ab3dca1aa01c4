import { html, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { heardCell, skewCell, stateCell, unknownCell } from './fleet-cells.ts';
import { deviceWords, guaranteeWords, lineFaultWords, type DeviceLine } from './fleet-model.ts';

const narrow = 560;

export function deviceColumns(nowMs: number): readonly GridColumn<DeviceLine>[] {
  const sortable = { sortable: true } as const;
  const end = { sortable: true, align: 'end' } as const;
  const state = (line: DeviceLine) => {
    const said = stateCell(deviceWords(line, nowMs));
    const faults = lineFaultWords(line);
    return faults === undefined ? said : html`<span class="two">${said}${stateCell(faults)}</span>`;
  };
  const heard = (line: DeviceLine) => heardCell(line.lastHeardAt ?? null, nowMs);
  const both = (line: DeviceLine) =>
    html`<span class="two"
      >${state(line)}${guaranteeCell(line)}<span class="sub">last heard ${heard(line)}</span></span
    >`;
  return [
    column('device', 'Device', '140px', 0, facts, { ...sortable, below: narrow }),
    column('device', 'Device', '120px', narrow, nameCell, { ...sortable, grow: 2 }),
    column('gateway', 'Gateway', '96px', 640, (line) => line.gateway, sortable),
    column('profile', 'Profile', '112px', narrow, (line) => line.profile, sortable),
    column('zone', 'Zone', '104px', 700, zoneCell, sortable),
    column('state', 'State', '196px', 0, both, { ...sortable, below: narrow }),
    column('state', 'State', '178px', narrow, state, sortable),
    column('lastHeardAt', 'Last heard', '98px', 760, heard, sortable),
    column('readsPerMinute', 'Reads/min', '96px', 860, readsCell, end),
    column('clockSkewMs', 'Clock', '100px', 960, (line) => skewCell(line.clockSkewMs ?? null), {
      align: 'end',
      hover: 'Device minus gateway, where the device tells a time',
    }),
    column('guarantee', 'Guarantee', '184px', 640, guaranteeCell, {
      ...sortable,
      hover: 'Whether what it sends is inside the no-loss guarantee',
    }),
    column('quarantined', 'Quarantined', '104px', 1040, quarantinedCell, {
      ...end,
      hover: 'Messages that could not be read, kept at the gateway',
    }),
  ];
}

const goesStale = ['readsPerMinute', 'quarantined', 'clockSkewMs'];

/** Hatched: what a device never told, and what is as old as its gateway's last word. */
export function deviceCellParts(line: DeviceLine, columnKey: string): string {
  if (line.gatewayAway && goesStale.includes(columnKey)) return 'hatched';
  if (columnKey === 'lastHeardAt' && line.lastHeardAt === undefined) return 'hatched';
  return columnKey === 'clockSkewMs' && line.clockSkewMs === undefined ? 'hatched' : '';
}

function nameCell(line: DeviceLine): TemplateResult {
  return html`<span class="strong">${line.device}</span>`;
}

function guaranteeCell(line: DeviceLine): TemplateResult {
  return stateCell(guaranteeWords(line));
}

function zoneCell(line: DeviceLine): TemplateResult | string {
  return (
    line.zone ??
    html`<span class="muted" title="No zone of its own; its antennas may have some"
      >several or none</span
    >`
  );
}

function readsCell(line: DeviceLine): TemplateResult | string {
  return line.gatewayAway ? unknownCell('its gateway is away') : formatCount(line.readsPerMinute);
}

function quarantinedCell(line: DeviceLine): TemplateResult | string {
  if (line.gatewayAway) return unknownCell('its gateway is away');
  return line.quarantined === 0
    ? '0'
    : html`<span class="strong">${formatCount(line.quarantined)}</span>`;
}

function facts(line: DeviceLine): TemplateResult {
  const reads = line.gatewayAway ? '' : ` · ${formatCount(line.readsPerMinute)} reads/min`;
  return html`<span class="two"
    ><span class="strong">${line.device}</span
    ><span class="sub">${line.gateway} · ${line.profile}</span
    ><span class="sub">${line.zone ?? 'several zones or none'}${reads}</span></span
  >`;
}
