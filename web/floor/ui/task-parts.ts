import type { FloorTask } from '#contracts/api/floor-api.ts';
import { html, type TemplateResult } from 'lit';
import { timeAgo } from '../../ui/time-text.ts';
import { taskAbout, taskName, taskReason } from '../words/task-words.ts';

/** What a task asks for, why, about what, since when. */
export function taskHead(task: FloorTask, nowMs: number): TemplateResult {
  return html`<div class="line">
      <span class="name">${taskName(task)}</span>
      <span class="note">${timeAgo(task.openedAtMs, nowMs)}</span>
    </div>
    <div>${taskReason(task)}</div>
    <div class="note">${taskAbout(task)}</div>`;
}
