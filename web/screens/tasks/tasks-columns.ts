import { html, type TemplateResult } from 'lit';
import { formatAbsolute, formatAgo } from '../../format/times.ts';
import { column, type GridColumn } from '../../ui/grid-column.ts';
import { status } from '../../ui/status.ts';
import { reasonWords, subjectWords, taskTone, taskWords, type TaskLine } from './tasks-model.ts';

const narrow = 640;

export function taskColumns(nowMs: number): readonly GridColumn<TaskLine>[] {
  const why = (line: TaskLine) => reasonWords(line, nowMs);
  const opened = ({ openedAt }: TaskLine) =>
    html`<span title=${formatAbsolute(openedAt)}>${formatAgo(openedAt, nowMs)}</span>`;
  const about = (line: TaskLine) =>
    html`<span class="two"
      ><span class="strong">${subjectWords(line)}</span>
      <span class="sub">${line.site} · ${line.gateway}</span>
      <span class="sub wrap">${why(line)}</span></span
    >`;
  return [
    column('task', 'Task', '164px', 0, taskCell, { grow: 0 }),
    column('about', 'About', '180px', 0, about, { below: narrow }),
    column('site', 'Site', '110px', narrow, ({ site }) => site),
    column('gateway', 'Gateway', '120px', 900, ({ gateway }) => gateway),
    column('subject', 'About', '180px', narrow, subjectWords, { grow: 2 }),
    column(
      'why',
      'Why',
      '260px',
      760,
      (line) => html`<span title=${why(line)}>${why(line)}</span>`,
      {
        grow: 3,
      },
    ),
    column('opened', 'Opened', '120px', narrow, opened, { grow: 0 }),
  ];
}

function taskCell(line: TaskLine): TemplateResult {
  return status(taskTone(line), taskWords(line));
}
