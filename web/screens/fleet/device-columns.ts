import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { heardCell, skewCell, stateCell, unknownCell } from './fleet-cells.ts';
import { deviceWords, guaranteeWords, lineFaultWords, type DeviceLine } from './fleet-model.ts';
import { zoneWords } from './zone-words.ts';

const narrow = 560;

/** Each is there from the width on at which all before it fit: nothing has to be scrolled aside. */
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
    column('gateway', 'Gateway', '96px', 600, (line) => line.gateway, sortable),
    column('profile', 'Profile', '112px', 820, (line) => line.profile, sortable),
    column('zone', 'Zone', '120px', 700, zoneCell, sortable),
    column('state', 'State', '196px', 0, both, { ...sortable, below: narrow }),
    column('state', 'State', '178px', narrow, state, sortable),
    column('lastHeardAt', 'Last heard', '98px', 910, heard, sortable),
    column('readsPerMinute', 'Reads/min', '92px', 1010, readsCell, end),
    column('clockSkewMs', 'Clock', '96px', 1100, (line) => skewCell(line.clockSkewMs ?? null), {
      align: 'end',
      hover: 'Device minus gateway, where the device tells a time',
    }),
    column('guarantee', 'Guarantee', '184px', narrow, guaranteeCell, {
      ...sortable,
      hover: 'Whether what it sends is inside the no-loss guarantee',
    }),
    column('quarantined', 'Quarantined', '104px', 1200, quarantinedCell, {
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

/** Names are cut where there is no room, the count of the others never. */
function zoneCell(line: DeviceLine): TemplateResult {
  const { isKnown, more, whole, words } = zoneWords(line);
  return html`<span class="cut ${isKnown ? '' : 'muted'}" title=${whole}
    ><span>${words}</span>${more === '' ? nothing : html`<span class="sub">${more}</span>`}</span
  >`;
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
  const { isKnown, more, words } = zoneWords(line);
  const zone = isKnown && more !== '' ? `${words} ${more}` : words;
  return html`<span class="two"
    ><span class="strong">${line.device}</span
    ><span class="sub">${line.gateway} · ${line.profile}</span
    ><span class="sub">${zone}${reads}</span></span
  >`;
}
