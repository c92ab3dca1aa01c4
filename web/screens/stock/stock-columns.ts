import { html, nothing, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { status } from '../../ui/status.ts';
import { timeAgo } from '../../ui/time-text.ts';
import { recordWords, statusTones, type StockLine } from './stock-model.ts';

const narrow = 560;

/** The stock grid's columns at a moment. */
export function stockColumns(nowMs: number): readonly GridColumn<StockLine>[] {
  const sortable = { sortable: true } as const;
  return [
    ...narrowColumns(nowMs),
    column('item', 'Item', '150px', narrow, itemCell, { ...sortable, grow: 2 }),
    column('site', 'Site', '92px', narrow, (line) => line.site, sortable),
    column('zone', 'Zone', '92px', narrow, (line) => line.zone, sortable),
    column('status', 'Status', '118px', narrow, statusCell, { ...sortable, grow: 0 }),
    column('owner', 'Owner', '76px', 1000, (line) => line.owner),
    column('lot', 'Lot', '90px', 930, lotCell),
    column('quantity', 'Quantity', '104px', narrow, quantityCell, {
      ...sortable,
      grow: 0,
      align: 'end',
      hover: 'In the base unit of the item',
    }),
    column('record', 'Record', '172px', 720, (line) => recordCell(line, nowMs), {
      grow: 0,
      hover: 'Whether every event of its gateway is in the figure',
    }),
    column('changedAt', 'Changed', '104px', 840, (line) => timeAgo(line.changedAt, nowMs), {
      ...sortable,
      grow: 0,
    }),
  ];
}

/** On a small screen two columns of a few lines each. */
function narrowColumns(nowMs: number): readonly GridColumn<StockLine>[] {
  const figure = (line: StockLine) =>
    html`<span class="two">${quantityCell(line)}${recordCell(line, nowMs)}</span>`;
  return [
    column('item', 'Item', '150px', 0, itemAndPlace, { sortable: true, below: narrow }),
    column('quantity', 'Quantity', '176px', 0, figure, {
      sortable: true,
      grow: 0,
      align: 'end',
      below: narrow,
    }),
  ];
}

/** A figure that nobody can vouch for is drawn on a hatched ground. */
export function stockCellParts(line: StockLine, columnKey: string): string {
  return columnKey === 'quantity' && line.record.state === 'unknown' ? 'hatched' : '';
}

function itemCell(line: StockLine): TemplateResult {
  return html`<span class="strong">${line.item}</span>`;
}

function itemAndPlace(line: StockLine): TemplateResult {
  return html`<span class="two"
    ><span class="strong">${line.item}</span
    ><span class="sub">${line.site} · ${line.zone}${line.lot === null ? '' : ` · ${line.lot}`}</span
    ><span><span class="visually-hidden">Status: </span>${statusCell(line)}</span></span
  >`;
}

function statusCell(line: StockLine): TemplateResult {
  return status(statusTones[line.status], line.status.replaceAll('-', ' '));
}

function lotCell(line: StockLine): TemplateResult {
  const unit =
    line.handlingUnit === null ? nothing : html` <span class="sub">${line.handlingUnit}</span>`;
  return html`${line.lot ?? html`<span class="muted">–</span>`}${unit}`;
}

function quantityCell(line: StockLine): TemplateResult {
  if (line.quantity >= 0) return html`${formatCount(line.quantity)}`;
  return html`<span
    class="negative"
    title="Below zero: more left than was known to be there. A discrepancy to look into."
    >▼ ${formatCount(line.quantity)}</span
  >`;
}

function recordCell(line: StockLine, nowMs: number): TemplateResult {
  const { tone, words, hover } = recordWords(line.record, nowMs);
  if (tone === 'ok') return html`<span class="sub" title=${hover}>${words}</span>`;
  return status(tone, words, hover);
}
