import { html, type TemplateResult } from 'lit';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { heardCell, stateCell, unknownCell } from './fleet-cells.ts';
import { standingWords, versionWords, type ConfigLine } from './config-model.ts';

const narrow = 560;

export function configColumns(nowMs: number): readonly GridColumn<ConfigLine>[] {
  const state = (line: ConfigLine) => stateCell(standingWords(line, nowMs));
  return [
    column('gateway', 'Gateway', '120px', 0, nameCell, { grow: 1 }),
    column('standing', 'Configuration', '200px', 0, (line) => narrowCell(line, nowMs), {
      below: narrow,
    }),
    column('standing', 'Configuration', '128px', narrow, state),
    column('inForceVersion', 'In force', '116px', narrow, inForceCell, {
      hover: 'The version of the hub whose content is in force at the gateway',
    }),
    column('wantedVersion', 'Wanted', '100px', narrow, wantedCell, {
      hover: 'The version that it was last given',
    }),
    column('appliedAt', 'Since', '96px', 720, (line) => sinceCell(line, nowMs)),
    column('heardAt', 'Last asked', '98px', 820, (line) => heardCell(line.heardAt, nowMs), {
      hover: 'When it last asked the hub for what is new',
    }),
    column('refused', 'Last refusal', '240px', 900, refusalCell, { grow: 2 }),
  ];
}

/** Hatched: what a gateway has never said. */
export function configCellParts(line: ConfigLine, columnKey: string): string {
  const hatched =
    (columnKey === 'inForceVersion' && line.owner === null) ||
    (columnKey === 'appliedAt' && line.appliedAt === null) ||
    (columnKey === 'heardAt' && line.heardAt === null);
  return hatched ? 'hatched' : '';
}

function nameCell(line: ConfigLine): TemplateResult {
  return html`<span class="two"
    ><span class="strong">${line.gateway}</span><span class="sub">${line.site}</span></span
  >`;
}

function narrowCell(line: ConfigLine, nowMs: number): TemplateResult {
  return html`<span class="two"
    >${stateCell(standingWords(line, nowMs))}<span class="sub"
      >${versionWords(line.inForceVersion)} in force</span
    >${
      line.wantedVersion === null || line.wantedVersion === line.inForceVersion
        ? ''
        : html`<span class="sub">${versionWords(line.wantedVersion)} wanted</span>`
    }</span
  >`;
}

function inForceCell(line: ConfigLine): TemplateResult | string {
  if (line.owner === null) return unknownCell('it has not said');
  if (line.inForceVersion !== null) return versionWords(line.inForceVersion);
  return html`<span class="muted">${line.owner === 'file' ? 'its file' : 'another'}</span>`;
}

function wantedCell(line: ConfigLine): TemplateResult | string {
  if (line.wantedVersion !== null) return versionWords(line.wantedVersion);
  return html`<span class="muted" title="It was never given a version">–</span>`;
}

function sinceCell(line: ConfigLine, nowMs: number): TemplateResult {
  return line.appliedAt === null ? unknownCell('it has not said') : timeAgo(line.appliedAt, nowMs);
}

function refusalCell({ refused }: ConfigLine): TemplateResult {
  if (refused === null) return html`<span class="muted">none</span>`;
  return html`<span title=${refused.text}>${refused.text}</span>`;
}
