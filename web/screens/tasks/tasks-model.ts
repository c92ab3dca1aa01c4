import type { Fleet } from '#contracts/api/fleet-api.ts';
import type { SiteTask, TasksPage } from '#contracts/api/tasks-api.ts';
import { countOf } from '../../format/numbers.ts';
import { taskReasonWords } from '../../format/task-reasons.ts';
import { formatMinute } from '../../format/times.ts';
import type { Tone } from '../../ui/shapes.ts';

/** A task as the grid shows it. */
export interface TaskLine extends SiteTask {
  readonly key: string;
}

const words: Readonly<Record<SiteTask['task'], string>> = {
  identify: 'Identify',
  'verify-movement': 'Verify movement',
  recount: 'Count',
  'inspect-counter': 'Inspect counter',
  reconcile: 'Reconcile',
  'verify-containment': 'Verify unit',
  'resolve-difference': 'Resolve difference',
  'approve-variance': 'Approve variance',
  'review-act': 'Review act',
  'verify-transfer': 'Verify transfer',
};

export function taskLines({ tasks }: Pick<TasksPage, 'tasks'>): readonly TaskLine[] {
  return tasks.map((task) => ({ ...task, key: `${task.gateway}/${task.epoch}/${task.id}` }));
}

export function taskWords({ task }: Pick<SiteTask, 'task'>): string {
  return words[task];
}

/** What stands in doubt because of a person comes before what stock is in doubt. */
export function taskTone({ task }: Pick<SiteTask, 'task'>): Tone {
  return task === 'review-act' || task === 'approve-variance' ? 'bad' : 'warn';
}

/** What it is about, in the words of the site. */
export function subjectWords({ document, flagged, item, unit, zone }: SiteTask): string {
  if (flagged !== null) return `${flagged.type} by ${flagged.personName ?? flagged.person}`;
  return [zone, item, unit, document].filter((part) => part !== null).join(' · ') || '–';
}

/** Why, with the times of an act whose person had no rights any more. */
export function reasonWords({ flagged, reason }: SiteTask, nowMs: number): string {
  if (flagged === null) return taskReasonWords(reason);
  const at = (ms: number) => formatMinute(ms, nowMs);
  return `done ${at(flagged.actedAt)}, rights had ended ${at(flagged.revokedAt)}`;
}

/** How much there is to do, and where. */
export function tasksWords({ tasks, total }: TasksPage): string {
  if (total === 0) return 'nothing is open';
  const sites = new Set(tasks.map(({ site }) => site)).size;
  const open = `${countOf(total, 'task')} open at ${countOf(sites, 'site')}`;
  return total > tasks.length ? `${open}; the oldest ${tasks.length} are shown` : open;
}

/** Boxes that were replaced, with what nobody knows of them. */
export function replacedWords(
  fleet: Pick<Fleet, 'gateways'> | undefined,
  nowMs: number,
): readonly { readonly gateway: string; readonly heading: string; readonly advice: string }[] {
  return (fleet?.gateways ?? []).flatMap(({ gateway, replaced, site }) => {
    if (replaced === undefined) return [];
    const { begun, openRecounts, uncertainFrom, uncertainTo } = replaced;
    const from = formatMinute(uncertainFrom, nowMs);
    const heading = `${site}: the box of ${gateway} was replaced. What happened from ${from} to ${formatMinute(uncertainTo, nowMs)} is unknown.`;
    const advice = begun
      ? `${countOf(openRecounts, 'zone')} still to be counted.`
      : 'The new box has not begun yet: start it.';
    return [{ gateway, heading, advice }];
  });
}
