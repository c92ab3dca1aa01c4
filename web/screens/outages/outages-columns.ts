import { html, type TemplateResult } from 'lit';
import { formatCount } from '../../format/numbers.ts';
import { formatAbsolute, formatDuration } from '../../format/times.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { status } from '../../ui/status.ts';
import {
  causeWords,
  keptApplies,
  periodWords,
  reconciledWords,
  type OutageLine,
} from './outages-model.ts';

const narrow = 640;
type CountKey = 'kept' | 'replayed' | 'lost';

export function outageColumns(nowMs: number): readonly GridColumn<OutageLine>[] {
  const count = (key: CountKey, header: string, from: number, hover: string) =>
    column<OutageLine>(key, header, '96px', from, (line) => countCell(line, key), {
      grow: 0,
      align: 'end',
      hover,
    });
  const lasted = (line: OutageLine) => formatDuration((line.endedAt ?? nowMs) - line.startedAt);
  return [
    ...narrowColumns(nowMs),
    column('incident', 'Incident', '172px', narrow, incidentCell, { grow: 2 }),
    column('period', 'From – to', '170px', narrow, (line) => periodCell(line, nowMs)),
    column('lasted', 'Lasted', '92px', 1040, lasted, { grow: 0, align: 'end' }),
    count('kept', 'Kept', 760, 'Events that the site kept meanwhile'),
    count('replayed', 'Replayed', 860, 'Of these, committed by the hub since'),
    count('lost', 'Lost', narrow, 'Of those kept, missing at the hub after all'),
    column('reconciled', 'Reconciled', '206px', narrow, reconciledCell),
    column('cause', 'Cause', '160px', 940, causeCell, { grow: 2 }),
  ];
}

/** On a small screen two columns of a few lines each. */
function narrowColumns(nowMs: number): readonly GridColumn<OutageLine>[] {
  const what = (line: OutageLine) =>
    html`<span class="two"
      ><span class="strong">${line.incident}</span>
      <span class="sub">${periodWords(line, nowMs)}</span>
      <span class="sub wrap">${causeWords(line)}</span></span
    >`;
  const became = (line: OutageLine) =>
    html`<span class="two"
      >${reconciledCell(line)}<span class="sub"
        >lost: ${line.lost === null ? 'unknown' : formatCount(line.lost)}</span
      ></span
    >`;
  return [
    column('incident', 'Incident', '180px', 0, what, { below: narrow }),
    column('reconciled', 'Reconciled', '150px', 0, became, { grow: 0, below: narrow }),
  ];
}

function incidentCell(line: OutageLine): TemplateResult {
  return html`<span class="strong">${line.incident}</span>`;
}

function causeCell(line: OutageLine): TemplateResult {
  return html`<span title=${line.cause}>${causeWords(line)}</span>`;
}

/** A count that nobody knows is hatched, never zero. */
export function outageCellParts(line: OutageLine, columnKey: string): string {
  if (columnKey === 'kept' || columnKey === 'replayed') {
    return line[columnKey] === null && keptApplies(line) ? 'hatched' : '';
  }
  return columnKey === 'lost' && line.lost === null ? 'hatched' : '';
}

function countCell(line: OutageLine, key: CountKey): TemplateResult | string {
  const value = line[key];
  if (value === null) {
    if (key !== 'lost' && !keptApplies(line)) {
      return html`<span class="muted" title="Does not apply: nothing was running to keep it"
        >–</span
      >`;
    }
    return html`<span class="visually-hidden">unknown</span>`;
  }
  const bad = value > 0 && key === 'lost';
  return bad ? html`<span class="negative">${formatCount(value)}</span>` : formatCount(value);
}

function periodCell(line: OutageLine, nowMs: number): TemplateResult {
  const lengthMs = (line.endedAt ?? nowMs) - line.startedAt;
  const to = line.endedAt === null ? 'still open' : `to ${formatAbsolute(line.endedAt)}`;
  const hover = `from ${formatAbsolute(line.startedAt)}\n${to}\n${formatDuration(lengthMs)}`;
  return html`<span title=${hover}>${periodWords(line, nowMs)}</span>`;
}

function reconciledCell(line: OutageLine): TemplateResult {
  const { tone, words, hover } = reconciledWords(line);
  return status(tone, words, hover);
}
